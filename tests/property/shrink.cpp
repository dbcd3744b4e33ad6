// Leaves out of a broken case what it can do without.
#include <algorithm>

#include "tests/property/play.hpp"

namespace penstock::property {
namespace {

bool breaks(const Case& one, const std::string& property) {
  const auto failure = play(one);
  return failure && failure->property == property;
}

// Parts of `size` steps, from the end: what came last is what the failure needs most.
bool drop_parts(Case& broken, const std::string& property, std::size_t size) {
  bool dropped = false;
  for (std::size_t end = broken.steps.size(); end > 0;) {
    const auto begin = end > size ? end - size : 0;
    auto smaller = broken;
    smaller.steps.erase(smaller.steps.begin() + static_cast<std::ptrdiff_t>(begin),
                        smaller.steps.begin() + static_cast<std::ptrdiff_t>(end));
    if (breaks(smaller, property)) {
      broken = std::move(smaller);
      dropped = true;
    }
    end = begin;
  }
  return dropped;
}

template <class Change>
bool try_policy(Case& broken, const std::string& property, std::size_t number, Change change) {
  auto smaller = broken;
  auto policy = std::make_shared<Policy>(*broken.policies[number]);
  if (!change(*policy)) return false;
  smaller.policies[number] = std::move(policy);
  if (!breaks(smaller, property)) return false;
  broken = std::move(smaller);
  return true;
}

template <class List>
bool erase_at(List& list, std::size_t place) {
  if (place >= list.size()) return false;
  list.erase(list.begin() + static_cast<std::ptrdiff_t>(place));
  return true;
}

bool simplify_policy(Case& broken, const std::string& property, std::size_t number) {
  bool simpler = false;
  const auto attempt = [&](auto change) { simpler = try_policy(broken, property, number, change) || simpler; };
  for (std::size_t n = 3; n-- > 0;) {
    attempt([n](Policy& policy) { return erase_at(policy.stages, n); });
    attempt([n](Policy& policy) { return erase_at(policy.approvals, n); });
    attempt([n](Policy& policy) { return erase_at(policy.deliveries, n); });
    attempt([n](Policy& policy) { return erase_at(policy.rollback.approvals, n); });
    for (std::size_t gate = 3; gate-- > 0;)
      attempt([n, gate](Policy& policy) {
        return n < policy.stages.size() && policy.stages[n].gates.size() > 1 && erase_at(policy.stages[n].gates, gate);
      });
  }
  for (std::size_t n = 0; n < broken.policies[number]->approvals.size(); ++n) {
    attempt([n](Policy& policy) { return std::exchange(policy.approvals[n].remind, std::nullopt).has_value(); });
    attempt([n](Policy& policy) { return std::exchange(policy.approvals[n].escalate, std::nullopt).has_value(); });
    attempt([n](Policy& policy) { return std::exchange(policy.approvals[n].count, 1) > 1; });
    for (std::size_t excluded = 3; excluded-- > 0;)
      attempt([n, excluded](Policy& policy) { return erase_at(policy.approvals[n].excluded, excluded); });
  }
  attempt([](Policy& policy) { return std::exchange(policy.watch, std::nullopt).has_value(); });
  attempt([](Policy& policy) { return std::exchange(policy.drift, std::nullopt).has_value(); });
  attempt([](Policy& policy) { return !std::exchange(policy.semaphore, "").empty(); });
  attempt([](Policy& policy) { return !std::exchange(policy.audit, {}).acknowledged_by.empty(); });
  attempt([](Policy& policy) { return erase_at(policy.rollback.stages, 0); });
  return simpler;
}

}  // namespace

Case shrunk(Case broken, const Failure& failure) {
  for (bool smaller = true; smaller;) {
    smaller = false;
    for (std::size_t size = std::max<std::size_t>(broken.steps.size() / 2, 1); size > 0; size /= 2)
      smaller = drop_parts(broken, failure.property, size) || smaller;
    for (std::size_t number = 0; number < broken.policies.size(); ++number)
      smaller = simplify_policy(broken, failure.property, number) || smaller;
  }
  return broken;
}

}  // namespace penstock::property
