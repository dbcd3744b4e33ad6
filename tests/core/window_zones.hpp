// Time zones for the core's tests: a table of changes, so that a test says what the clock does.
#pragma once

#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "daemon/core/window.hpp"

namespace penstock::tests {

using namespace penstock::core;
using namespace std::chrono_literals;

inline Time at(std::string_view text) {
  const auto time = parse_time(text);
  if (!time) throw std::logic_error("not a time: " + std::string(text));
  return *time;
}

inline std::string shown(const std::optional<Time>& time) { return time ? to_text(*time) : "never"; }

// Answers from first principles: the instant of a local time is looked for between the changes.
class ListedZones : public TimeZones {
 public:
  struct Change {
    Time at;
    Duration offset;  // from then on
  };
  // UTC, and "Berlin" in 2025: the clock leaves out 02:00 to 03:00 on 30 March and shows it twice on 26 October.
  ListedZones()
      : zones_{{"UTC", {{Time::min(), 0h}}},
               {"Berlin", {{Time::min(), 1h}, {at("2025-03-30T01:00:00Z"), 2h}, {at("2025-10-26T01:00:00Z"), 1h}}}} {}

  bool knows(const std::string& zone) const override { return zones_.contains(zone); }
  Duration offset_at(const std::string& zone, Time time) const override {
    Duration offset{};
    for (const auto& change : zones_.at(zone))
      if (change.at <= time) offset = change.offset;
    return offset;
  }
  Time from_local(const std::string& zone, LocalTime local) const override {
    const auto& changes = zones_.at(zone);
    for (std::size_t i = 0; i < changes.size(); ++i) {
      const Time time(local.time_since_epoch() - changes[i].offset);
      if (time < changes[i].at) return changes[i].at;  // left out by this change
      if (i + 1 == changes.size() || time < changes[i + 1].at) return time;
    }
    throw std::logic_error("a zone without offsets");
  }

 private:
  std::map<std::string, std::vector<Change>> zones_;
};

}  // namespace penstock::tests
