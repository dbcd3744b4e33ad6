// /v1/delegations: people who stand in for others, until a date.
#pragma once

#include "daemon/intake/api_parts.hpp"

namespace penstock::intake {

// {"delegations": […]}: those that hold now, oldest first.
asio::awaitable<Response> list_delegations(const ApiParts& parts, Request request);
// The caller hands on what they may do as a member of a group: {"to", "group", "reason", and "ends" or "for"}.
asio::awaitable<Response> post_delegation(const ApiParts& parts, Request request);
// By one of the two.
asio::awaitable<Response> post_delegation_end(const ApiParts& parts, Request request);

}  // namespace penstock::intake
