// That what was decided is in the audit log, and the log elsewhere, before anything is delivered.
#include <algorithm>

#include "daemon/core/deciding.hpp"

namespace penstock::core {
namespace {

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t n = 0; n < names.size(); ++n)
    text += (n == 0 ? "" : n + 1 == names.size() ? " and " : ", ") + names[n];
  return text;
}

}  // namespace

// Asked for once all else is so, but for the place that others wait for. It is good for as long as nothing more is
// found or decided.
bool Deciding::waits_for_acknowledgement(Promotion& promotion) {
  const auto& spec = promotion.policy->audit;
  if (spec.acknowledged_by.empty()) return false;
  auto& asked = promotion.acknowledgement;
  const auto facts = facts_of(promotion);
  const bool is_same = asked && asked->facts == facts;
  if (is_same && asked->given_at) return false;
  if (is_skipped(promotion, Dispensable::acknowledgements)) {
    keep_what_was_skipped(promotion, "acknowledgements");
    return false;
  }
  if (!is_same || now_ >= asked->until) {
    asked = Acknowledgement{asked ? asked->number + 1 : 1, facts, now_, now_ + spec.within, std::nullopt, 0};
    command(AskAcknowledgement{promotion.id, asked->number});
  }
  const auto* waiting = std::get_if<AwaitingWindow>(&promotion.phase);
  AwaitingWindow phase{now_, now_ + promotion.policy->window_for, "", std::nullopt, "", true};
  if (waiting != nullptr) {
    phase.since = waiting->since;
    phase.until = waiting->until;
  }
  phase.reason = listed(spec.acknowledged_by) + " to acknowledge the audit log's entries about it";
  set(promotion, phase);
  command(SetTimer{promotion.id, "window", std::min(asked->until, phase.until)});
  return true;
}

// A machine is away, and nothing is wrong with the candidate: a person says how it goes on.
bool Deciding::is_acknowledged_too_late(Promotion& promotion) {
  const auto* waiting = std::get_if<AwaitingWindow>(&promotion.phase);
  if (waiting == nullptr || !waiting->acknowledgement || !promotion.acknowledgement) return false;
  const auto& asked = *promotion.acknowledgement;
  if (asked.given_at || now_ < asked.until || now_ >= waiting->until) return false;
  const auto& spec = promotion.policy->audit;
  hold(promotion,
       "the audit log's entries about it were not acknowledged by " + listed(spec.acknowledged_by) + " within " +
           to_text(spec.within),
       "see /readyz and the daemon's log for what keeps the sink or witness from it, then retry",
       Checking{promotion.policy->stages.size()});
  return true;
}

void Deciding::on(const EntriesAcknowledged& event) {
  auto* promotion = find(event.promotion);
  if (promotion == nullptr) return;
  auto& asked = promotion->acknowledgement;
  if (!asked || asked->number != event.number || asked->given_at)
    return ignore("nobody waits for acknowledgement " + std::to_string(event.number));
  if (is_live(promotion->phase) || std::holds_alternative<Delivering>(promotion->phase))
    return ignore("its deliveries have begun without it");
  asked->given_at = now_;
  asked->entries = event.entries;
  promotion->changed_at = now_;
  const auto* waiting = std::get_if<AwaitingWindow>(&promotion->phase);
  if (waiting == nullptr || !waiting->acknowledgement) return;
  command(ClearTimer{promotion->id, "window"});
  enter_delivery(*promotion);
}

}  // namespace penstock::core
