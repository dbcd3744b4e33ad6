// Lanes: what is live, under way and waiting, per model and environment, what holds them, and what was live when.
#pragma once

#include "daemon/intake/api_parts.hpp"

namespace penstock::intake {

asio::awaitable<Response> list_lanes(const ApiParts& parts, Request request);
// With `at` what was live then, and nothing else.
asio::awaitable<Response> get_lane(const ApiParts& parts, Request request);
// What was live, newest first.
asio::awaitable<Response> get_history(const ApiParts& parts, Request request);

// The whole lane with what the caller `can` do to it. Problems: those of the journal.
asio::awaitable<core::Result<nlohmann::json>> lane_json(const ApiParts& parts, const Caller& caller,
                                                        const core::Lane& lane);
// Enough for a list: what it is and how it is.
nlohmann::json brief_json(const core::Promotion& promotion);
core::LaneKey lane_in_path(const Request& request);
// Problem "unknown-lane" when nothing was ever seen of it: nobody holds a lane by a slip of the pen.
asio::awaitable<core::Result<engine::LaneThen>> seen_lane(const ApiParts& parts, core::LaneKey key);

}  // namespace penstock::intake
