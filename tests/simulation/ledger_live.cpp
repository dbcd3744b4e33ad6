// What is demanded of a promotion that waits, and of one that becomes live: by what peers say of it.
#include <algorithm>

#include "tests/simulation/ledger.hpp"
#include "tests/simulation/promises.hpp"

namespace penstock::simulation {
namespace {

using core::Promotion;

std::string timer(const Promotion& promotion, const std::string& name) {
  return core::key_of(core::SetTimer{promotion.id, name, {}});
}

// The keys of the outbox rows of which it needs at least one.
struct Needed {
  const Promotion& promotion;

  std::vector<std::string> operator()(const core::Queued&) const { return {timer(promotion, "queue")}; }
  std::vector<std::string> operator()(const core::Checking&) const {
    std::vector<std::string> keys;
    for (const auto& check : promotion.checks)
      if (!check.finding) keys.push_back(core::key_of(core::RunCheck{promotion.id, check.gate, check.attempt, {}, {}}));
    return keys;
  }
  std::vector<std::string> operator()(const core::AwaitingApproval&) const { return {timer(promotion, "approval")}; }
  std::vector<std::string> operator()(const core::AwaitingWindow&) const { return {timer(promotion, "window")}; }
  std::vector<std::string> operator()(const core::Delivering& phase) const {
    const auto& step = promotion.deliveries.at(phase.step);
    if (step.state == core::DeliveryState::sent)
      return {timer(promotion, "receipt/" + step.name + "/" + std::to_string(step.round))};
    return {core::key_of(core::Deliver{promotion.id, step.name, step.round, {}})};
  }
  std::vector<std::string> operator()(const core::Watching&) const { return {timer(promotion, "watch")}; }
  std::vector<std::string> operator()(const core::Held&) const { return {timer(promotion, "hold")}; }
  template <class Other>
  std::vector<std::string> operator()(const Other&) const {
    return {};
  }
};

}  // namespace

void Ledger::look_at_waiting(const Promotion& promotion) {
  look_at_looks(promotion);
  const auto is = promotion.id + " is " + std::string(core::phase_name(promotion.phase));
  if (core::is_end(promotion.phase) || std::holds_alternative<core::Live>(promotion.phase)) return;
  const auto wait = core::wait_of(promotion);
  if (!wait || wait->what.empty() || wait->until == core::Time())
    return world_.broken(promises::ends, is + ", and nobody can tell what it waits for or until when");
  const auto needed = std::visit(Needed{promotion}, promotion.phase);
  if (needed.empty()) world_.broken(promises::processed, is + ", and nothing is asked for");
  for (const auto& key : needed)
    if (!outbox_.contains(key))
      world_.broken(key.starts_with("timer/") ? promises::ends : promises::processed,
                    is + ", and " + key + " is not due");
}

void Ledger::look_at_live(const Promotion& promotion) {
  const auto live = promotion.id + " is live, and ";
  if (promotion.deliveries.size() != promotion.policy->deliveries.size())
    return world_.broken(promises::live, live + "not all of its deliveries have begun");
  for (std::size_t n = 0; n < promotion.deliveries.size(); ++n) {
    const auto& step = promotion.deliveries[n];
    if (step.state != core::DeliveryState::confirmed)
      return world_.broken(promises::live, live + step.name + " is not confirmed");
    const auto key = core::key_of(core::Deliver{promotion.id, step.name, step.round, {}});
    if (!has_carried_out(promotion.policy->deliveries[n], key))
      return world_.broken(promises::live, live + "nobody has carried out " + step.name);
  }
}

bool Ledger::has_carried_out(const core::DeliverySpec& spec, const std::string& key) const {
  if (spec.kind == "alias") return registry_->has_carried_out(key);
  return receivers_.at(spec.with.at("receiver").get<std::string>())->has_carried_out(key);
}

void Ledger::look_at_looks(const Promotion& promotion) {
  if (!core::is_live(promotion.phase)) return;
  for (const auto& step : promotion.deliveries) {
    if (!step.look || step.look->effect == core::Effect::unreadable) continue;
    const auto key = core::key_of(core::LookAt{promotion.id, step.name, step.look->number, {}});
    if (!outbox_.contains(key))
      world_.broken(promises::processed, promotion.id + " is live, and " + key + " is not due");
  }
}

// While a stop stands nothing is put back. One stands to the end where the wish for it came again after it was lifted.
bool Ledger::is_at_rest() const {
  const auto is_look = [](const auto& one) { return one.second.kind == "deliver/look"; };
  if (!std::all_of(outbox_.begin(), outbox_.end(), is_look)) return false;
  return std::all_of(promotions_.begin(), promotions_.end(), [&](const auto& one) {
    const auto& promotion = one.second;
    const auto& policy = *promotion.policy;
    const bool is_kept = core::is_live(promotion.phase) && policy.drift && policy.drift->repair &&
                         !policy.deliveries.empty() && policy.deliveries.back().kind == "alias" &&
                         !is_stopped(promotion.lane);
    return !is_kept || registry_->alias_of(promotion.lane) == promotion.id;
  });
}

}  // namespace penstock::simulation
