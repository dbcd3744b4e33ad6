// Candidates: submitting one, and finding those that were seen.
#pragma once

#include "daemon/intake/api_parts.hpp"

namespace penstock::intake {

// 201 with its promotions, or 200 when the candidate was known. With an Idempotency-Key a repeat is answered as the
// first request was; the same key with another body is "idempotency-mismatch"
// (draft-ietf-httpapi-idempotency-key-header).
asio::awaitable<Response> post_candidate(const ApiParts& parts, Request request);
asio::awaitable<Response> list_candidates(const ApiParts& parts, Request request);
asio::awaitable<Response> get_candidate(const ApiParts& parts, Request request);

// "sha256:…" from a path. Problem "not-found" (404).
core::Result<core::Digest> digest_in_path(const Request& request, const std::string& name);

}  // namespace penstock::intake
