// What happens between lanes, and in the registry.
#include "tests/property/invent.hpp"

namespace penstock::property {

EffectSeen Inventor::a_look(const LookAt& look) {
  static constexpr Effect effects[] = {Effect::unknown, Effect::kept, Effect::drifted, Effect::drifted};
  const auto effect = chance_.percent(4) ? Effect::unreadable : chance_.one_of(effects);
  return {look.promotion, look.delivery, look.number, effect, std::to_string(chance_.below(3))};
}

// Another lane asks for a place, or one of any lane is given again, or the limits are read again.
Event Inventor::something_about_places() {
  const auto& places = play_.every().state.places;
  if (!places.empty() && chance_.percent(40)) {
    const auto& place = chance_.one_of(places);
    if (place.lane == the_lane && place.since) return PlaceGranted{the_lane, place, ""};
    return PlaceAsked{every_lane, place, ""};
  }
  if (chance_.percent(20)) return LimitsChanged{every_lane, ""};
  return PlaceAsked{every_lane, {the_semaphore, {"other", "production"}, ++places_, "", play_.now(), std::nullopt}, ""};
}

}  // namespace penstock::property
