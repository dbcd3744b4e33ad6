// Waivers: named people's permission to go on, for a time, although a gate is not passed.
#include <algorithm>
#include <set>

#include "daemon/core/deciding.hpp"
#include "daemon/core/waiver.hpp"

namespace penstock::core {
namespace {

constexpr Duration longest_waiver = std::chrono::hours(24 * 90);

std::string scope_of(const Waiver& waiver) {
  return "gate " + waiver.gate + (waiver.rule.empty() ? "" : ", rule " + waiver.rule) + ", " +
         (waiver.versions.empty() ? "candidate " + waiver.candidate.brief() : "versions " + waiver.versions);
}

// The gates that promotions of the lane are asked now, by their own policies or by the one in force.
std::set<std::string> gates_of(const Lane& lane, const Policy* in_force) {
  std::set<std::string> names;
  const auto add = [&](const std::vector<Stage>& stages) {
    for (const auto& stage : stages)
      for (const auto& gate : stage.gates) names.insert(gate.name);
  };
  for (const auto& promotion : lane.promotions) add(promotion.policy->stages);
  if (in_force == nullptr) return names;
  add(in_force->stages);
  add(in_force->rollback.stages);
  return names;
}

}  // namespace

bool Deciding::is_waived(const Promotion& promotion, const Check& check) const {
  return !waivers_of(decision_.lane.state, promotion, check, now_).empty();
}

// Keeps with the checks by which waivers deliveries began: a waiver itself is forgotten when it ends. What began by one
// of them and begins again by another one began by both.
void Deciding::use_waivers(Promotion& promotion) {
  std::set<std::string> used;
  for (auto& check : promotion.checks) {
    if (newest_check(promotion, check.gate) != &check) continue;
    for (const auto* waiver : waivers_of(state(), promotion, check, now_)) {
      const auto is_it = [&](const Waiver& one) { return one.id == waiver->id; };
      if (std::any_of(check.waivers.begin(), check.waivers.end(), is_it)) continue;
      check.waivers.push_back(*waiver);
      used.insert(waiver->id);
    }
  }
  for (auto& waiver : state().waivers)
    if (used.contains(waiver.id)) ++waiver.used;
}

void Deciding::on(const WaiverAsked& event) {
  auto waiver = event.waiver;
  for (const auto& other : state().waivers)
    if (other.id == waiver.id) return ignore("the waiver " + waiver.id + " was asked for already");
  if (waiver.ends <= now_ || waiver.ends > now_ + longest_waiver)
    return refuse("invalid-request",
                  "the waiver ends at " + to_text(waiver.ends) + ", needed a time after now and within " +
                      to_text(longest_waiver),
                  "ask for a shorter one, and again when it ends");
  if (waiver.gate.empty() || waiver.reason.empty() || waiver.control.empty() ||
      waiver.candidate.empty() == waiver.versions.empty())
    return refuse("invalid-request",
                  "a waiver needs a gate, a reason, a compensating control, and either a candidate or versions",
                  "say what is done instead of what the gate demands");
  const auto gates = gates_of(decision_.lane, world_.policy.get());
  if (!gates.contains(waiver.gate)) {
    std::string known;
    for (const auto& gate : gates) known += (known.empty() ? "" : ", ") + gate;
    return refuse("invalid-request",
                  "no promotion of " + to_text(decision_.lane.key) + " is asked a gate `" + waiver.gate + "`",
                  known.empty() ? "write a policy first" : "the gates are " + known);
  }
  waiver.asked_at = now_;
  waiver.granter.clear();
  waiver.used = 0;
  tell("", NoticeKind::waiver, {},
       waiver.requester + " asks for a waiver in " + to_text(decision_.lane.key) + " (" + scope_of(waiver) +
           "): " + waiver.reason);
  state().waivers.push_back(std::move(waiver));
  set_waiver_timer();
}

void Deciding::on(const WaiverGranted& event) {
  auto& waivers = state().waivers;
  const auto waiver =
      std::find_if(waivers.begin(), waivers.end(), [&](const Waiver& one) { return one.id == event.waiver; });
  if (waiver == waivers.end())
    return refuse("not-found", "there is no waiver " + event.waiver + " in " + to_text(decision_.lane.key),
                  "list them with the lane");
  if (waiver->ends <= now_) return refuse("conflict", "the waiver " + event.waiver + " has ended", "ask for a new one");
  if (!waiver->granter.empty()) return ignore(waiver->granter + " has granted it already");
  if (waiver->requester == event.person)
    return refuse("not-allowed", event.person + " asked for this waiver", "somebody else must grant it");
  if (!world_.policy) return refuse("conflict", "no policy covers " + to_text(decision_.lane.key), "");
  const auto& rules = world_.policy->approvals;
  const bool may = rules.empty() || std::any_of(rules.begin(), rules.end(), [&](const ApprovalRule& rule) {
                     return std::find(event.groups.begin(), event.groups.end(), rule.group) != event.groups.end();
                   });
  if (!may)
    return refuse("not-allowed",
                  event.person + " is in none of the groups that decide on " + to_text(decision_.lane.key),
                  "ask a member of one of the policy's approval groups");
  waiver->granter = event.person;
  look_again_at_the_held();
}

void Deciding::on(const WaiverRevoked& event) {
  auto& waivers = state().waivers;
  const auto waiver =
      std::find_if(waivers.begin(), waivers.end(), [&](const Waiver& one) { return one.id == event.waiver; });
  if (waiver == waivers.end()) return ignore("there is no waiver " + event.waiver);
  tell("", NoticeKind::waiver, {"person:" + waiver->requester},
       event.person + " has taken back the waiver in " + to_text(decision_.lane.key) + " (" + scope_of(*waiver) +
           "): " + event.reason);
  waivers.erase(waiver);
  reopen_unsatisfied();
}

// A promotion that is held for nothing but what is waived now goes on.
void Deciding::look_again_at_the_held() {
  for (auto& promotion : decision_.lane.promotions) {
    const auto* held = std::get_if<Held>(&promotion.phase);
    if (held == nullptr || !std::holds_alternative<Checking>(held->from)) continue;
    const auto checking = std::get<Checking>(held->from);
    if (checking.stage >= promotion.policy->stages.size()) {
      // No gate holds it: waivers do not help, broken glass may.
      if (!is_skipped(promotion, Dispensable::acknowledgements)) continue;
      command(ClearTimer{promotion.id, "hold"});
      return enter_stage(promotion, checking.stage);
    }
    const auto& gates = promotion.policy->stages[checking.stage].gates;
    if (!std::all_of(gates.begin(), gates.end(), [&](const GateSpec& gate) { return is_satisfied(promotion, gate); }))
      continue;
    command(ClearTimer{promotion.id, "hold"});
    return enter_stage(promotion, checking.stage + 1);
  }
}

// A gate that was waived and is no longer is open again until the delivery begins.
void Deciding::reopen_unsatisfied() {
  for (auto& promotion : decision_.lane.promotions) {
    const bool in_window = std::holds_alternative<AwaitingWindow>(promotion.phase);
    if (!in_window && !std::holds_alternative<AwaitingApproval>(promotion.phase)) continue;
    const auto& stages = promotion.policy->stages;
    for (const auto& stage : stages)
      for (const auto& gate : stage.gates) {
        if (is_satisfied(promotion, gate)) continue;
        command(ClearTimer{promotion.id, in_window ? "window" : "approval"});
        return enter_stage(promotion, 0);
      }
  }
}

void Deciding::set_waiver_timer() {
  const auto& waivers = state().waivers;
  const auto first = std::min_element(waivers.begin(), waivers.end(),
                                      [](const Waiver& a, const Waiver& b) { return a.ends < b.ends; });
  if (first == waivers.end()) return;
  const auto& key = decision_.lane.key;
  command(SetTimer{"", "waivers/" + key.model + "/" + key.environment, first->ends});
}

void Deciding::expire_waivers() {
  std::vector<Waiver> over;
  std::erase_if(state().waivers, [&](const Waiver& waiver) {
    if (waiver.ends > now_) return false;
    over.push_back(waiver);
    return true;
  });
  if (over.empty()) {
    if (state().waivers.empty()) return ignore("no waiver of this lane is left");
    return set_waiver_timer();
  }
  for (const auto& waiver : over) {
    std::vector<std::string> to{"person:" + waiver.requester};
    if (!waiver.granter.empty()) to.push_back("person:" + waiver.granter);
    const auto what = waiver.granter.empty() ? "was never granted"
                      : waiver.used == 0     ? "was never used"
                                             : "was used by " + std::to_string(waiver.used) + " promotions";
    tell("", NoticeKind::waiver, std::move(to),
         "the waiver in " + to_text(decision_.lane.key) + " (" + scope_of(waiver) + ") has ended; it " + what);
  }
  set_waiver_timer();
  reopen_unsatisfied();
}

}  // namespace penstock::core
