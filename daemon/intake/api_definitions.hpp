// The gate definitions that are loaded, and what others would have decided.
#pragma once

#include "daemon/intake/api_parts.hpp"

namespace penstock::intake {

asio::awaitable<Response> get_definitions(const ApiParts& parts, Request request);
// Decides the newest promotions of its lanes again under a policy that the caller sends. Writes nothing.
asio::awaitable<Response> post_simulation(const ApiParts& parts, Request request);

nlohmann::json simulation_schema();
// Of files whose texts have 1 MiB together, escaped for JSON.
inline constexpr std::size_t simulation_body = 3 << 20;

}  // namespace penstock::intake
