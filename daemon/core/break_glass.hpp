// In an emergency two people go on without what the policy lists as dispensable; a review of it is owed afterwards.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "daemon/core/words.hpp"

namespace penstock::core {

// What besides gates can be gone without. Never integrity, nor a signature: those are gates that no policy may list.
enum class Dispensable {
  approvals,         // all of them
  windows,           // the hours, and how many deliveries one window allows
  stops,             // emergency stops
  semaphores,        // the place that others may hold
  acknowledgements,  // that the audit log is kept elsewhere first
};
template <>
struct EnumNames<Dispensable> {
  static constexpr std::array<std::pair<Dispensable, const char*>, 5> names{
      {{Dispensable::approvals, "approvals"},
       {Dispensable::windows, "windows"},
       {Dispensable::stops, "stops"},
       {Dispensable::semaphores, "semaphores"},
       {Dispensable::acknowledgements, "acknowledgements"}}};
};

// What a policy allows.
struct BreakGlassSpec {
  std::string group;               // two of its members break the glass
  std::vector<std::string> gates;  // names of the policy's gates
  std::vector<Dispensable> skips;
  Duration lasts = std::chrono::hours(1);    // from the first person to the second, and from then to the delivery
  std::string reviewers;                     // the group that reviews it
  Duration review = std::chrono::hours(72);  // within which the review is owed
  bool operator==(const BreakGlassSpec&) const = default;
};

// What two people have done to one promotion.
struct BreakGlass {
  std::string asked_by;
  std::string confirmed_by;  // empty until a second person joined
  std::string reason;
  Time asked_at{};
  Time until{};                      // by when a second person must join, and then until when it holds
  std::vector<std::string> skipped;  // what the delivery began without: "gate smoke-test", "approvals", "windows"
  bool operator==(const BreakGlass&) const = default;
};

// Owed by the lane: it takes up nothing until the review is filed.
struct Review {
  PromotionId promotion;
  std::string version;
  std::vector<std::string> broken_by;
  std::string reason;
  std::string group;  // whose members may file it
  Time since{};
  Time due{};
  bool operator==(const Review&) const = default;
};

nlohmann::json to_json(const BreakGlassSpec& spec);
nlohmann::json to_json(const BreakGlass& glass);
nlohmann::json to_json(const Review& review);
// Of what to_json() wrote; they throw for anything else, inside a reader of stored documents.
BreakGlassSpec break_glass_spec_from_json(const nlohmann::json& document);
BreakGlass break_glass_from_json(const nlohmann::json& document);
Review review_from_json(const nlohmann::json& document);

}  // namespace penstock::core
