// What a promotion goes on without now, because two people have broken the glass for it.
#pragma once

#include "daemon/core/promotion.hpp"
#include "daemon/core/world.hpp"

namespace penstock::core {

// Two have, it still holds, and both are still members of the group that may.
bool is_broken(const Promotion& promotion, const World& world, Time now);
// What a gate has found that may never be waived is not gone without either.
bool is_skipped(const Promotion& promotion, const GateSpec& gate, const World& world, Time now);
bool is_skipped(const Promotion& promotion, Dispensable what, const World& world, Time now);

}  // namespace penstock::core
