// Whether deliveries to a lane may begin: windows, the most of one window, stops.
#pragma once

#include <string_view>
#include <vector>

#include "daemon/core/policy.hpp"
#include "daemon/core/world.hpp"

namespace penstock::core {

// What is asked about. A way back waits for no window and no stop.
struct DeliveryQuestion {
  const LaneKey& lane;
  const Policy& policy;
  const std::vector<Time>& began;  // when deliveries to the lane began
  std::string_view promotion;      // decides about its jitter; empty: whichever comes
  bool goes_back = false;
  bool past_stops = false;  // stops do not hold it back either
};

struct DeliveryOpening {
  bool open = false;
  std::string reason;              // why not; empty when open
  std::vector<const Stop*> stops;  // those that hold: until people lift them nothing opens; pointers into the world
  bool is_full = false;            // a window is open, but as many as it allows have begun in it
  // When it opens next, also while it is open. Nothing: it is stopped, or that is at no time within look_ahead.
  std::optional<Time> next_open;
  std::optional<Time> next_close;    // of what is open, or of what opens next; nothing: at no time within look_ahead
  std::optional<Time> begins;        // while it is closed: next_open and the promotion's jitter
  std::optional<Time> looked_until;  // the horizon of the windows; nothing without any
};

DeliveryOpening delivery_opening(const DeliveryQuestion& question, const World& world, Time now);

}  // namespace penstock::core
