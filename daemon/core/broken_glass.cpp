#include "daemon/core/broken_glass.hpp"

#include <algorithm>

namespace penstock::core {
namespace {

template <class T>
bool contains(const std::vector<T>& items, const T& item) {
  return std::find(items.begin(), items.end(), item) != items.end();
}

}  // namespace

// Both are looked up again: whoever has left the group since did not do it for the group.
bool is_broken(const Promotion& promotion, const World& world, Time now) {
  const auto& glass = promotion.glass;
  const auto& spec = promotion.policy->break_glass;
  if (!spec || !glass || glass->confirmed_by.empty() || now >= glass->until) return false;
  if (world.people == nullptr) return true;
  const auto is_member = [&](const std::string& person) {
    const auto known = world.people->find(person);
    return known != world.people->end() && contains(known->second, spec->group);
  };
  return is_member(glass->asked_by) && is_member(glass->confirmed_by);
}

bool is_skipped(const Promotion& promotion, const GateSpec& gate, const World& world, Time now) {
  if (!is_broken(promotion, world, now) || !contains(promotion.policy->break_glass->gates, gate.name)) return false;
  const auto* check = newest_check(promotion, gate.name);
  if (check == nullptr || !check->finding) return true;
  const auto& details = check->finding->details;
  return std::none_of(details.begin(), details.end(),
                      [](const Detail& detail) { return detail.never_waivable && detail.verdict != Verdict::passed; });
}

bool is_skipped(const Promotion& promotion, Dispensable what, const World& world, Time now) {
  return is_broken(promotion, world, now) && contains(promotion.policy->break_glass->skips, what);
}

}  // namespace penstock::core
