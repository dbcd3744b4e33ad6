#include "daemon/core/window_times.hpp"

#include <random>

#include "tests/catch.hpp"
#include "tests/core/window_zones.hpp"

namespace penstock::core {
using namespace std::chrono_literals;
using namespace std::chrono;

namespace {

WeeklyTimes weekly(std::initializer_list<weekday> days, Duration start, int days_later, Duration end) {
  WeeklyTimes times;
  for (const auto day : days) times.days.set(day.c_encoding());
  times.start = start;
  times.days_later = days_later;
  times.end = end;
  return times;
}

WindowTimes parsed(std::string_view when) {
  INFO(when);
  const auto times = parse_window(when);
  if (!times) FAIL(to_text(times.error()));
  return *times;
}

std::string refusal(std::string_view when) {
  const auto times = parse_window(when);
  return times ? "understood" : times.error().message;
}

}  // namespace

TEST_CASE("a weekly window runs from a day and a time to another") {
  CHECK(parsed("FRI 16:00 - MON 08:00") == WindowTimes(weekly({Friday}, 16h, 3, 8h)));
  CHECK(parsed("SAT 00:00 - SUN 24:00") == WindowTimes(weekly({Saturday}, 0h, 1, 24h)));
  CHECK(parsed("FRI 08:00 - FRI 16:00") == WindowTimes(weekly({Friday}, 8h, 0, 16h)));
  CHECK(parsed("FRI 16:00 - FRI 08:00") == WindowTimes(weekly({Friday}, 16h, 7, 8h)));
  CHECK(parsed("MON 08:00 - SUN 20:30") == WindowTimes(weekly({Monday}, 8h, 6, 20h + 30min)));
}

TEST_CASE("a window on several days has its times on each of them") {
  const std::initializer_list<weekday> all{Sunday, Monday, Tuesday, Wednesday, Thursday, Friday, Saturday};
  CHECK(parsed("MON-FRI 09:00 - 17:00") ==
        WindowTimes(weekly({Monday, Tuesday, Wednesday, Thursday, Friday}, 9h, 0, 17h)));
  CHECK(parsed("FRI-MON 09:00 - 17:00") == WindowTimes(weekly({Friday, Saturday, Sunday, Monday}, 9h, 0, 17h)));
  CHECK(parsed("MON,WED-THU 22:00 - 06:00") == WindowTimes(weekly({Monday, Wednesday, Thursday}, 22h, 1, 6h)));
  CHECK(parsed("TUE 09:00 - 17:00") == WindowTimes(weekly({Tuesday}, 9h, 0, 17h)));
  CHECK(parsed("22:00 - 06:00") == WindowTimes(weekly(all, 22h, 1, 6h)));
  CHECK(parsed("  SAT-SUN   00:00  -  24:00 ") == WindowTimes(weekly({Saturday, Sunday}, 0h, 0, 24h)));
}

TEST_CASE("a window of dates holds whole days, the last one included") {
  const LocalTime december = local_days(2026y / 12 / 20);
  const LocalTime january = local_days(2027y / 1 / 6);
  CHECK(parsed("2026-12-20 - 2027-01-05") == WindowTimes(SingleTimes{december, january}));
  CHECK(parsed("2026-12-20") == WindowTimes(SingleTimes{december, december + days(1)}));
  CHECK(parsed("2026-12-20T16:00 - 2027-01-06T08:30") ==
        WindowTimes(SingleTimes{december + 16h, january + 8h + 30min}));
}

TEST_CASE("a yearly window is written without a year") {
  CHECK(parsed("12-20 - 01-05") == WindowTimes(YearlyTimes{December / 20, January / 5}));
  CHECK(parsed("02-29") == WindowTimes(YearlyTimes{February / 29, February / 29}));
}

TEST_CASE("a window that is not understood says which part, what is needed, and an example") {
  CHECK(refusal("FRI 25:00 - MON 08:00") ==
        "window \"FRI 25:00 - MON 08:00\": \"25:00\" is not a time of day, needs 00:00 to 23:59, or 24:00 at the end, "
        "for example 16:00");
  CHECK(
      refusal("FRY 16:00 - MON 08:00") ==
      "window \"FRY 16:00 - MON 08:00\": \"FRY\" is not a day of the week, needs MON, TUE, WED, THU, FRI, SAT or SUN, "
      "or several, for example MON-FRI or SAT,SUN");
  CHECK(refusal("SAT-SUN") ==
        "window \"SAT-SUN\": \"SAT-SUN\" has no time, needs one, for example FRI 16:00 - MON 08:00, or for whole days "
        "SAT-SUN 00:00 - 24:00");
  CHECK(refusal("2026-02-29") ==
        "window \"2026-02-29\": \"2026-02-29\" is not a day of the calendar, needs a date such as 2026-12-20, or a day "
        "of "
        "every year such as 12-20");
  CHECK(refusal("2027-01-05 - 2026-12-20") ==
        "window \"2027-01-05 - 2026-12-20\": the end is not after the start, needs a later end");
  CHECK(refusal("09:00-17:00") ==
        "window \"09:00-17:00\": \"09:00-17:00\" is not a time of day, needs 00:00 to 23:59, or 24:00 at the end, for "
        "example 16:00");
  CHECK(refusal(std::string(201, 'x')) == "a window: its times are too long, needs at most 200 bytes");
  const auto problem = parse_window("tomorrow").error();
  CHECK(problem.code == "invalid-window");
  CHECK(problem.hint ==
        "write it as FRI 16:00 - MON 08:00, MON-FRI 09:00 - 17:00, 2026-12-20 - 2027-01-05, 2026-12-20T16:00 - "
        "2027-01-05T08:00 or 12-20 - 01-05");
}

TEST_CASE("a window means one thing or is refused") {
  for (const auto* wrong : {"",
                            " ",
                            "-",
                            " - ",
                            "FRI 16:00 -",
                            "- MON 08:00",
                            "FRI 16:00",
                            "16:00",
                            "2026-12-20T16:00",
                            "FRI 16:00 - MON",
                            "FRI - MON",
                            "MON-FRI 16:00 - MON 08:00",
                            "FRI 16:00 - SAT,SUN 08:00",
                            "FRI 16:00 - FRI 16:00",
                            "09:00 - 09:00",
                            "FRI 24:00 - MON 08:00",
                            "24:00 - 08:00",
                            "FRI 16:00 - 2026-12-20",
                            "2026-12-20 - 2026-12-21T08:00",
                            "12-20 - 2027-01-05",
                            "16:00 - MON 08:00",
                            "FRI 16:0 - MON 08:00",
                            "FRI 16:00:00 - MON 08:00",
                            "FRI 16.00 - MON 08.00",
                            "fri 16:00 - mon 08:00",
                            "Friday 16:00 - Monday 08:00",
                            "FRI 4pm - MON 8am",
                            "FRI  - MON 08:00",
                            "FRI-SAT-SUN 09:00 - 17:00",
                            "FRI, 09:00 - 17:00",
                            ",FRI 09:00 - 17:00",
                            "FRI 09:00 17:00",
                            "FRI 09:00 - 17:00 - 18:00",
                            "FRI 09:00 - 17:00 UTC",
                            "02-30",
                            "13-01",
                            "00-10",
                            "1-1",
                            "12-20T16:00 - 01-05T08:00",
                            "2026-13-01",
                            "2026-1-1",
                            "20261220",
                            "2026-12-20T16:00 - 2026-12-20T16:00",
                            "2026-12-20T24:01 - 2027-01-05T08:00",
                            "+9:00 - 17:00",
                            "09:60 - 17:00",
                            "24:01 - 08:00",
                            "-9:00 - 17:00",
                            "2026-12-20 16:00 - 2027-01-05 08:00",
                            "FRI 16:00 \xe2\x80\x93 MON 08:00"}) {
    INFO(wrong);
    CHECK_FALSE(parse_window(wrong));
  }
}

TEST_CASE("whatever is written, reading a window ends with an answer") {
  std::mt19937 random(4);
  const std::vector<std::string> parts{"FRI", "MON-FRI",    "SAT,SUN", "16:00", "24:00", "00:00", " ",
                                       " ",   " - ",        "-",       "T",     ":",     "02-29", "12-20",
                                       "99",  "2026-12-20", "\xff",    "\t",    ",",     "\n"};
  int understood = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string when;
    for (auto count = random() % 9; count > 0; --count) when += parts[random() % parts.size()];
    const auto times = parse_window(when);
    if (times) ++understood;
    if (!times && times.error().message.empty()) FAIL(when);
  }
  CHECK(understood > 20);
}

TEST_CASE("a window needs a time zone that is known") {
  const tests::ListedZones zones;
  const Window good{WindowKind::deny, "FRI 16:00 - MON 08:00", "Berlin", ""};
  CHECK_FALSE(problem_of(good, zones));
  const auto elsewhere = problem_of({WindowKind::deny, "FRI 16:00 - MON 08:00", "Europe/Bonn", ""}, zones);
  REQUIRE(elsewhere);
  CHECK(
      to_text(*elsewhere) ==
      "the time zone \"Europe/Bonn\" is not in this machine's time zone database: use a name of the IANA database, for "
      "example Europe/Berlin or UTC");
  CHECK(problem_of({WindowKind::deny, "always", "UTC", ""}, zones)->code == "invalid-window");
}

}  // namespace penstock::core
