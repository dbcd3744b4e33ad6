// What people do to a promotion: approve, reject, retry, withdraw.
#pragma once

#include "daemon/intake/api_parts.hpp"

namespace penstock::intake {

// A person's yes or no. The API and the signed hooks of approvers take the same way.
struct PersonalDecision {
  core::PromotionId promotion;
  bool approve = false;
  core::Digest decide_on;  // as the promotion showed it
  std::string note;        // needed for a rejection
  Caller by;
};

// Problems: "not-allowed" (a service, or what the core refuses), "invalid-document" (a rejection without a reason),
// "unknown-promotion", "stale-decision", "conflict" (it is not waiting for this), journal problems.
asio::awaitable<core::Result<engine::Outcome>> decide(const ApiParts& parts, PersonalDecision decision);
// The decision "approve" or "reject" of a document. Problem "invalid-document".
core::Result<bool> is_approval(const std::string& word);

asio::awaitable<Response> post_decision(const ApiParts& parts, Request request);
// A held promotion goes on where it stopped. One that ended as rejected, expired, withdrawn or superseded is opened
// anew, for the same candidate and the same submitter: whoever may not approve the first may not approve the second
// either.
asio::awaitable<Response> post_retry(const ApiParts& parts, Request request);
// By its submitter (a service may take back what it submitted), or by any person: stopping is never the dangerous way.
asio::awaitable<Response> post_withdrawal(const ApiParts& parts, Request request);

}  // namespace penstock::intake
