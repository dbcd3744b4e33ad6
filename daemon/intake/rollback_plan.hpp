// What a rollback would do, told before it does it.
#pragma once

#include <nlohmann/json.hpp>

#include "daemon/core/advance.hpp"

namespace penstock::intake {

// {"takes_back", "target", "stages", "approvals", "deliveries", "supersedes", "pin", "phase", "window"}: what is live
// now, what would be again, what the short way demands, which promotions would give way, how the lane would be held
// afterwards, and when its deliveries may begin. `opened` is the promotion that goes back in `decision`. When that is
// ignored: {"ignored": why}.
nlohmann::json rollback_plan(const core::Lane& lane, const core::Decision& decision, const core::PromotionId& opened,
                             const core::World& world, core::Time now);

}  // namespace penstock::intake
