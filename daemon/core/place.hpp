// Named semaphores: how many lanes may promote at once. A lane holds a place from the instant its deliveries begin
// until what it delivered is live and watched no more.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "daemon/core/words.hpp"

namespace penstock::core {

// A lane's place among those that may promote at once: asked for, then given.
struct Place {
  std::string semaphore;
  LaneKey lane;
  int number = 0;         // counts what the lane has asked for, so that an earlier place is told from a later one
  PromotionId promotion;  // for which it was asked
  Time asked_at{};
  std::optional<Time> since{};  // when it was given; nothing while it is waited for
  bool operator==(const Place&) const = default;
};
// The same place, whether it is given or waited for.
bool is_same(const Place& left, const Place& right);

// How many places each semaphore has, by its name.
using Semaphores = std::map<std::string, int>;

// Of one semaphore; the pointers are into `places`, whose order is that of asking.
struct PlacesOf {
  std::optional<int> limit;  // nothing when no such semaphore is declared: it gives out no place
  std::vector<const Place*> held;
  std::vector<const Place*> waiting;
  bool has_room() const { return limit && static_cast<int>(held.size()) < *limit; }
};
PlacesOf places_of(const std::string& semaphore, const std::vector<Place>& places, const Semaphores* semaphores);
// "2 of 2 places of the semaphore tier-1 are held, by fraud in production and risk in production"
std::string to_text(const std::string& semaphore, const PlacesOf& places);

nlohmann::json to_json(const Place& place);
// Of what to_json() wrote; throws for anything else, inside a reader of stored documents.
Place place_from_json(const nlohmann::json& document);

}  // namespace penstock::core
