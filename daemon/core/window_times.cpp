#include "daemon/core/window_times.hpp"

#include <algorithm>
#include <vector>

namespace penstock::core {
namespace {

using std::chrono::hours, std::chrono::minutes;

constexpr Duration whole_day = hours(24);

// One side of the hyphen.
struct Clock {
  std::bitset<7> days;  // none: no day was written
  Duration time{};      // since midnight
};
struct Date {
  std::chrono::local_days day;
};
struct DateTime {
  LocalTime time;
};
using Side = std::variant<Clock, Date, DateTime, std::chrono::month_day>;

Problem wrong(const std::string& what, const std::string& needed) {
  return {"invalid-window", what + ", needs " + needed};
}

std::string quoted(std::string_view text) { return "\"" + std::string(text) + "\""; }

std::vector<std::string_view> words_of(std::string_view text, char separator) {
  std::vector<std::string_view> words;
  while (true) {
    const auto end = text.find(separator);
    words.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return words;
    text.remove_prefix(end + 1);
  }
}

// Reads exactly as many digits as `text` has.
std::optional<unsigned> number(std::string_view text) {
  unsigned value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<unsigned>(c - '0');
  }
  return text.empty() ? std::nullopt : std::optional(value);
}

Result<Duration> time_of_day(std::string_view text) {
  if (text.size() == 5 && text[2] == ':') {
    const auto hour = number(text.substr(0, 2));
    const auto minute = number(text.substr(3));
    if (hour && minute && *minute < 60 && (*hour < 24 || (*hour == 24 && *minute == 0)))
      return Duration(hours(*hour) + minutes(*minute));
  }
  return wrong(quoted(text) + " is not a time of day", "00:00 to 23:59, or 24:00 at the end, for example 16:00");
}

// The day of "2026-12-20", or of "12-20" with the year given.
Result<std::chrono::year_month_day> date_of(std::string_view text, std::string_view month_and_day,
                                            std::optional<unsigned> year) {
  const auto parts = words_of(month_and_day, '-');
  if (year && parts.size() == 2 && parts[0].size() == 2 && parts[1].size() == 2) {
    const auto month = number(parts[0]);
    const auto day = number(parts[1]);
    if (month && day) {
      const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(*year)), std::chrono::month(*month),
                                             std::chrono::day(*day)};
      if (date.ok()) return date;
    }
  }
  return wrong(quoted(text) + " is not a day of the calendar",
               "a date such as 2026-12-20, or a day of every year such as 12-20");
}

Result<std::chrono::local_days> full_date(std::string_view text) {
  const auto is_full = text.size() == 10 && text[4] == '-';
  const auto date = date_of(text, is_full ? text.substr(5) : text, is_full ? number(text.substr(0, 4)) : std::nullopt);
  if (!date) return date.error();
  return std::chrono::local_days(*date);
}

Result<DateTime> date_and_time(std::string_view text) {
  const auto at = text.find('T');
  const auto day = full_date(text.substr(0, at));
  if (!day) return day.error();
  const auto time = time_of_day(text.substr(at + 1));
  if (!time) return time.error();
  return DateTime{LocalTime(*day) + *time};
}

std::optional<std::size_t> day_of_week(std::string_view text) {
  static constexpr std::array<std::string_view, 7> names{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"};
  const auto found = std::find(names.begin(), names.end(), text);
  if (found == names.end()) return std::nullopt;
  return static_cast<std::size_t>(found - names.begin());
}

// "FRI", "MON-FRI", "SAT-MON", "MON,WED-FRI".
Result<std::bitset<7>> days_of_week(std::string_view text) {
  std::bitset<7> days;
  for (const auto part : words_of(text, ',')) {
    const auto ends = words_of(part, '-');
    const auto first = day_of_week(ends.front());
    const auto last = day_of_week(ends.back());
    if (!first || !last || ends.size() > 2)
      return wrong(quoted(text) + " is not a day of the week",
                   "MON, TUE, WED, THU, FRI, SAT or SUN, or several, for example MON-FRI or SAT,SUN");
    for (auto day = *first;; day = (day + 1) % 7) {
      days.set(day);
      if (day == *last) break;
    }
  }
  return days;
}

Result<Side> side_of(const std::vector<std::string_view>& words) {
  constexpr auto a_side =
      "a time (16:00), a day and a time (FRI 16:00), a date (2026-12-20), "
      "a date and a time (2026-12-20T16:00) or a day of every year (12-20)";
  if (words.empty()) return wrong("one side of \"-\" is missing", a_side);
  const auto first = words.front();
  const bool digit = first.front() >= '0' && first.front() <= '9';
  if (words.size() == 2 && !digit) {
    const auto days = days_of_week(first);
    if (!days) return days.error();
    const auto time = time_of_day(words[1]);
    if (!time) return time.error();
    return Side(Clock{*days, *time});
  }
  if (words.size() != 1) return wrong(quoted(words[1]) + " is too much after " + quoted(first), a_side);
  if (!digit) {
    if (days_of_week(first))
      return wrong(quoted(first) + " has no time",
                   "one, for example FRI 16:00 - MON 08:00, or for whole days SAT-SUN 00:00 - 24:00");
    return wrong(quoted(first) + " is not understood", a_side);
  }
  if (first.find('T') != std::string_view::npos) {
    const auto time = date_and_time(first);
    if (!time) return time.error();
    return Side(*time);
  }
  if (first.find(':') != std::string_view::npos) {
    const auto time = time_of_day(first);
    if (!time) return time.error();
    return Side(Clock{{}, *time});
  }
  if (first.size() == 5) {
    const auto day = date_of(first, first, 2000);  // a leap year: 02-29 is a day
    if (!day) return day.error();
    return Side(day->month() / day->day());
  }
  const auto day = full_date(first);
  if (!day) return day.error();
  return Side(Date{*day});
}

Result<WindowTimes> weekly(const Clock& start, const Clock& end) {
  constexpr auto all_day = "two, for example 09:00 - 17:00, or for the whole day 00:00 - 24:00";
  if (start.time == whole_day) return wrong("24:00 is the end of a day, not a start", "00:00 of the next day");
  WeeklyTimes times{start.days, start.time, 0, end.time};
  if (end.days.none()) {
    if (times.days.none()) times.days.set();
    if (end.time == start.time) return wrong("start and end are the same time", all_day);
    times.days_later = end.time < start.time ? 1 : 0;
    return WindowTimes(times);
  }
  if (start.days.count() != 1 || end.days.count() != 1)
    return wrong("a day at the end goes with one day at the start",
                 "FRI 16:00 - MON 08:00 for one stretch, or MON-FRI 09:00 - 17:00 for several days");
  if (start.days == end.days && end.time == start.time) return wrong("start and end are the same time", all_day);
  for (auto day = start.days; day != end.days; day = day << 1 | day >> 6) ++times.days_later;
  if (times.days_later == 0 && end.time < start.time) times.days_later = 7;
  return WindowTimes(times);
}

Result<WindowTimes> single(LocalTime start, LocalTime end) {
  if (end <= start) return wrong("the end is not after the start", "a later end");
  return WindowTimes(SingleTimes{start, end});
}

Result<WindowTimes> times_of(const Side& start, const Side& end) {
  if (start.index() != end.index())
    return wrong("start and end are written in two ways", "both with a time, or both as days");
  if (const auto* clock = std::get_if<Clock>(&start)) return weekly(*clock, std::get<Clock>(end));
  if (const auto* date = std::get_if<Date>(&start)) return single(date->day, std::get<Date>(end).day + whole_day);
  if (const auto* time = std::get_if<DateTime>(&start)) return single(time->time, std::get<DateTime>(end).time);
  return WindowTimes(YearlyTimes{std::get<std::chrono::month_day>(start), std::get<std::chrono::month_day>(end)});
}

Result<WindowTimes> read(std::string_view when) {
  std::vector<std::vector<std::string_view>> sides(1);
  for (const auto word : words_of(when, ' ')) {
    if (word == "-")
      sides.emplace_back();
    else if (!word.empty())
      sides.back().push_back(word);
  }
  if (sides.size() > 2) return wrong("more than one \" - \"", "one start and one end");
  if (sides.size() == 1 && sides[0].empty()) return wrong("the times are empty", "a start and an end");
  const auto start = side_of(sides.front());
  if (!start) return start.error();
  const bool alone = sides.size() == 1;
  if (alone && (std::holds_alternative<Clock>(*start) || std::holds_alternative<DateTime>(*start)))
    return wrong("there is no end", "a space, a hyphen and a space between start and end");
  const auto end = alone ? start : side_of(sides.back());
  if (!end) return end.error();
  return times_of(*start, *end);
}

}  // namespace

Result<WindowTimes> parse_window(std::string_view when) {
  constexpr std::size_t longest = 200;
  auto times = when.size() <= longest ? read(when) : wrong("its times are too long", "at most 200 bytes");
  if (times) return times;
  auto problem = times.error();
  problem.message = (when.size() <= longest ? "window " + quoted(when) : "a window") + ": " + problem.message;
  problem.hint =
      "write it as FRI 16:00 - MON 08:00, MON-FRI 09:00 - 17:00, 2026-12-20 - 2027-01-05, "
      "2026-12-20T16:00 - 2027-01-05T08:00 or 12-20 - 01-05";
  return problem;
}

}  // namespace penstock::core
