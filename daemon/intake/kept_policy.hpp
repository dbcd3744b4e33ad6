// The policy that a promotion was opened under, which it keeps whatever is loaded later.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "daemon/core/promotion.hpp"
#include "daemon/core/world.hpp"

namespace penstock::intake {

// What covers the lane now in its place: "policy fraud-production (sha256:…)", or "no policy". Nothing while it is the
// same one, and once the promotion has ended; a way back keeps what was made for it.
std::optional<std::string> covered_now_by(const core::Promotion& promotion, const core::World& world);
// {"name", "digest"}, and {"in_force": false, "now": "…"} when another one covers the lane now.
nlohmann::json kept_policy_json(const core::Promotion& promotion, const core::World& world);

}  // namespace penstock::intake
