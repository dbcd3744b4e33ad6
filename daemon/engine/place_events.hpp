// What a wish about a place is in the other lane.
#pragma once

#include <optional>

#include "daemon/core/command.hpp"
#include "daemon/core/event.hpp"

namespace penstock::engine {

// Nothing for other commands. What comes twice, or too late, the lane itself sees by the number of the place.
std::optional<core::Event> event_of_place(const core::Command& command);

}  // namespace penstock::engine
