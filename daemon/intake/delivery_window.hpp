// When deliveries to a lane may begin, as every answer that speaks of a lane or a promotion tells it.
#pragma once

#include <nlohmann/json.hpp>

#include "daemon/core/delivery_opening.hpp"
#include "daemon/core/lane.hpp"

namespace penstock::intake {

// For a promotion of the lane, under its own policy.
core::DeliveryOpening opening_of(const core::World& world, const core::Lane& lane, const core::Promotion& promotion,
                                 core::Time now);

// {"open", "reason", "next_open", "next_close", "begins", "looked_until", "stops": […], "text"}. Times that are not
// known are null: `text` says why ("… and open at no time before 2027-12-26T…").
nlohmann::json window_json(const core::DeliveryOpening& opening, const core::LaneKey& lane);
// For the lane, under the policy in force; null when no policy covers it.
nlohmann::json window_json(const core::World& world, const core::Lane& lane, core::Time now);

// JSON Schema of what window_json() gives.
nlohmann::json window_schema();

}  // namespace penstock::intake
