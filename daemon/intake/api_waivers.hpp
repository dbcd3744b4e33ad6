// Waivers: a person asks to go on although a gate is not passed, another one grants it, anybody takes it back.
#pragma once

#include "daemon/intake/api_parts.hpp"

namespace penstock::intake {

// 201 and the waiver as it was asked for. Its end is given as a time (`ends`) or a duration from now (`for`).
asio::awaitable<Response> post_waiver(const ApiParts& parts, Request request);
// 200 and the waiver; `ignored` says why nothing changed.
asio::awaitable<Response> post_grant(const ApiParts& parts, Request request);
// 200 and the waiver as it was: it is no more.
asio::awaitable<Response> post_revocation(const ApiParts& parts, Request request);

}  // namespace penstock::intake
