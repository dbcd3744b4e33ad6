// What is demanded of a promotion that waits, and of one that becomes live: by what peers and people say of it.
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

template <class T>
bool contains(const std::vector<T>& all, const T& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

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

// By a waiver that somebody else has granted, for this gate and this candidate.
bool Ledger::is_waived(const Promotion& promotion, const core::Check& check) {
  const auto& waivers = states_[promotion.lane].waivers;
  return !check.waivers.empty() || std::any_of(waivers.begin(), waivers.end(), [&](const core::Waiver& waiver) {
    return !waiver.granter.empty() && waiver.granter != waiver.requester && waiver.gate == check.gate &&
           waiver.candidate == promotion.candidate;
  });
}

bool Ledger::is_stopped(const core::LaneKey& lane) {
  const auto& stops = states_[core::every_lane].stops;
  return std::any_of(stops.begin(), stops.end(), [&](const core::Stop& stop) {
    return core::glob_match(stop.model, lane.model) && core::glob_match(stop.environment, lane.environment);
  });
}

bool Ledger::has_place(const Promotion& promotion, const std::vector<const core::ApprovalRule*>& places,
                       std::size_t place, std::vector<std::string>& seated) const {
  if (place == places.size()) return true;
  const auto& rule = *places[place];
  for (const auto& given : approvals_) {
    const bool counts = std::any_of(promotion.approvals.begin(), promotion.approvals.end(),
                                    [&](const auto& one) { return one.person == given.person && one.voided.empty(); });
    const bool is_in =
        contains(given.groups, rule.group) || (rule.escalate && contains(given.groups, rule.escalate->group));
    const bool is_own = given.person == promotion.submitter || contains(promotion.authors, given.person);
    if (!counts || !is_in || is_own || given.promotion != promotion.id || given.candidate != promotion.candidate ||
        given.policy != promotion.policy->digest || contains(seated, given.person))
      continue;
    seated.push_back(given.person);
    if (has_place(promotion, places, place + 1, seated)) return true;
    seated.pop_back();
  }
  return false;
}

std::optional<std::string> Ledger::approvals_missing(const Promotion& promotion) const {
  std::vector<const core::ApprovalRule*> places;
  for (const auto& rule : promotion.policy->approvals)
    for (int n = 0; rule.required && n < rule.count; ++n) places.push_back(&rule);
  std::vector<std::string> seated;
  if (has_place(promotion, places, 0, seated)) return std::nullopt;
  return "no " + std::to_string(places.size()) + " different people who may have approved it as it is";
}

void Ledger::look_at_begin(const Promotion& promotion) {
  const bool begins = std::holds_alternative<core::Delivering>(promotion.phase) || core::is_live(promotion.phase);
  if (!begins || !begun_.insert(promotion.id).second) return;
  const auto live = promotion.id + " is " + std::string(core::phase_name(promotion.phase)) + ", and ";
  for (const auto& stage : promotion.policy->stages)
    for (const auto& gate : stage.gates) {
      if (!gate.blocking) continue;
      const auto* check = core::newest_check(promotion, gate.name);
      if (check == nullptr || !check->finding)
        return world_.broken(promises::live, live + gate.name + " has not answered");
      if (check->finding->verdict != core::Verdict::passed) {
        if (!is_waived(promotion, *check))
          return world_.broken(promises::live, live + gate.name + " is neither passed nor waived");
        continue;
      }
      const auto& examiner = *examiners_.at(gate.with.at("host").get<std::string>());
      if (!examiner.has_passed(check_name(promotion.id, gate.name, check->attempt)))
        return world_.broken(promises::live, live + gate.name + " was never answered with a pass");
    }
  if (const auto missing = approvals_missing(promotion)) world_.broken(promises::live, live + *missing);
  // A way back waits for no stop.
  if (promotion.takes_back.empty() && is_stopped(promotion.lane))
    world_.broken(promises::live, live + "somebody has stopped the lane");
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

bool Ledger::is_at_rest() const {
  const auto is_look = [](const auto& one) { return one.second.kind == "deliver/look"; };
  if (!std::all_of(outbox_.begin(), outbox_.end(), is_look)) return false;
  return std::all_of(promotions_.begin(), promotions_.end(), [&](const auto& one) {
    const auto& promotion = one.second;
    const auto& policy = *promotion.policy;
    const bool is_kept = core::is_live(promotion.phase) && policy.drift && policy.drift->repair &&
                         !policy.deliveries.empty() && policy.deliveries.back().kind == "alias";
    return !is_kept || registry_->alias_of(promotion.lane) == promotion.id;
  });
}

}  // namespace penstock::simulation
