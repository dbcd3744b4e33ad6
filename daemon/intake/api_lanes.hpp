// Lanes: what is live, under way and waiting, per model and environment.
#pragma once

#include "daemon/intake/api_parts.hpp"

namespace penstock::intake {

asio::awaitable<Response> list_lanes(const ApiParts& parts, Request request);
asio::awaitable<Response> get_lane(const ApiParts& parts, Request request);

}  // namespace penstock::intake
