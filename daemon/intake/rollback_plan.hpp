// What a rollback would do, told before it does it.
#pragma once

#include <nlohmann/json.hpp>

#include "daemon/core/advance.hpp"

namespace penstock::intake {

// {"takes_back", "target", "stages", "approvals", "deliveries", "supersedes", "pin", "phase"}: what is live now, what
// would be again, what the short way demands, which promotions would give way, and how the lane would be held
// afterwards. `opened` is the promotion that goes back in `decision`. When that is ignored: {"ignored": why}.
nlohmann::json rollback_plan(const core::Lane& lane, const core::Decision& decision, const core::PromotionId& opened);

}  // namespace penstock::intake
