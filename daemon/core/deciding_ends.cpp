// How a promotion ends: people who stop it, deadlines.
#include <algorithm>

#include "daemon/core/deciding.hpp"

namespace penstock::core {
namespace {

// Whoever may approve may also say no, the excluded ones included: stopping one's own work needs no second person.
bool may_stop(const Promotion& promotion, const std::vector<std::string>& groups) {
  const auto& rules = promotion.policy->approvals;
  return rules.empty() || std::any_of(rules.begin(), rules.end(), [&](const ApprovalRule& rule) {
           return std::find(groups.begin(), groups.end(), rule.group) != groups.end();
         });
}

// Of what was gone without behind broken glass, before its delivery begins.
bool can_still_lapse(const Phase& phase) {
  return std::holds_alternative<AwaitingApproval>(phase) || std::holds_alternative<AwaitingWindow>(phase);
}

}  // namespace

bool Deciding::is_stale(const Promotion& promotion, const CandidateId& candidate, const Digest& policy) {
  if (promotion.candidate == candidate && promotion.policy->digest == policy) return false;
  refuse("stale-decision",
         "the decision is about candidate " + candidate.brief() + " under policy " + policy.brief() + ", but " +
             promotion.id + " is candidate " + promotion.candidate.brief() + " under policy " +
             promotion.policy->digest.brief(),
         "read the promotion again and decide on what it shows");
  return true;
}

bool Deciding::is_stale(const Promotion& promotion, const Digest& findings) {
  if (findings_digest(promotion, world_) == findings) return false;
  refuse("stale-decision", "the gates of " + promotion.id + " have found something else since it was read",
         "read the promotion again and decide on what it shows");
  return true;
}

// A promotion can be stopped until its delivery begins.
bool Deciding::may_still_be_stopped(const Promotion& promotion, const std::string& as) {
  if (!is_live(promotion.phase) && !std::holds_alternative<Delivering>(promotion.phase)) return true;
  refuse("conflict", promotion.id + " is " + std::string(phase_name(promotion.phase)) + ": it can no longer be " + as,
         "wait for the delivery to end; what is live is replaced by another candidate, or rolled back");
  return false;
}

bool Deciding::is_decider(const Promotion& promotion, const std::string& person,
                          const std::vector<std::string>& groups) {
  if (may_stop(promotion, groups_of(person, groups))) return true;
  refuse("not-allowed", person + " is in none of the groups that decide on " + to_text(promotion.lane),
         "ask a member of one of the policy's approval groups");
  return false;
}

void Deciding::on(const RejectionGiven& event) {
  auto* promotion = find(event.promotion);
  if (promotion == nullptr || is_stale(*promotion, event.candidate, event.policy)) return;
  if (!is_decider(*promotion, event.person, event.groups) || !may_still_be_stopped(*promotion, "rejected")) return;
  end(*promotion, Rejected{event.person, event.reason});
  take_up_next();
}

void Deciding::on(const VetoGiven& event) {
  auto* promotion = find(event.promotion);
  if (promotion == nullptr || is_stale(*promotion, event.candidate, event.policy)) return;
  if (!is_decider(*promotion, event.person, event.groups) || !may_still_be_stopped(*promotion, "vetoed")) return;
  state().vetoes.push_back(Veto{promotion->candidate, event.person, event.reason, now_});
  end(*promotion, Vetoed{event.person, event.reason});
  take_up_next();
}

void Deciding::on(const WithdrawalAsked& event) {
  auto* promotion = find(event.promotion);
  if (promotion == nullptr || !may_still_be_stopped(*promotion, "withdrawn")) return;
  end(*promotion, Withdrawn{event.person, event.reason});
  take_up_next();
}

void Deciding::on(const DeadlinePassed& event) {
  if (event.promotion.empty()) {
    if (event.timer.starts_with("review/")) return remind_of_review();
    if (event.timer.starts_with("delegations/")) return expire_delegations();
    return expire_waivers();
  }
  if (auto* promotion = find(event.promotion)) pass_deadline(*promotion, event.timer);
}

// A timer of an earlier wait of the same name, or one that a clock let go too early, ends nothing: it is set again.
bool Deciding::is_early(const Promotion& promotion, const std::string& timer, Time until) {
  if (now_ >= until) return false;
  command(SetTimer{promotion.id, timer, until});
  return true;
}

void Deciding::pass_deadline(Promotion& promotion, const std::string& timer) {
  if (const auto* queued = std::get_if<Queued>(&promotion.phase); queued != nullptr && timer == "queue") {
    if (is_early(promotion, timer, queued->until)) return;
    end(promotion, Expired{"it was not taken up within " + to_text(promotion.policy->queue_for)});
    return take_up_next();
  }
  if (const auto* held = std::get_if<Held>(&promotion.phase); held != nullptr && timer == "hold") {
    if (is_early(promotion, timer, held->until)) return;
    end(promotion,
        Expired{"nobody decided within " + to_text(promotion.policy->hold_for) + " what to do: " + held->reason});
    return take_up_next();
  }
  if (std::holds_alternative<AwaitingApproval>(promotion.phase) && timer == "approval")
    return pass_approval_timer(promotion);
  if (std::holds_alternative<AwaitingWindow>(promotion.phase) && timer == "window") return pass_window_timer(promotion);
  if (promotion.glass && timer == "glass" && can_still_lapse(promotion.phase)) return pass_glass_timer(promotion);
  if (is_live(promotion.phase) && timer.starts_with("soak/")) return pass_soak_timer(promotion, timer);
  if (std::holds_alternative<Watching>(promotion.phase) && timer == "watch") return pass_watch_timer(promotion);
  if (const auto* delivering = std::get_if<Delivering>(&promotion.phase); delivering != nullptr) {
    auto& step = promotion.deliveries[delivering->step];
    if (step.state == DeliveryState::sent && timer == "receipt/" + step.name + "/" + std::to_string(step.round)) {
      if (is_early(promotion, timer, step.deadline)) return;
      return refuse_delivery(promotion, step, "no receipt came by " + to_text(step.deadline),
                             "find out from the receiver whether it took effect, then retry or reject");
    }
  }
  ignore("the deadline `" + timer + "` no longer means anything: the promotion is " +
         std::string(phase_name(promotion.phase)));
}

}  // namespace penstock::core
