// Stages of gates, then approvals.
#include <algorithm>

#include "daemon/core/approval.hpp"
#include "daemon/core/deciding.hpp"

namespace penstock::core {
namespace {

// 5 s, 10 s, 20 s … up to 5 minutes: a peer that was away gets time to come back.
Duration pause_before(int attempt) {
  const auto doublings = std::min(attempt - 2, 6);
  return std::min<Duration>(std::chrono::seconds(5) * (1 << std::max(doublings, 0)), std::chrono::minutes(5));
}

bool is_pass(Verdict verdict) { return verdict == Verdict::passed || verdict == Verdict::waived; }

std::string told(const Check& check) {
  auto text = check.gate + " " + std::string(name_of(check.finding->verdict));
  if (!check.finding->observed.empty()) text += ": " + check.finding->observed;
  return text;
}

}  // namespace

void Deciding::ask(Promotion& promotion, const Stage& stage, const GateSpec& gate, int attempt, int tries_left,
                   Time due) {
  const auto deadline = due + gate.deadline;
  promotion.checks.push_back(Check{stage.name, gate.name, attempt, now_, deadline, tries_left, std::nullopt});
  promotion.changed_at = now_;
  command(RunCheck{promotion.id, gate.name, attempt, due, deadline});
}

void Deciding::enter_stage(Promotion& promotion, std::size_t stage) {
  const auto& stages = promotion.policy->stages;
  while (stage < stages.size() && stages[stage].gates.empty()) ++stage;
  if (stage == stages.size()) return enter_approval(promotion);
  set(promotion, Checking{stage});
  for (const auto& gate : stages[stage].gates) ask(promotion, stages[stage], gate, 1, gate.attempts - 1, now_);
}

void Deciding::on(const CheckReported& event) {
  auto* promotion = find(event.promotion);
  if (promotion == nullptr) return;
  const auto check = std::find_if(promotion->checks.begin(), promotion->checks.end(), [&](const Check& one) {
    return one.gate == event.gate && one.attempt == event.attempt;
  });
  if (check == promotion->checks.end())
    return ignore("nobody asked for attempt " + std::to_string(event.attempt) + " of " + event.gate);
  if (check->finding)
    return ignore("attempt " + std::to_string(event.attempt) + " of " + event.gate + " has been answered");
  const auto* checking = std::get_if<Checking>(&promotion->phase);
  if (checking == nullptr) return ignore("the promotion is no longer checking");
  check->finding = event.finding;
  promotion->changed_at = now_;
  const auto stage_number = checking->stage;
  if (event.finding.verdict == Verdict::errored && check->tries_left > 0) {
    const auto& stage = promotion->policy->stages[stage_number];
    const auto gate = std::find_if(stage.gates.begin(), stage.gates.end(),
                                   [&](const GateSpec& one) { return one.name == event.gate; });
    const auto attempt = event.attempt + 1;
    return ask(*promotion, stage, *gate, attempt, check->tries_left - 1, now_ + pause_before(attempt));
  }
  judge_stage(*promotion, stage_number);
}

// Waits for every gate of the stage, so that a person sees all that is wrong at once.
void Deciding::judge_stage(Promotion& promotion, std::size_t stage_number) {
  const auto& stage = promotion.policy->stages[stage_number];
  std::string failed;
  std::string unknown;
  std::string next;
  for (const auto& gate : stage.gates) {
    const auto* check = newest_check(promotion, gate.name);
    if (!check->finding) return;
    if (!gate.blocking || is_pass(check->finding->verdict)) continue;
    auto& list = check->finding->verdict == Verdict::failed ? failed : unknown;
    list += (list.empty() ? "" : "; ") + told(*check);
    if (next.empty()) next = check->finding->next;
  }
  if (!failed.empty()) {
    end(promotion, Rejected{"gates of stage " + stage.name, failed});
    return take_up_next();
  }
  if (!unknown.empty()) return hold(promotion, unknown, next, Checking{stage_number});
  enter_stage(promotion, stage_number + 1);
}

// After a hold: every blocking gate that could not be passed is asked again, with all its attempts.
void Deciding::ask_again(Promotion& promotion, const Checking& checking) {
  set(promotion, checking);
  const auto& stage = promotion.policy->stages[checking.stage];
  for (const auto& gate : stage.gates) {
    const auto* check = newest_check(promotion, gate.name);
    if (gate.blocking && !is_pass(check->finding->verdict))
      ask(promotion, stage, gate, check->attempt + 1, gate.attempts - 1, now_);
  }
}

void Deciding::enter_approval(Promotion& promotion) {
  if (promotion.policy->approvals.empty()) return enter_delivery(promotion);
  const AwaitingApproval phase{now_};
  set(promotion, phase);
  set_approval_timer(promotion, phase);
}

void Deciding::set_approval_timer(Promotion& promotion, const AwaitingApproval& phase) {
  if (const auto until = approval_deadline(promotion, phase.since)) command(SetTimer{promotion.id, "approval", *until});
}

void Deciding::on(const ApprovalGiven& event) {
  auto* promotion = find(event.promotion);
  if (promotion == nullptr || is_stale(*promotion, event.candidate, event.policy)) return;
  const auto* found = std::get_if<AwaitingApproval>(&promotion->phase);
  if (found == nullptr)
    return refuse("conflict",
                  promotion->id + " is " + std::string(phase_name(promotion->phase)) + ", not awaiting approval",
                  "approve when its gates have passed");
  const auto phase = *found;
  for (const auto& approval : promotion->approvals)
    if (approval.person == event.person) return ignore(event.person + " has approved already");
  if (auto why = why_not(*promotion, event.person, event.groups, event.aliases); !why.empty())
    return refuse("not-allowed", std::move(why), "ask somebody else in one of the policy's approval groups");
  promotion->approvals.push_back(Approval{event.person, event.groups, now_, event.note});
  promotion->changed_at = now_;
  if (!all_met(progress(*promotion))) return set_approval_timer(*promotion, phase);
  command(ClearTimer{promotion->id, "approval"});
  enter_delivery(*promotion);
}

}  // namespace penstock::core
