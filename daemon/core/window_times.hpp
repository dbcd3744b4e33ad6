// The times of a window, as people write them:
//
//   FRI 16:00 - MON 08:00                  every week, from one time to another
//   MON-FRI 09:00 - 17:00                  on those days; also MON,WED 09:00 - 17:00, and 22:00 - 06:00 for every day
//   2026-12-20 - 2027-01-05                whole days, the last one included; also one day, 2026-12-24
//   2026-12-20T16:00 - 2027-01-05T08:00    once
//   12-20 - 01-05                          every year, whole days, the last one included; also one day, 02-29
//
// 24:00 is the end of a day and may stand at the end of a window. An end that is not after its start is on the next day
// (22:00 - 06:00), in the next week (FRI 16:00 - FRI 08:00) or in the next year. In years without a 29 February, a
// window that begins on it begins on 1 March, one that ends with it ends with 28 February, and the day alone is left
// out.
#pragma once

#include <bitset>
#include <string_view>
#include <variant>

#include "daemon/core/window.hpp"

namespace penstock::core {

// On each of some days of the week: from `start` on that day to `end` on the day `days_later` (0 to 7).
struct WeeklyTimes {
  std::bitset<7> days;  // 0 is Sunday, as in std::chrono::weekday::c_encoding()
  Duration start{};     // since midnight
  int days_later = 0;
  Duration end{};  // since midnight, up to 24 hours
  bool operator==(const WeeklyTimes&) const = default;
};

// Once; `end` is not part of it.
struct SingleTimes {
  LocalTime start;
  LocalTime end;
  bool operator==(const SingleTimes&) const = default;
};

// Each year, whole days, both included; over the new year when `last` is before `first`.
struct YearlyTimes {
  std::chrono::month_day first;
  std::chrono::month_day last;
  bool operator==(const YearlyTimes&) const = default;
};

using WindowTimes = std::variant<WeeklyTimes, SingleTimes, YearlyTimes>;

// Problem "invalid-window" says which part is not understood and what is needed, with an example.
Result<WindowTimes> parse_window(std::string_view when);

}  // namespace penstock::core
