// Tells lanes that others follow them now, when policies came or changed: what is live there already soaks for them
// too.
#pragma once

#include "daemon/engine/engine.hpp"

namespace penstock::engine {

using AllPolicies = std::vector<std::shared_ptr<const core::Policy>>;

// At the start and after each reload. Does nothing when the policies follow one another as they did the last time it
// came to its end, which the journal keeps as the cursor "policies/after": so a restart asks no lane.
asio::awaitable<core::Result<void>> tell_of_followers(Engine& engine, journal::Journal& journal,
                                                      runtime::BlockingPool& pool, AllPolicies policies);

}  // namespace penstock::engine
