// What is demanded at the instant at which deliveries begin, also when they begin again: by what peers and people say,
// and by what the world knows of waivers, windows, and who is in which group.
#include <algorithm>

#include "tests/simulation/ledger.hpp"
#include "tests/simulation/promises.hpp"

namespace penstock::simulation {
namespace {

using core::Promotion;

template <class T>
bool contains(const std::vector<T>& all, const T& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

}  // namespace

void Ledger::look_at_begin(Owner run, const Promotion& promotion, const journal::Write& write) {
  const bool begins = std::holds_alternative<core::Delivering>(promotion.phase) || core::is_live(promotion.phase);
  if (!begins) begun_.erase(promotion.id);
  if (!begins || !begun_.insert(promotion.id).second) return;
  const auto live = promotion.id + " is " + std::string(core::phase_name(promotion.phase)) + ", and ";
  const Begin begin{promotion, *people_of_.at(run), write.events.front().at};
  if (const auto missing = gates_missing(begin)) world_.broken(promises::live, live + *missing);
  if (const auto missing = approvals_missing(begin)) world_.broken(promises::live, live + *missing);
  // A way back waits for no window and no stop.
  if (!promotion.takes_back.empty()) return;
  if (is_stopped(promotion.lane)) world_.broken(promises::live, live + "somebody has stopped the lane");
  if (!setting_.is_open(promotion.lane.environment, begin.at))
    world_.broken(promises::live, live + "no window is open at " + core::to_text(begin.at));
}

std::optional<std::string> Ledger::gates_missing(const Begin& begin) const {
  const auto& promotion = begin.promotion;
  for (const auto& stage : promotion.policy->stages)
    for (const auto& gate : stage.gates) {
      if (!gate.blocking) continue;
      const auto* check = core::newest_check(promotion, gate.name);
      if (check == nullptr || !check->finding) return gate.name + " has not answered";
      if (check->finding->verdict != core::Verdict::passed) {
        if (!is_waived(begin, *check)) return gate.name + " is neither passed nor waived";
        continue;
      }
      const auto& examiner = *examiners_.at(gate.with.at("host").get<std::string>());
      if (!examiner.has_passed(check_name(promotion.id, gate.name, check->attempt)))
        return gate.name + " was never answered with a pass";
    }
  return std::nullopt;
}

// Somebody has asked for it for this gate and candidate, until later than now, and somebody else who has a say has
// granted it.
bool Ledger::is_waived(const Begin& begin, const core::Check& check) const {
  const auto& lane = begin.promotion.lane;
  return std::any_of(grants_.begin(), grants_.end(), [&](const core::WaiverGranted& grant) {
    if (grant.lane != lane || !granted_.contains(grant.waiver) || !has_a_say(lane, grant.groups)) return false;
    const auto& waiver = waivers_.at(grant.waiver);
    return waiver.requester != grant.person && waiver.gate == check.gate &&
           waiver.candidate == begin.promotion.candidate && waiver.ends > begin.at;
  });
}

bool Ledger::has_a_say(const core::LaneKey& lane, const std::vector<std::string>& groups) const {
  for (const auto& policy : setting_.covering(lane.model)) {
    if (policy->environment != lane.environment) continue;
    const auto& rules = policy->approvals;
    return rules.empty() || std::any_of(rules.begin(), rules.end(),
                                        [&](const core::ApprovalRule& rule) { return contains(groups, rule.group); });
  }
  return false;
}

bool Ledger::is_stopped(const core::LaneKey& lane) const {
  const auto every = states_.find(core::every_lane);
  if (every == states_.end()) return false;
  const auto& stops = every->second.stops;
  return std::any_of(stops.begin(), stops.end(), [&](const core::Stop& stop) {
    return core::glob_match(stop.model, lane.model) && core::glob_match(stop.environment, lane.environment);
  });
}

bool Ledger::has_place(const Begin& begin, const std::vector<const core::ApprovalRule*>& places, std::size_t place,
                       std::vector<std::string>& seated) const {
  if (place == places.size()) return true;
  const auto& rule = *places[place];
  const auto& promotion = begin.promotion;
  for (const auto& given : approvals_) {
    const bool counts = std::any_of(promotion.approvals.begin(), promotion.approvals.end(),
                                    [&](const auto& one) { return one.person == given.person && one.voided.empty(); });
    // When it was given, and still.
    const auto is_in = [&](const std::string& group) {
      const auto known = begin.people.find(given.person);
      return contains(given.groups, group) && known != begin.people.end() && contains(known->second, group);
    };
    const bool may = is_in(rule.group) || (rule.escalate && is_in(rule.escalate->group));
    const bool is_own = given.person == promotion.submitter || contains(promotion.authors, given.person);
    if (!counts || !may || is_own || given.promotion != promotion.id || given.candidate != promotion.candidate ||
        given.policy != promotion.policy->digest || contains(seated, given.person))
      continue;
    seated.push_back(given.person);
    if (has_place(begin, places, place + 1, seated)) return true;
    seated.pop_back();
  }
  return false;
}

std::optional<std::string> Ledger::approvals_missing(const Begin& begin) const {
  std::vector<const core::ApprovalRule*> places;
  for (const auto& rule : begin.promotion.policy->approvals)
    for (int n = 0; rule.required && n < rule.count; ++n) places.push_back(&rule);
  std::vector<std::string> seated;
  if (has_place(begin, places, 0, seated)) return std::nullopt;
  return "no " + std::to_string(places.size()) + " different people who may have approved it as it is";
}

}  // namespace penstock::simulation
