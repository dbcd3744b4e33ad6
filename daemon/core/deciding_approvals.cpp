// Waiting for people: what they give, take back, are reminded of, and when it no longer counts.
#include <algorithm>

#include "daemon/core/approval.hpp"
#include "daemon/core/deciding.hpp"

namespace penstock::core {
namespace {

std::string missing_of(const RuleProgress& rule) {
  return std::to_string(rule.given_by.size()) + " of " + std::to_string(rule.rule->count) + " approvals by " +
         rule.rule->group;
}

// The next reminder after `told`, counted from `since`.
Time next_reminder(Time since, Duration every, Time told) {
  if (told < since) return since + every;
  return since + every * ((told - since) / every + 1);
}

}  // namespace

bool Deciding::is_approved(const Promotion& promotion) const {
  return all_met(progress(promotion)) || is_skipped(promotion, Dispensable::approvals);
}

void Deciding::enter_approval(Promotion& promotion) {
  void_approvals_of_leavers(promotion);
  if (is_approved(promotion)) return enter_delivery(promotion);
  const AwaitingApproval phase{now_, now_};
  set(promotion, phase);
  set_approval_timer(promotion, phase);
}

// One timer for all that may come: a reminder, an escalation, the end.
void Deciding::set_approval_timer(Promotion& promotion, const AwaitingApproval& phase) {
  const auto until = approval_deadline(promotion, phase.since);
  if (!until) return;
  auto due = *until;
  for (const auto& rule : progress(promotion)) {
    if (rule.met()) continue;
    if (rule.rule->remind) due = std::min(due, next_reminder(phase.since, *rule.rule->remind, phase.told));
    if (rule.rule->escalate && !is_escalated(promotion, *rule.rule))
      due = std::min(due, phase.since + rule.rule->escalate->after);
  }
  command(SetTimer{promotion.id, "approval", due});
}

void Deciding::pass_approval_timer(Promotion& promotion) {
  const auto before = std::get<AwaitingApproval>(promotion.phase);
  std::string missing;
  for (const auto& rule : progress(promotion))
    if (!rule.met() && rule.rule->required && before.since + rule.rule->expires <= now_)
      missing += (missing.empty() ? "" : " and ") + missing_of(rule);
  if (!missing.empty()) {
    end(promotion, Expired{"only " + missing + " came in time"});
    return take_up_next();
  }
  for (const auto& rule : progress(promotion)) {
    if (rule.met()) continue;
    const auto& one = *rule.rule;
    const auto wanted = to_text(promotion.lane) + " waits for version " + promotion.version +
                        " to be decided on: " + missing_of(rule) + " are given";
    if (one.remind && next_reminder(before.since, *one.remind, before.told) <= now_)
      tell(promotion.id, NoticeKind::reminder, {"group:" + one.group}, wanted);
    if (one.escalate && !is_escalated(promotion, one) && before.since + one.escalate->after <= now_)
      tell(promotion.id, NoticeKind::escalation, {"group:" + one.escalate->group},
           wanted + "; members of " + one.escalate->group + " may answer as well from now on");
  }
  auto phase = before;
  phase.told = std::max(phase.told, now_);
  set(promotion, phase);
  for (const auto& rule : promotion.policy->approvals) {
    if (!is_escalated(promotion, rule)) continue;
    auto& kept = promotion.escalated;
    auto name = escalation_of(rule);
    if (std::find(kept.begin(), kept.end(), name) == kept.end()) kept.push_back(std::move(name));
  }
  // What members of the other group have approved before may be all that was missing.
  go_on_when_approved(promotion);
}

void Deciding::go_on_when_approved(Promotion& promotion) {
  if (all_met(progress(promotion))) void_approvals_of_leavers(promotion);
  if (!is_approved(promotion)) return set_approval_timer(promotion, std::get<AwaitingApproval>(promotion.phase));
  command(ClearTimer{promotion.id, "approval"});
  enter_delivery(promotion);
}

void Deciding::on(const ApprovalGiven& event) {
  auto* promotion = find(event.promotion);
  if (promotion == nullptr || is_stale(*promotion, event.candidate, event.policy)) return;
  if (!std::holds_alternative<AwaitingApproval>(promotion->phase))
    return refuse("conflict",
                  promotion->id + " is " + std::string(phase_name(promotion->phase)) + ", not awaiting approval",
                  "approve when its gates have passed");
  if (is_stale(*promotion, event.findings)) return;
  Approval approval{event.person,    event.groups, now_,          event.note,
                    event.condition, "",           event.aliases, event.on_behalf_of};
  if (is_given_already(*promotion, approval)) return;
  auto why = why_not(*promotion, event.person, event.groups, event.aliases);
  if (!event.on_behalf_of.empty()) why = event.on_behalf_of + " lets " + event.person + " approve nothing here";
  if (!why.empty()) {
    if (!stand_in(*promotion, approval))
      return refuse("not-allowed", std::move(why), "ask somebody else in one of the policy's approval groups");
    if (is_given_already(*promotion, approval)) return;
  }
  promotion->approvals.push_back(std::move(approval));
  promotion->changed_at = now_;
  go_on_when_approved(*promotion);
}

void Deciding::on(const ApprovalWithdrawn& event) {
  auto* promotion = find(event.promotion);
  if (promotion == nullptr) return;
  const bool in_window = std::holds_alternative<AwaitingWindow>(promotion->phase);
  if (!in_window && !std::holds_alternative<AwaitingApproval>(promotion->phase))
    return refuse("conflict",
                  promotion->id + " is " + std::string(phase_name(promotion->phase)) +
                      ": an approval can be taken back while it waits",
                  "go back once it is live");
  for (auto& approval : promotion->approvals) {
    if (approval.person != event.person || !approval.voided.empty()) continue;
    approval.voided = "taken back by " + event.person + (event.reason.empty() ? "" : ": " + event.reason);
    promotion->changed_at = now_;
    if (!in_window) return set_approval_timer(*promotion, std::get<AwaitingApproval>(promotion->phase));
    command(ClearTimer{promotion->id, "window"});
    return enter_approval(*promotion);
  }
  refuse("conflict", event.person + " has given no approval of " + promotion->id + " that counts", "");
}

void Deciding::void_approval(const Promotion& promotion, Approval& approval, const std::string& why) {
  approval.voided = why;
  tell(promotion.id, NoticeKind::approval_void, {"person:" + approval.person},
       "your approval of version " + promotion.version + " for " + to_text(promotion.lane) +
           " no longer counts: " + why);
}

bool Deciding::has_counting_approval(const Promotion& promotion) {
  return std::any_of(promotion.approvals.begin(), promotion.approvals.end(),
                     [](const Approval& approval) { return approval.voided.empty(); });
}

// Approvals are given for what the gates had found.
void Deciding::void_approvals_on_new_findings(Promotion& promotion, const std::string& findings_before) {
  if (!has_counting_approval(promotion) || findings_text(promotion) == findings_before) return;
  for (auto& approval : promotion.approvals)
    if (approval.voided.empty()) void_approval(promotion, approval, "a gate has found something else since");
}

// Whoever has left the group by the time it counts did not approve for it.
void Deciding::void_approvals_of_leavers(Promotion& promotion) {
  if (world_.people == nullptr) return;
  for (auto& approval : promotion.approvals) {
    if (!approval.voided.empty()) continue;
    if (!world_.people->contains(approval.person)) {
      void_approval(promotion, approval, approval.person + " is not known any more");
      continue;
    }
    std::string why;
    std::erase_if(approval.groups, [&](const std::string& group) {
      const auto lost = why_not_for(approval, group);
      why += (why.empty() || lost.empty() ? "" : ", and ") + lost;
      return !lost.empty();
    });
    if (!why.empty() && approval.groups.empty()) void_approval(promotion, approval, why);
  }
}

}  // namespace penstock::core
