// /v1/stops: a person's order that nothing is delivered, to a model, an environment, or anywhere.
#pragma once

#include "daemon/intake/api_parts.hpp"

namespace penstock::intake {

// {"stops": […]}: those that hold now, oldest first.
asio::awaitable<Response> list_stops(const ApiParts& parts, Request request);
// {"model"?, "environment"?, "reason"}; 201 with the stop. The patterns are globs; left out, they stand for all.
asio::awaitable<Response> post_stop(const ApiParts& parts, Request request);
// What waited for it goes on within half a minute. 404 when there is no such stop.
asio::awaitable<Response> post_lift(const ApiParts& parts, Request request);

}  // namespace penstock::intake
