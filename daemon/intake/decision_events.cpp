// From what people ask to the events that the core decides on, and what intake itself refuses of it.
#include "daemon/intake/api_body.hpp"
#include "daemon/intake/api_decisions.hpp"
#include "daemon/runtime/digest.hpp"

namespace penstock::intake {
namespace {

core::Problem not_allowed(std::string message, std::string hint) {
  return {"not-allowed", std::move(message), "", std::move(hint), false};
}

core::Problem has_ended(const core::Promotion& promotion, std::string hint) {
  return {"conflict", promotion.id + " has ended: it is " + std::string(core::phase_name(promotion.phase)), "",
          std::move(hint), false};
}

core::Result<void> needs_reason(const PersonalDecision& decision) {
  if (!decision.note.empty()) return core::Result<void>();
  if (decision.decision == Decision::reject)
    return invalid("a rejection needs a reason", "say in `note` what is wrong and what would change your mind");
  if (decision.decision == Decision::veto)
    return invalid("a veto needs a reason", "say in `note` why this candidate must never be live here");
  if (decision.decision == Decision::break_glass)
    return invalid("breaking the glass needs a reason", "say in `note` what the emergency is");
  return core::Result<void>();
}

core::Event made_event(const PersonalDecision& decision, const core::Promotion& promotion) {
  const auto& policy = promotion.policy->digest;
  const auto& by = decision.by;
  switch (decision.decision) {
    case Decision::reject:
      return core::RejectionGiven{promotion.id, promotion.candidate, policy, by.name, by.groups, decision.note};
    case Decision::veto:
      return core::VetoGiven{promotion.id, promotion.candidate, policy, by.name, by.groups, decision.note};
    case Decision::take_back:
      return core::ApprovalWithdrawn{promotion.id, by.name, decision.note};
    case Decision::break_glass:
      return core::BreakGlassAsked{promotion.id, promotion.candidate, policy, by.name, by.groups, decision.note};
    case Decision::approve:
      break;
  }
  return core::ApprovalGiven{promotion.id,
                             promotion.candidate,
                             policy,
                             by.name,
                             by.groups,
                             by.aliases,
                             decision.note,
                             decision.condition,
                             engine::Engine::findings_digest(promotion),
                             decision.on_behalf_of};
}

}  // namespace

core::Result<void> needs_person(const Caller& caller, const std::string& what) {
  if (caller.person) return core::Result<void>();
  return not_allowed(caller.name + " is a service: only people " + what, "do it with a person's token");
}

core::Result<PersonalDecision> read_decision(const nlohmann::json& document, Caller by) {
  const auto word = text_member(document, "decision");
  if (!word) return word.error();
  const auto decision = core::value_of<Decision>(*word);
  if (!decision)
    return invalid("`decision` is `" + word->substr(0, 40) +
                   "`, needed `approve`, `reject`, `veto`, `take-back` or `break-glass`");
  const auto note = text_member(document, "note");
  if (!note) return note.error();
  const auto reason = text_member(document, "reason");
  if (!reason) return reason.error();
  const auto condition = text_member(document, "condition");
  if (!condition) return condition.error();
  if (!condition->empty() && *decision != Decision::approve)
    return invalid("`condition` is given with `approve` only", "say the rest in `note`");
  const auto principal = text_member(document, "on_behalf_of");
  if (!principal) return principal.error();
  if (!principal->empty() && *decision != Decision::approve)
    return invalid("`on_behalf_of` is given with `approve` only");
  return PersonalDecision{"", *decision, {}, note->empty() ? *reason : *note, *condition, *principal, std::move(by)};
}

core::Result<core::Event> event_of(const PersonalDecision& decision, const core::Promotion& promotion) {
  if (const auto person = needs_person(decision.by, "decide"); !person) return person.error();
  if (const auto reason = needs_reason(decision); !reason) return reason.error();
  const auto current = engine::Engine::decision_digest(promotion);
  if (decision.decide_on != current)
    return core::Problem{"stale-decision",
                         "the decision is about " + decision.decide_on.text() +
                             ", but this promotion is decided on by " + current.text(),
                         promotion.id, "read the promotion again and decide on what it shows", false};
  if (core::is_end(promotion.phase)) return has_ended(promotion, "a retry opens a new promotion of the same candidate");
  return made_event(decision, promotion);
}

core::Result<core::Event> retry_event(const Caller& by, const core::Promotion& promotion, core::Time now) {
  if (const auto person = needs_person(by, "retry"); !person) return person.error();
  if (!core::is_end(promotion.phase)) return core::Event(core::RetryAsked{promotion.id, by.name});
  if (std::holds_alternative<core::Replaced>(promotion.phase))
    return core::Problem{"conflict", promotion.id + " was live and has been replaced: there is nothing to retry", "",
                         "submit the candidate again to promote it once more", false};
  // Opened anew it would be an ordinary promotion of the older candidate.
  if (!promotion.takes_back.empty()) return has_ended(promotion, "roll the lane back again");
  return core::Event(core::CandidateSeen{runtime::time_ordered_id("prm_", now), promotion.candidate, promotion.version,
                                         promotion.authors, promotion.submitter, "retry:" + by.name, nullptr});
}

core::Result<core::Event> withdrawal_event(const Caller& by, const core::Promotion& promotion, std::string reason) {
  if (!by.person && by.name != promotion.submitter)
    return not_allowed(by.name + " is a service and did not submit this candidate",
                       "the submitter (" + promotion.submitter + ") or any person can withdraw it");
  if (core::is_end(promotion.phase)) return has_ended(promotion, "");
  return core::Event(core::WithdrawalAsked{promotion.id, by.name, std::move(reason)});
}

}  // namespace penstock::intake
