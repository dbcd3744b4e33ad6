// Delivery windows over the changes of the clock in the real time zone database.
#include <random>
#include <string>
#include <vector>

#include "daemon/core/window.hpp"
#include "daemon/runtime/time_zones.hpp"
#include "tests/catch.hpp"

namespace penstock::runtime {
namespace {

using namespace std::chrono_literals;
using core::Duration;
using core::Time;
using core::Window;
using core::WindowKind;
using std::chrono::days;
using std::chrono::minutes;

Time at(std::string_view text) { return core::parse_time(text).value(); }

// "2025-03-29T23:00:00.000Z closes, 2025-03-30T...Z opens": the next two changes.
std::string changes(const Window& window, std::string_view now) {
  static const TimeZones zones;
  const auto opening = core::opening_at(std::vector{window}, at(now), zones);
  const auto shown = [](const std::optional<Time>& time) {
    return time ? core::to_text(*time).substr(0, 16) : "never";
  };
  const auto closes = "closes " + shown(opening.next_close);
  const auto opens = "opens " + shown(opening.next_open);
  return opening.open ? closes + ", " + opens : opens + ", " + closes;
}

Window deny(const char* when, const char* zone) { return {WindowKind::deny, when, zone, ""}; }
Window allow(const char* when, const char* zone) { return {WindowKind::allow, when, zone, ""}; }

}  // namespace

TEST_CASE("a weekend freeze is an hour shorter or longer when the clock changes inside it") {
  CHECK(changes(deny("FRI 16:00 - MON 08:00", "Europe/Berlin"), "2025-03-27T12:00:00Z") ==
        "closes 2025-03-28T15:00, opens 2025-03-31T06:00");
  CHECK(changes(deny("FRI 16:00 - MON 08:00", "Europe/Berlin"), "2025-10-23T12:00:00Z") ==
        "closes 2025-10-24T14:00, opens 2025-10-27T07:00");
  CHECK(changes(deny("FRI 16:00 - MON 08:00", "America/New_York"), "2025-03-06T12:00:00Z") ==
        "closes 2025-03-07T21:00, opens 2025-03-10T12:00");
  CHECK(changes(deny("FRI 16:00 - MON 08:00", "America/New_York"), "2025-10-30T12:00:00Z") ==
        "closes 2025-10-31T20:00, opens 2025-11-03T13:00");
  CHECK(changes(deny("FRI 16:00 - MON 08:00", "Australia/Lord_Howe"), "2025-10-02T12:00:00Z") ==
        "closes 2025-10-03T05:30, opens 2025-10-05T21:00");
  CHECK(changes(deny("FRI 16:00 - MON 08:00", "Australia/Lord_Howe"), "2025-04-03T12:00:00Z") ==
        "closes 2025-04-04T05:00, opens 2025-04-06T21:30");
}

TEST_CASE("a boundary inside the hour that the clock leaves out is at the change") {
  CHECK(changes(deny("SUN 02:30 - 05:00", "Europe/Berlin"), "2025-03-29T12:00:00Z") ==
        "closes 2025-03-30T01:00, opens 2025-03-30T03:00");
  CHECK(changes(allow("SUN 01:00 - 02:30", "America/New_York"), "2025-03-08T12:00:00Z") ==
        "opens 2025-03-09T06:00, closes 2025-03-09T07:00");
  CHECK(changes(deny("SUN 02:15 - 05:00", "Australia/Lord_Howe"), "2025-10-04T12:00:00Z") ==
        "closes 2025-10-04T15:30, opens 2025-10-04T18:00");
  // Nothing is left of it on that day: the next is a week later.
  CHECK(changes(deny("SUN 02:00 - 03:00", "Europe/Berlin"), "2025-03-29T12:00:00Z") ==
        "closes 2025-04-06T00:00, opens 2025-04-06T01:00");
}

TEST_CASE("a boundary inside the hour that the clock shows twice is at the first") {
  CHECK(changes(deny("SUN 02:30 - 05:00", "Europe/Berlin"), "2025-10-25T12:00:00Z") ==
        "closes 2025-10-26T00:30, opens 2025-10-26T04:00");
  CHECK(changes(deny("SUN 01:00 - 02:30", "Europe/Berlin"), "2025-10-25T12:00:00Z") ==
        "closes 2025-10-25T23:00, opens 2025-10-26T00:30");
  CHECK(changes(allow("SUN 01:00 - 01:30", "America/New_York"), "2025-11-01T12:00:00Z") ==
        "opens 2025-11-02T05:00, closes 2025-11-02T05:30");
  CHECK(changes(deny("SUN 01:45 - 02:00", "Australia/Lord_Howe"), "2025-04-05T12:00:00Z") ==
        "closes 2025-04-05T14:45, opens 2025-04-05T15:30");
}

TEST_CASE("a day that a zone never had is not part of a window") {
  // 29 December 2011 was followed by the 31st.
  CHECK(changes(deny("2011-12-30", "Pacific/Apia"), "2011-12-29T12:00:00Z") == "closes never, opens never");
  CHECK(changes(deny("2011-12-29 - 2011-12-31", "Pacific/Apia"), "2011-12-28T12:00:00Z") ==
        "closes 2011-12-29T10:00, opens 2011-12-31T10:00");
  CHECK(changes(deny("FRI 16:00 - MON 08:00", "Pacific/Apia"), "2011-12-28T12:00:00Z") ==
        "closes 2011-12-30T10:00, opens 2012-01-01T18:00");
  CHECK(changes(deny("FRI 09:00 - 17:00", "Pacific/Apia"), "2011-12-28T12:00:00Z") ==
        "closes 2012-01-05T19:00, opens 2012-01-06T03:00");
}

TEST_CASE("leap days and new years are those of the zone") {
  CHECK(changes(deny("02-29", "Asia/Tokyo"), "2028-02-01T00:00:00Z") ==
        "closes 2028-02-28T15:00, opens 2028-02-29T15:00");
  CHECK(changes(deny("2028-02-29", "America/New_York"), "2028-02-01T00:00:00Z") ==
        "closes 2028-02-29T05:00, opens 2028-03-01T05:00");
  CHECK(changes(deny("12-20 - 01-05", "Pacific/Kiritimati"), "2026-12-01T00:00:00Z") ==
        "closes 2026-12-19T10:00, opens 2027-01-05T10:00");
  CHECK(changes(deny("12-31 - 01-01", "Pacific/Pago_Pago"), "2026-12-31T12:00:00Z") ==
        "opens 2027-01-02T11:00, closes 2027-12-31T11:00");
}

namespace {

const std::vector<std::string> ten_zones{
    "Europe/Berlin",       "Europe/Dublin", "America/New_York", "America/St_Johns", "Africa/Casablanca",
    "Australia/Lord_Howe", "Pacific/Apia",  "Pacific/Chatham",  "Antarctica/Troll", "Asia/Kolkata"};

// A window on days of the week, as text and as what is inside by the clock on the wall.
struct Sample {
  Window window;
  unsigned days;   // bit 0 is Sunday
  int start, end;  // minutes since midnight

  bool covers(std::int64_t wall) const {
    // 1970 began on a Thursday.
    const auto day = (wall / 1440 + 4) % 7;
    const auto minute = wall % 1440;
    const auto begins_on = [this](std::int64_t of) { return (days >> ((of + 7) % 7) & 1U) != 0; };
    if (start < end) return begins_on(day) && minute >= start && minute < end;
    return (begins_on(day) && minute >= start) || (begins_on(day - 1) && minute < end);
  }
};

Sample sample(std::mt19937& random, const std::string& zone) {
  static constexpr const char* names[] = {"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"};
  Sample sample{{random() % 3 == 0 ? WindowKind::allow : WindowKind::deny, "", zone, ""}, 0, 0, 0};
  std::string names_of_days;
  for (unsigned day = 0; day < 7; ++day)
    if (random() % 2 == 0) {
      sample.days |= 1U << day;
      names_of_days += (names_of_days.empty() ? "" : ",") + std::string(names[day]);
    }
  if (sample.days == 0) sample.days = 127;
  // Half of the boundaries where clocks change, in the first four hours of the day.
  const auto minute = [&random] { return static_cast<int>(5 * (random() % (random() % 2 == 0 ? 48 : 288))); };
  sample.start = minute();
  do sample.end = minute();
  while (sample.end == sample.start);
  const auto clock = [](int of) {
    char text[8];
    std::snprintf(text, sizeof text, "%02d:%02d", of / 60 % 24, of % 60);
    return std::string(text);
  };
  sample.window.when =
      (names_of_days.empty() ? "" : names_of_days + " ") + clock(sample.start) + " - " + clock(sample.end);
  return sample;
}

bool open_by(const std::vector<Sample>& samples, std::int64_t wall) {
  bool any_allow = false, allowed = false, denied = false;
  for (const auto& sample : samples) {
    const bool allows = sample.window.kind == WindowKind::allow;
    any_allow = any_allow || allows;
    if (sample.covers(wall)) (allows ? allowed : denied) = true;
  }
  return (!any_allow || allowed) && !denied;
}

}  // namespace

TEST_CASE("the next change is the one that a look at the clock every minute finds, over the changes of 2026 and 2027") {
  const TimeZones zones;
  std::mt19937 random(2026);
  int weeks = 0;
  int compared = 0;
  for (const auto& zone : ten_zones) {
    for (auto hour = at("2026-01-01T00:00:00Z"); hour < at("2028-01-01T00:00:00Z"); hour += 1h) {
      const bool changes = zones.offset_at(zone, hour) != zones.offset_at(zone, hour + 1h);
      const bool without_changes = zone == "Asia/Kolkata" || zone == "Pacific/Apia";
      if (!changes && !(without_changes && hour == at("2026-12-29T00:00:00Z"))) continue;
      ++weeks;
      for (int round = 0; round < 12; ++round) {
        std::vector<Sample> samples;
        std::vector<Window> windows;
        std::string shown = zone;
        for (auto count = 1 + random() % 3; count > 0; --count) {
          samples.push_back(sample(random, zone));
          windows.push_back(samples.back().window);
          shown += (windows.back().kind == WindowKind::allow ? ", allow " : ", deny ") + windows.back().when;
        }
        INFO(shown);
        // What the clock has shown at the latest: while it repeats an hour, nothing begins or ends a second time.
        auto latest = std::int64_t{0};
        const auto start = hour - days(4);
        std::vector<Time> found;
        bool before = false;
        for (auto time = start - days(1); time < hour + days(4); time += 1min) {
          const auto wall = time.time_since_epoch() + zones.offset_at(zone, time);
          latest = std::max<std::int64_t>(latest, std::chrono::floor<minutes>(wall).count());
          const bool open = open_by(samples, latest);
          if (time > start && open != before) found.push_back(time);
          before = open;
        }
        // Asked at the start, and at each change for the next.
        auto now = start;
        for (const auto change : found) {
          const auto opening = core::opening_at(windows, now, zones);
          REQUIRE(opening.next_change);
          REQUIRE(core::to_text(*opening.next_change) == core::to_text(change));
          const auto inside = core::opening_at(windows, now + (change - now) / 2, zones);
          REQUIRE(inside.open == opening.open);
          REQUIRE(inside.next_change == change);
          now = change;
          ++compared;
        }
        const auto last = core::opening_at(windows, now, zones);
        REQUIRE((!last.next_change || *last.next_change >= hour + days(4)));
        REQUIRE(last.open == before);
      }
    }
  }
  // Two changes a year in seven zones, four in Casablanca's fasting month at the most.
  CHECK(weeks >= 30);
  CHECK(compared > 2'000);
}

}  // namespace penstock::runtime
