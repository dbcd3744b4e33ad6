// What people do to a lane: hold it, release it, take back what is live in it.
#pragma once

#include "daemon/intake/api_parts.hpp"

namespace penstock::intake {

struct RollbackWish {
  std::string reason;
  std::string candidate;  // the digest or the version of one that was live; empty: the one before
};

// What happens when a caller acts; the routes submit it, and can() asks what would come of it. Problems: "not-allowed"
// (a service), and for a rollback "conflict" (no such version was live there, or several of that name were).
core::Result<core::Event> pin_event(const Caller& by, const core::LaneKey& lane, std::string reason);
core::Result<core::Event> release_event(const Caller& by, const core::LaneKey& lane);
core::Result<core::Event> review_event(const Caller& by, const core::LaneKey& lane, std::string text);
core::Result<core::Event> rollback_event(const Caller& by, const core::Lane& lane, const RollbackWish& wish,
                                         core::Time now);

// 200 and the lane; `ignored` says why nothing changed.
asio::awaitable<Response> post_pin(const ApiParts& parts, Request request);
asio::awaitable<Response> post_release(const ApiParts& parts, Request request);
asio::awaitable<Response> post_review(const ApiParts& parts, Request request);
// 201 and the promotion that goes back; 200 with the one that is on its way already. With `plan` 200 and what would
// happen: nothing is written. With If-Match only while that is what the live promotion is decided on by: a newer one is
// not taken back by mistake.
asio::awaitable<Response> post_rollback(const ApiParts& parts, Request request);

}  // namespace penstock::intake
