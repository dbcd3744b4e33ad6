// Stages of gates.
#include <algorithm>

#include "daemon/core/deciding.hpp"
#include "daemon/core/planted.hpp"

namespace penstock::core {
namespace {

// 5 s, 10 s, 20 s … up to 5 minutes: a peer that was away gets time to come back.
Duration pause_before(int attempt) {
  const auto doublings = std::min(attempt - 2, 6);
  return std::min<Duration>(std::chrono::seconds(5) * (1 << std::max(doublings, 0)), std::chrono::minutes(5));
}

// Its delivery has begun, or somebody is asked what to do.
bool is_decided_on(const Phase& phase) {
  return !std::holds_alternative<Checking>(phase) && !std::holds_alternative<AwaitingApproval>(phase) &&
         !std::holds_alternative<AwaitingWindow>(phase);
}

std::string told(const Check& check) {
  auto text = check.gate + " " + std::string(name_of(check.finding->verdict));
  if (!check.finding->observed.empty()) text += ": " + check.finding->observed;
  return text;
}

}  // namespace

void Deciding::ask(Promotion& promotion, const std::string& stage, const GateSpec& gate, int attempt, int tries_left,
                   Time due) {
  const auto deadline = due + gate.deadline;
  promotion.checks.push_back(Check{stage, gate.name, attempt, now_, deadline, tries_left, {}, {}});
  promotion.changed_at = now_;
  command(RunCheck{promotion.id, gate.name, attempt, due, deadline});
}

// A gate need not be asked (again) that has passed, or is advisory and has answered, or is waived, or is gone without
// in an emergency.
bool Deciding::is_satisfied(const Promotion& promotion, const GateSpec& gate) const {
  return is_passed(promotion, gate) || is_skipped(promotion, gate);
}

bool Deciding::is_passed(const Promotion& promotion, const GateSpec& gate) const {
  const auto* check = newest_check(promotion, gate.name);
  if (check == nullptr || !check->finding) return false;
  if (PENSTOCK_PLANTED(4) && check->finding->verdict == Verdict::inconclusive) return true;
  return !gate.blocking || check->finding->verdict == Verdict::passed || is_waived(promotion, *check);
}

void Deciding::enter_stage(Promotion& promotion, std::size_t number) {
  const auto& stages = promotion.policy->stages;
  const auto has_open = [&](const Stage& stage) {
    return std::any_of(stage.gates.begin(), stage.gates.end(),
                       [&](const GateSpec& gate) { return !is_satisfied(promotion, gate); });
  };
  while (number < stages.size() && !has_open(stages[number])) ++number;
  if (number == stages.size()) return enter_approval(promotion);
  ask_again(promotion, Checking{number});
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
  const auto findings_before = has_counting_approval(*promotion) ? findings_text(*promotion) : std::string();
  if (std::holds_alternative<Watching>(promotion->phase)) {
    check->finding = event.finding;
    promotion->changed_at = now_;
    return judge_round(*promotion);
  }
  if (is_decided_on(promotion->phase)) return ignore("the promotion is no longer checking");
  check->finding = event.finding;
  promotion->changed_at = now_;
  void_approvals_on_new_findings(*promotion, findings_before);
  const auto* checking = std::get_if<Checking>(&promotion->phase);
  // Its stage was left behind broken glass without this answer; it counts all the same.
  if (checking == nullptr || promotion->policy->stages[checking->stage].name != check->stage) {
    reopen_unsatisfied();
    promotion = find(event.promotion);
    const auto* waiting = promotion == nullptr ? nullptr : std::get_if<AwaitingApproval>(&promotion->phase);
    // What was approved may count no longer, and whose rule it met is waited for again.
    if (waiting != nullptr) set_approval_timer(*promotion, *waiting);
    return;
  }
  const auto stage_number = checking->stage;
  if (event.finding.verdict == Verdict::errored && check->tries_left > 0) {
    const auto& stage = promotion->policy->stages[stage_number];
    const auto gate = std::find_if(stage.gates.begin(), stage.gates.end(),
                                   [&](const GateSpec& one) { return one.name == event.gate; });
    const auto attempt = event.attempt + 1;
    return ask(*promotion, stage.name, *gate, attempt, check->tries_left - 1, now_ + pause_before(attempt));
  }
  judge_stage(*promotion, stage_number);
}

// Waits for every gate of the stage, so that a person sees all that is wrong at once.
void Deciding::judge_stage(Promotion& promotion, std::size_t stage_number) {
  const auto& stage = promotion.policy->stages[stage_number];
  std::string failed;
  std::string unknown;
  std::string next;
  bool has_asked = false;
  for (const auto& gate : stage.gates) {
    if (is_satisfied(promotion, gate)) continue;
    const auto* check = newest_check(promotion, gate.name);
    // It was gone without when the stage began, and is no longer.
    if (check == nullptr) {
      ask(promotion, stage.name, gate, 1, gate.attempts - 1, now_);
      has_asked = true;
      continue;
    }
    if (!check->finding) return;
    auto& list = check->finding->verdict == Verdict::failed ? failed : unknown;
    list += (list.empty() ? "" : "; ") + told(*check);
    if (next.empty()) next = check->finding->next;
  }
  if (has_asked) return;
  if (!failed.empty()) {
    end(promotion, Rejected{"gates of stage " + stage.name, failed});
    return take_up_next();
  }
  if (!unknown.empty()) return hold(promotion, unknown, next, Checking{stage_number});
  enter_stage(promotion, stage_number + 1);
}

// Every gate of the stage that is not satisfied, with all its attempts.
void Deciding::ask_again(Promotion& promotion, const Checking& checking) {
  set(promotion, checking);
  const auto& stage = promotion.policy->stages[checking.stage];
  for (const auto& gate : stage.gates) {
    if (is_satisfied(promotion, gate)) continue;
    const auto* check = newest_check(promotion, gate.name);
    ask(promotion, stage.name, gate, check == nullptr ? 1 : check->attempt + 1, gate.attempts - 1, now_);
  }
}

}  // namespace penstock::core
