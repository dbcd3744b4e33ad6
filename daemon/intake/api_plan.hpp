// What a promotion would have to pass, told before there is one.
#pragma once

#include "daemon/intake/api_parts.hpp"

namespace penstock::intake {

// Of the lane in the path and the `version` of the query, or its `candidate`. Writes nothing.
asio::awaitable<Response> get_plan(const ApiParts& parts, Request request);

}  // namespace penstock::intake
