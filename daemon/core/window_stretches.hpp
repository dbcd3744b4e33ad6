// The stretches of time that a window covers, one after another: where local times become instants.
#pragma once

#include <optional>

#include "daemon/core/window_times.hpp"

namespace penstock::core {

// From `start` to `end`, without `end`; never empty.
struct Stretch {
  Time start;
  Time end;
};

// Walks forward over the stretches of one window that end after `from` and start before `until`; a few that start later
// may follow. Stretches that overlap or touch are one, so that an end is an end. Takes what it is given by reference
// and must not outlive it.
class Stretches {
 public:
  Stretches(const WindowTimes& times, const std::string& zone, const TimeZones& zones, Time from, Time until);
  // Nothing when there are no more.
  const std::optional<Stretch>& current() const { return current_; }
  void next();

 private:
  // The next one that is not empty and ends after `from`, before it is joined with its neighbours.
  std::optional<Stretch> take();

  const WindowTimes& times_;
  const std::string& zone_;
  const TimeZones& zones_;
  Time from_;
  std::chrono::local_days day_;  // the next day to look at
  std::chrono::local_days last_day_;
  std::optional<Stretch> ahead_;  // taken already: it begins after the current one ended
  std::optional<Stretch> current_;
};

}  // namespace penstock::core
