#include "daemon/engine/place_events.hpp"

namespace penstock::engine {

std::optional<core::Event> event_of_place(const core::Command& command) {
  if (const auto* ask = std::get_if<core::AskPlace>(&command))
    return core::PlaceAsked{core::every_lane, ask->place, ask->place.promotion};
  if (const auto* grant = std::get_if<core::GrantPlace>(&command))
    return core::PlaceGranted{grant->place.lane, grant->place, grant->place.promotion};
  if (const auto* back = std::get_if<core::ReturnPlace>(&command))
    return core::PlaceReturned{core::every_lane, back->place, back->place.promotion};
  return std::nullopt;
}

}  // namespace penstock::engine
