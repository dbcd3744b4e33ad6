// How a lane takes candidates up, one at a time, and how a promotion ends.
#include <algorithm>

#include "daemon/core/approval.hpp"
#include "daemon/core/deciding.hpp"

namespace penstock::core {
namespace {

// Not yet being delivered: stopping it takes nothing back.
bool can_be_cancelled(const Phase& phase) {
  if (const auto* held = std::get_if<Held>(&phase)) return std::holds_alternative<Checking>(held->from);
  return std::holds_alternative<Checking>(phase) || std::holds_alternative<AwaitingApproval>(phase);
}

// Whoever may approve may also say no, the excluded ones included: stopping one's own work needs no second person.
bool may_stop(const Promotion& promotion, const std::vector<std::string>& groups) {
  const auto& rules = promotion.policy->approvals;
  return rules.empty() || std::any_of(rules.begin(), rules.end(), [&](const ApprovalRule& rule) {
           return std::find(groups.begin(), groups.end(), rule.group) != groups.end();
         });
}

}  // namespace

Promotion* Deciding::find(const PromotionId& id) {
  for (auto& promotion : decision_.lane.promotions)
    if (promotion.id == id) return &promotion;
  ignore("no open promotion " + id + " in " + to_text(decision_.lane.key));
  return nullptr;
}

void Deciding::on(const CandidateSeen& event) {
  for (const auto& promotion : decision_.lane.promotions)
    if (promotion.candidate == event.candidate)
      return ignore("this candidate is " + std::string(phase_name(promotion.phase)) + " here already as " +
                    promotion.id);
  Promotion promotion;
  promotion.id = event.promotion;
  promotion.lane = decision_.lane.key;
  promotion.candidate = event.candidate;
  promotion.version = event.version;
  promotion.authors = event.authors;
  promotion.submitter = event.submitter;
  promotion.trigger = event.trigger;
  promotion.policy = event.policy;
  promotion.opened_at = now_;
  set(promotion, Queued{now_ + event.policy->queue_for});
  supersede_others(promotion);
  decision_.lane.promotions.push_back(std::move(promotion));
  take_up_next();
  const auto& opened = decision_.lane.promotions.back();
  if (const auto* queued = std::get_if<Queued>(&opened.phase)) command(SetTimer{opened.id, "queue", queued->until});
}

// The newcomer's policy decides: it is the one in force now.
void Deciding::supersede_others(const Promotion& newcomer) {
  const auto mode = newcomer.policy->queue;
  if (mode == QueueMode::queue) return;
  for (auto& other : decision_.lane.promotions) {
    const bool waits = std::holds_alternative<Queued>(other.phase);
    if (waits || (mode == QueueMode::cancel_running && can_be_cancelled(other.phase)))
      end(other, Superseded{newcomer.id});
  }
}

void Deciding::take_up_next() {
  if (under_way_in(decision_.lane) != nullptr) return;
  for (auto& promotion : decision_.lane.promotions) {
    if (!std::holds_alternative<Queued>(promotion.phase)) continue;
    if (promotion.opened_at != now_) command(ClearTimer{promotion.id, "queue"});
    return enter_stage(promotion, 0);
  }
}

void Deciding::go_live(Promotion& promotion) {
  for (auto& other : decision_.lane.promotions)
    if (std::holds_alternative<Live>(other.phase)) set(other, Replaced{promotion.id});
  set(promotion, Live{now_});
  command(CallOff{promotion.id});
  take_up_next();
}

void Deciding::hold(Promotion& promotion, std::string reason, std::string next,
                    std::variant<Checking, Delivering> from) {
  const auto until = now_ + promotion.policy->hold_for;
  set(promotion, Held{std::move(reason), std::move(next), from, until});
  command(SetTimer{promotion.id, "hold", until});
}

void Deciding::end(Promotion& promotion, Phase phase) {
  set(promotion, std::move(phase));
  command(CallOff{promotion.id});
}

bool Deciding::is_stale(const Promotion& promotion, const CandidateId& candidate, const Digest& policy) {
  if (promotion.candidate == candidate && promotion.policy->digest == policy) return false;
  refuse("stale-decision",
         "the decision is about candidate " + candidate.brief() + " under policy " + policy.brief() + ", but " +
             promotion.id + " is candidate " + promotion.candidate.brief() + " under policy " +
             promotion.policy->digest.brief(),
         "read the promotion again and decide on what it shows");
  return true;
}

void Deciding::on(const RejectionGiven& event) {
  auto* promotion = find(event.promotion);
  if (promotion == nullptr || is_stale(*promotion, event.candidate, event.policy)) return;
  if (!may_stop(*promotion, event.groups))
    return refuse("not-allowed", event.person + " is in none of the groups that decide on " + to_text(promotion->lane),
                  "ask a member of one of the policy's approval groups");
  if (std::holds_alternative<Live>(promotion->phase) || std::holds_alternative<Delivering>(promotion->phase))
    return refuse("conflict",
                  promotion->id + " is " + std::string(phase_name(promotion->phase)) + ": it can no longer be rejected",
                  "wait for the delivery to end; what is live is replaced by promoting another candidate");
  end(*promotion, Rejected{event.person, event.reason});
  take_up_next();
}

void Deciding::on(const WithdrawalAsked& event) {
  auto* promotion = find(event.promotion);
  if (promotion == nullptr) return;
  if (std::holds_alternative<Live>(promotion->phase) || std::holds_alternative<Delivering>(promotion->phase))
    return refuse(
        "conflict",
        promotion->id + " is " + std::string(phase_name(promotion->phase)) + ": it can no longer be withdrawn",
        "a promotion can be withdrawn until its delivery begins");
  end(*promotion, Withdrawn{event.person, event.reason});
  take_up_next();
}

void Deciding::on(const RetryAsked& event) {
  auto* promotion = find(event.promotion);
  if (promotion == nullptr) return;
  const auto* held = std::get_if<Held>(&promotion->phase);
  if (held == nullptr)
    return refuse(
        "conflict",
        promotion->id + " is " + std::string(phase_name(promotion->phase)) + ", not held: there is nothing to retry",
        "only a held promotion waits for a retry");
  command(ClearTimer{promotion->id, "hold"});
  const auto from = held->from;
  if (const auto* checking = std::get_if<Checking>(&from)) return ask_again(*promotion, *checking);
  deliver_again(*promotion, std::get<Delivering>(from));
}

void Deciding::on(const DeadlinePassed& event) {
  auto* promotion = find(event.promotion);
  if (promotion == nullptr) return;
  if (const auto* queued = std::get_if<Queued>(&promotion->phase); queued != nullptr && event.timer == "queue") {
    end(*promotion, Expired{"it was not taken up within " + to_text(promotion->policy->queue_for)});
    return take_up_next();
  }
  if (const auto* held = std::get_if<Held>(&promotion->phase); held != nullptr && event.timer == "hold") {
    end(*promotion,
        Expired{"nobody decided within " + to_text(promotion->policy->hold_for) + " what to do: " + held->reason});
    return take_up_next();
  }
  if (const auto* waiting = std::get_if<AwaitingApproval>(&promotion->phase);
      waiting != nullptr && event.timer == "approval") {
    const auto until = approval_deadline(*promotion, waiting->since);
    if (until && *until > now_) return set_approval_timer(*promotion, *waiting);
    std::string missing;
    for (const auto& rule : progress(*promotion))
      if (!rule.met())
        missing += (missing.empty() ? "" : " and ") + std::to_string(rule.given_by.size()) + " of " +
                   std::to_string(rule.rule->count) + " approvals by " + rule.rule->group;
    end(*promotion, Expired{"only " + missing + " came in time"});
    return take_up_next();
  }
  if (const auto* delivering = std::get_if<Delivering>(&promotion->phase); delivering != nullptr) {
    auto& step = promotion->deliveries[delivering->step];
    if (step.state == DeliveryState::sent && event.timer == "receipt/" + step.name + "/" + std::to_string(step.round))
      return refuse_delivery(*promotion, step, "no receipt came by " + to_text(step.deadline),
                             "find out from the receiver whether it took effect, then retry or reject");
  }
  ignore("the deadline `" + event.timer + "` no longer means anything: the promotion is " +
         std::string(phase_name(promotion->phase)));
}

}  // namespace penstock::core
