// /v1/semaphores: how many lanes may promote at once, who does, and who waits.
#pragma once

#include "daemon/intake/api_parts.hpp"

namespace penstock::intake {

// {"semaphores": [{"name", "limit", "held": […], "waiting": […]}]}: all that are declared, and those that are no longer
// (`limit` null) as long as somebody waits for them or has a place; `waiting` in the order of asking.
asio::awaitable<Response> list_semaphores(const ApiParts& parts, Request request);
// What a promotion that waits for a place is told of its wait: who holds the places now, not when it asked.
asio::awaitable<void> tell_places(const ApiParts& parts, const core::Promotion& promotion, nlohmann::json& document);

}  // namespace penstock::intake
