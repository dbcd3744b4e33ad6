// What lanes learn from policies and limits that have come into force, at the start and after each reload.
#pragma once

#include "daemon/engine/engine.hpp"
#include "daemon/policies_in_force.hpp"

namespace penstock {

// Whoever waits for a place may go on when there are more of them now, and what is live may be followed by other lanes.
// What cannot be told is logged; it is told again at the next start.
boost::asio::awaitable<void> tell_of_changes(engine::Engine& engine, journal::Journal& journal,
                                             runtime::BlockingPool& pool, const PoliciesInForce& policies);

}  // namespace penstock
