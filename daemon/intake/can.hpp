// What a caller may do now, and why not: asked of the rules that decide when they do it.
#pragma once

#include "daemon/intake/api_parts.hpp"

namespace penstock::intake {

// Who asks, in the world of the lane that is asked about (Engine::world), and when.
struct Asking {
  const Caller& caller;
  const core::World& world;
  core::Time now;
};

// {"approve": {"may": true}, "veto": {"may": false, "why": "…", "next": "…"}, …} for "approve", "reject", "veto",
// "take-back", "break-glass", "retry", "withdraw", and "rollback" where the promotion is live. What would change
// nothing is no "may". A reason or a note that is needed is taken as given.
nlohmann::json can(const Asking& asking, const core::Promotion& promotion, const core::Lane& lane);
// The same for the lane: "pin", "release", "review", "rollback".
nlohmann::json can(const Asking& asking, const core::Lane& lane);

// What belongs to a lane: "grant" and "revoke" of a waiver; of core::every_lane "lift" of a stop, "end" of a
// delegation.
nlohmann::json can(const Asking& asking, const core::Lane& lane, const core::Waiver& waiver);
nlohmann::json can(const Asking& asking, const core::Lane& lane, const core::Stop& stop);
nlohmann::json can(const Asking& asking, const core::Lane& lane, const core::Delegation& delegation);

}  // namespace penstock::intake
