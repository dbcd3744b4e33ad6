// Which waivers let a gate pass.
#pragma once

#include <vector>

#include "daemon/core/lane_state.hpp"
#include "daemon/core/promotion.hpp"

namespace penstock::core {

// The waivers by which the check counts as passed at `now`; none when it passed by itself, has not answered, or is not
// waived. A whole gate is waived by a waiver of the gate; single rules only when every open rule of the finding is
// waived; and nothing is where one of the open rules may never be waived. The pointers are into `state`.
std::vector<const Waiver*> waivers_of(const LaneState& state, const Promotion& promotion, const Check& check, Time now);

}  // namespace penstock::core
