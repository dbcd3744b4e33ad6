// Semaphores: no more places than there are, and nobody keeps one for nothing.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "tests/property/properties.hpp"

namespace penstock::property {
namespace {

bool delivers_or_watches(const Promotion& promotion) {
  const auto* held = std::get_if<Held>(&promotion.phase);
  return std::holds_alternative<Delivering>(promotion.phase) || std::holds_alternative<Watching>(promotion.phase) ||
         (held != nullptr && std::holds_alternative<Delivering>(held->from));
}

bool waits_for_place(const Promotion& promotion) {
  const auto* waiting = std::get_if<AwaitingWindow>(&promotion.phase);
  return waiting != nullptr && !waiting->semaphore.empty();
}

bool holds_place(const Lane& lane) {
  return std::any_of(lane.state.places.begin(), lane.state.places.end(),
                     [](const Place& place) { return place.since.has_value(); });
}

}  // namespace

std::optional<Failure> broken_places(const Lane& lane, const Lane& every, int limit) {
  const auto held = std::count_if(every.state.places.begin(), every.state.places.end(),
                                  [](const Place& place) { return place.since.has_value(); });
  if (held > limit)
    return Failure{"no more places are held than there are",
                   std::to_string(held) + " are held, of " + std::to_string(limit)};
  bool any_needs = false;
  bool any_waits = false;
  for (const auto& promotion : lane.promotions) {
    if (promotion.policy->semaphore.empty()) continue;
    any_waits = any_waits || waits_for_place(promotion);
    if (!delivers_or_watches(promotion)) continue;
    any_needs = true;
    const bool without = promotion.glass && std::find(promotion.glass->skipped.begin(), promotion.glass->skipped.end(),
                                                      "semaphores") != promotion.glass->skipped.end();
    if (!without && !holds_place(lane))
      return Failure{"whoever delivers or watches under a semaphore holds a place",
                     promotion.id + " is " + std::string(phase_name(promotion.phase))};
  }
  for (const auto& place : lane.state.places) {
    if (place.since ? !any_needs : !any_waits)
      return Failure{"nobody keeps a place, or goes on waiting for one, for nothing", to_json(place).dump()};
    if (!place.since) continue;
    const bool is_known = std::any_of(every.state.places.begin(), every.state.places.end(),
                                      [&](const Place& one) { return is_same(one, place) && one.since; });
    if (!is_known)
      return Failure{"a place that a lane holds is counted among those of all lanes", to_json(place).dump()};
  }
  return std::nullopt;
}

}  // namespace penstock::property
