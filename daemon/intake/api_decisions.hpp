// What people do to a promotion: approve, reject, veto, take an approval back, retry, withdraw.
#pragma once

#include <array>

#include "daemon/intake/api_parts.hpp"

namespace penstock::intake {

enum class Decision {
  approve,
  reject,
  veto,         // reject, and never this candidate in this lane
  take_back,    // one's own approval, which counts until then
  break_glass,  // in an emergency, with a second person
};

// A person's decision. The API and the signed hooks of approvers take the same way.
struct PersonalDecision {
  core::PromotionId promotion;
  Decision decision{};
  core::Digest decide_on{};    // as the promotion showed it
  std::string note;            // needed for a rejection, a veto and to break the glass
  std::string condition;       // what an approver demands besides, in words
  std::string on_behalf_of{};  // for whom an approver stands in; empty: for themself first
  Caller by;
};

// `decision`, `note` (or `reason`), `condition` and `on_behalf_of` of a document; promotion and digest are the caller's
// to fill in. Problem "invalid-document".
core::Result<PersonalDecision> read_decision(const nlohmann::json& document, Caller by);

// What happens when somebody decides, retries or withdraws; the routes submit it, and can() asks what would come of it.
// Problems: "not-allowed" (a service), "invalid-document" (no reason), "stale-decision", "conflict" (it has ended).
core::Result<core::Event> event_of(const PersonalDecision& decision, const core::Promotion& promotion);
// RetryAsked; for one that has ended CandidateSeen without a policy: it is opened anew under the one in force.
core::Result<core::Event> retry_event(const Caller& by, const core::Promotion& promotion, core::Time now);
core::Result<core::Event> withdrawal_event(const Caller& by, const core::Promotion& promotion, std::string reason);

// Problems: those of event_of(), "unknown-promotion", what the core refuses ("not-allowed", "conflict", …), journal
// problems.
asio::awaitable<core::Result<engine::Outcome>> decide(const ApiParts& parts, PersonalDecision decision);

asio::awaitable<Response> post_decision(const ApiParts& parts, Request request);
// A held promotion goes on where it stopped. One that ended, unless it was replaced or was itself a way back, is opened
// anew in its lane and in no other, for the same candidate and the same submitter: whoever may not approve the first
// may not approve the second either.
asio::awaitable<Response> post_retry(const ApiParts& parts, Request request);
// By its submitter (a service may take back what it submitted), or by any person: stopping is never the dangerous way.
asio::awaitable<Response> post_withdrawal(const ApiParts& parts, Request request);

// Problem "not-allowed" for a service: "ci is a service: only people <what>".
core::Result<void> needs_person(const Caller& caller, const std::string& what);

}  // namespace penstock::intake

namespace penstock::core {
template <>
struct EnumNames<intake::Decision> {
  static constexpr std::array<std::pair<intake::Decision, const char*>, 5> names{
      {{intake::Decision::approve, "approve"},
       {intake::Decision::reject, "reject"},
       {intake::Decision::veto, "veto"},
       {intake::Decision::take_back, "take-back"},
       {intake::Decision::break_glass, "break-glass"}}};
};
}  // namespace penstock::core
