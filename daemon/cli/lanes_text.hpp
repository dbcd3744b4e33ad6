// How what belongs to a lane is shown to a person; each text ends with a line's end.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace penstock::cli {

// "fraud-eu in production".
std::string name_of_lane(const nlohmann::json& document);
// "held by ann since …: …", or that nobody holds it.
std::string pin_text(const nlohmann::json& lane);
// What the lane owes since the glass was broken, or that it owes nothing.
std::string review_text(const nlohmann::json& lane);
std::string waiver_text(const nlohmann::json& waiver);
std::string span_text(const nlohmann::json& span);
std::string lane_text(const nlohmann::json& lane);
// Gates, approvals and deliveries, one to a line.
std::string demands_text(const nlohmann::json& plan);
// Of a rollback.
std::string plan_text(const nlohmann::json& plan);

}  // namespace penstock::cli
