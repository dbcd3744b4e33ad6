// What would be decided in a world that is known already.
#pragma once

#include "daemon/core/advance.hpp"

namespace penstock::engine {

// A CandidateSeen without a policy gets the one that covers the lane. Problem "no-policy" where none does.
core::Result<core::Decision> plan_in(const core::World& world, const core::Lane& lane, core::Event event,
                                     core::Time now);

}  // namespace penstock::engine
