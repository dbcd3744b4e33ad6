#include "daemon/core/window.hpp"

#include <set>

#include "tests/catch.hpp"
#include "tests/core/window_zones.hpp"

namespace penstock::tests {
namespace {

const ListedZones zones;

Window allow(std::string when, std::string zone = "UTC") {
  return {WindowKind::allow, std::move(when), std::move(zone), ""};
}
Window deny(std::string when, std::string reason = "", std::string zone = "UTC") {
  return {WindowKind::deny, std::move(when), std::move(zone), std::move(reason)};
}

// "open until 2026-...", "closed until 2026-...".
std::string state(const std::vector<Window>& windows, std::string_view now, const TimeZones& of = zones) {
  const auto opening = opening_at(windows, at(now), of);
  CHECK(opening.next_change == (opening.open ? opening.next_close : opening.next_open));
  CHECK(opening.open == opening.reason.empty());
  return (opening.open ? "open until " : "closed until ") + shown(opening.next_change);
}

}  // namespace

TEST_CASE("without windows a lane is always open") {
  CHECK(state({}, "2026-11-20T12:00:00Z") == "open until never");
  CHECK(open_since({}, at("2026-11-20T12:00:00Z"), zones) == at("2026-11-20T12:00:00Z") - look_ahead);
}

TEST_CASE("a weekend freeze closes from Friday to Monday, and says when it opens and closes next") {
  const std::vector<Window> windows{deny("FRI 16:00 - MON 08:00", "weekend freeze")};
  CHECK(state(windows, "2026-11-20T15:59:59.999Z") == "open until 2026-11-20T16:00:00.000Z");
  CHECK(state(windows, "2026-11-20T16:00:00Z") == "closed until 2026-11-23T08:00:00.000Z");
  CHECK(state(windows, "2026-11-23T07:59:59.999Z") == "closed until 2026-11-23T08:00:00.000Z");
  CHECK(state(windows, "2026-11-23T08:00:00Z") == "open until 2026-11-27T16:00:00.000Z");

  const auto closed = opening_at(windows, at("2026-11-21T00:00:00Z"), zones);
  CHECK(closed.reason == "weekend freeze");
  CHECK(shown(closed.next_open) == "2026-11-23T08:00:00.000Z");
  CHECK(shown(closed.next_close) == "2026-11-27T16:00:00.000Z");
  const auto open = opening_at(windows, at("2026-11-24T00:00:00Z"), zones);
  CHECK(shown(open.next_close) == "2026-11-27T16:00:00.000Z");
  CHECK(shown(open.next_open) == "2026-11-30T08:00:00.000Z");
}

TEST_CASE("with an allow window, everything outside is closed and says which window is waited for") {
  const std::vector<Window> windows{allow("MON-FRI 09:00 - 17:00"), allow("SAT 10:00 - 12:00")};
  CHECK(state(windows, "2026-11-20T09:00:00Z") == "open until 2026-11-20T17:00:00.000Z");
  CHECK(state(windows, "2026-11-20T17:00:00Z") == "closed until 2026-11-21T10:00:00.000Z");
  CHECK(state(windows, "2026-11-21T12:00:00Z") == "closed until 2026-11-23T09:00:00.000Z");
  CHECK(opening_at(windows, at("2026-11-20T18:00:00Z"), zones).reason ==
        "deliveries only in the window \"SAT 10:00 - 12:00\" (UTC)");
}

TEST_CASE("a deny window inside an allow window closes its part") {
  const std::vector<Window> windows{allow("MON-FRI 09:00 - 17:00"), deny("12:00 - 13:00")};
  CHECK(state(windows, "2026-11-20T10:00:00Z") == "open until 2026-11-20T12:00:00.000Z");
  CHECK(state(windows, "2026-11-20T12:30:00Z") == "closed until 2026-11-20T13:00:00.000Z");
  CHECK(state(windows, "2026-11-20T13:00:00Z") == "open until 2026-11-20T17:00:00.000Z");
  CHECK(opening_at(windows, at("2026-11-20T12:30:00Z"), zones).reason ==
        "no deliveries in the window \"12:00 - 13:00\" (UTC)");
}

TEST_CASE("overlapping deny windows are one freeze, told by the one that ends last") {
  const std::vector<Window> windows{deny("FRI 16:00 - MON 08:00", "weekend"), deny("12-20 - 01-05", "end of year"),
                                    deny("2027-01-06T00:00 - 2027-01-06T06:00", "network maintenance")};
  // Friday 18 December, 16:00, to the end of the maintenance that begins where the freeze ends.
  CHECK(state(windows, "2026-12-18T16:00:00Z") == "closed until 2027-01-06T06:00:00.000Z");
  const auto reason = [&](std::string_view now) { return opening_at(windows, at(now), zones).reason; };
  CHECK(reason("2026-12-19T12:00:00Z") == "weekend");
  CHECK(reason("2026-12-20T12:00:00Z") == "end of year");
  CHECK(reason("2027-01-05T23:59:59Z") == "end of year");
  CHECK(reason("2027-01-06T00:00:00Z") == "network maintenance");
}

TEST_CASE("windows that touch do not open for an instant") {
  CHECK(state({deny("SAT-SUN 00:00 - 24:00")}, "2026-11-21T06:00:00Z") == "closed until 2026-11-23T00:00:00.000Z");
  CHECK(state({allow("08:00 - 12:00"), allow("12:00 - 18:00")}, "2026-11-21T09:00:00Z") ==
        "open until 2026-11-21T18:00:00.000Z");
  CHECK(state({deny("00:00 - 24:00")}, "2026-11-21T06:00:00Z") == "closed until never");
  CHECK(state({allow("00:00 - 24:00")}, "2026-11-21T06:00:00Z") == "open until never");
}

TEST_CASE("a pair of windows that never opens says so and ends") {
  const std::vector<Window> windows{allow("MON-FRI 09:00 - 17:00"), deny("08:00 - 18:00", "business hours")};
  CHECK(state(windows, "2026-11-20T10:00:00Z") == "closed until never");
  CHECK(opening_at(windows, at("2026-11-20T10:00:00Z"), zones).reason == "business hours");
  CHECK(opening_at(windows, at("2026-11-20T20:00:00Z"), zones).reason ==
        "deliveries only in the window \"MON-FRI 09:00 - 17:00\" (UTC)");
  CHECK_FALSE(open_since(windows, at("2026-11-20T10:00:00Z"), zones));
  // Over for good.
  CHECK(state({allow("2026-01-01 - 2026-02-01")}, "2026-11-20T10:00:00Z") == "closed until never");
  CHECK(state({deny("2026-01-01 - 2026-02-01")}, "2026-11-20T10:00:00Z") == "open until never");
}

TEST_CASE("a year change is looked across, and further than 400 days is not") {
  const std::vector<Window> windows{deny("12-20 - 01-05")};
  CHECK(state(windows, "2026-12-31T23:59:59.999Z") == "closed until 2027-01-06T00:00:00.000Z");
  CHECK(state(windows, "2027-01-01T00:00:00Z") == "closed until 2027-01-06T00:00:00.000Z");
  CHECK(state(windows, "2027-01-06T00:00:00Z") == "open until 2027-12-20T00:00:00.000Z");
  CHECK(state({deny("2026-12-30T22:00 - 2027-01-01T02:00")}, "2026-12-31T12:00:00Z") ==
        "closed until 2027-01-01T02:00:00.000Z");

  const std::vector<Window> far{allow("2030-06-01 - 2030-06-02")};
  CHECK(state(far, to_text(at("2030-06-01T00:00:00Z") - look_ahead)) == "closed until 2030-06-01T00:00:00.000Z");
  CHECK(state(far, to_text(at("2030-06-01T00:00:00Z") - look_ahead - 1ms)) == "closed until never");
  // Began long ago, and has long to go.
  CHECK(state({deny("2001-01-01 - 2098-12-31")}, "2026-11-20T10:00:00Z") == "closed until never");
  CHECK(state({deny("2001-01-01 - 2027-03-31")}, "2026-11-20T10:00:00Z") == "closed until 2027-04-01T00:00:00.000Z");
}

TEST_CASE("a 29 February that is not there moves a start to March, an end to the 28th, and the day away") {
  CHECK(state({deny("02-29")}, "2028-02-28T12:00:00Z") == "open until 2028-02-29T00:00:00.000Z");
  CHECK(state({deny("02-29")}, "2028-02-29T12:00:00Z") == "closed until 2028-03-01T00:00:00.000Z");
  CHECK(state({deny("02-29")}, "2027-02-28T12:00:00Z") == "open until 2028-02-29T00:00:00.000Z");
  CHECK(state({deny("02-29")}, "2026-02-28T12:00:00Z") == "open until never");
  CHECK(state({deny("02-27 - 02-29")}, "2027-02-26T12:00:00Z") == "open until 2027-02-27T00:00:00.000Z");
  CHECK(state({deny("02-27 - 02-29")}, "2027-02-28T12:00:00Z") == "closed until 2027-03-01T00:00:00.000Z");
  CHECK(state({deny("02-27 - 02-29")}, "2028-02-28T12:00:00Z") == "closed until 2028-03-01T00:00:00.000Z");
  CHECK(state({deny("02-29 - 03-02")}, "2027-02-28T12:00:00Z") == "open until 2027-03-01T00:00:00.000Z");
  CHECK(state({deny("02-29 - 03-02")}, "2028-02-28T12:00:00Z") == "open until 2028-02-29T00:00:00.000Z");
  // Over the new year, into a leap year and out of one.
  CHECK(state({deny("12-01 - 02-29")}, "2027-12-24T12:00:00Z") == "closed until 2028-03-01T00:00:00.000Z");
  CHECK(state({deny("12-01 - 02-29")}, "2028-12-24T12:00:00Z") == "closed until 2029-03-01T00:00:00.000Z");
  // A leap day inside a week.
  CHECK(state({deny("MON 12:00 - WED 12:00")}, "2028-02-28T13:00:00Z") == "closed until 2028-03-01T12:00:00.000Z");
}

TEST_CASE("a boundary that the clock leaves out is at the change, one that it shows twice at the first") {
  const std::vector<Window> out{deny("SUN 02:30 - 05:00", "", "Berlin")};
  CHECK(state(out, "2025-03-29T12:00:00Z") == "open until 2025-03-30T01:00:00.000Z");
  CHECK(state(out, "2025-03-30T02:59:59Z") == "closed until 2025-03-30T03:00:00.000Z");
  // All of it is left out.
  CHECK(state({deny("SUN 02:10 - 02:50", "", "Berlin")}, "2025-03-29T12:00:00Z") ==
        "open until 2025-04-06T00:10:00.000Z");
  const std::vector<Window> twice{deny("SUN 02:30 - 05:00", "", "Berlin")};
  CHECK(state(twice, "2025-10-25T12:00:00Z") == "open until 2025-10-26T00:30:00.000Z");
  CHECK(state({deny("SUN 01:00 - 02:30", "", "Berlin")}, "2025-10-26T00:00:00Z") ==
        "closed until 2025-10-26T00:30:00.000Z");
}

TEST_CASE("windows of several zones are compared as instants") {
  const std::vector<Window> windows{allow("09:00 - 17:00", "Berlin"), allow("16:00 - 18:00")};
  CHECK(state(windows, "2025-07-01T08:00:00Z") == "open until 2025-07-01T15:00:00.000Z");
  CHECK(state(windows, "2025-01-01T09:00:00Z") == "open until 2025-01-01T18:00:00.000Z");
}

TEST_CASE("a window that cannot be understood closes the lane and says why") {
  const auto opening =
      opening_at(std::vector{allow("00:00 - 24:00"), deny("at night")}, at("2026-11-20T10:00:00Z"), zones);
  CHECK_FALSE(opening.open);
  CHECK_FALSE(opening.next_change);
  CHECK(opening.reason.find("\"at\" is not a day of the week") != std::string::npos);
  CHECK_FALSE(opening_at(std::vector{allow("00:00 - 24:00", "Mars/Olympus")}, at("2026-11-20T10:00:00Z"), zones).open);
  CHECK_FALSE(open_since(std::vector{allow("00:00 - 24:00", "Mars/Olympus")}, at("2026-11-20T10:00:00Z"), zones));
}

TEST_CASE("open since is the instant at which the present opening began") {
  const std::vector<Window> windows{allow("MON-FRI 09:00 - 17:00"), deny("12:00 - 13:00")};
  CHECK(shown(open_since(windows, at("2026-11-20T09:00:00Z"), zones)) == "2026-11-20T09:00:00.000Z");
  CHECK(shown(open_since(windows, at("2026-11-20T16:59:59Z"), zones)) == "2026-11-20T13:00:00.000Z");
  CHECK(shown(open_since(windows, at("2026-11-20T12:59:59Z"), zones)) == "never");
  CHECK(shown(open_since(windows, at("2026-11-20T17:00:00Z"), zones)) == "never");
}

TEST_CASE("however many changes there are, 400 days are looked at once and no more") {
  struct CountedZones : ListedZones {
    Time from_local(const std::string& zone, LocalTime local) const override {
      ++asked;
      return ListedZones::from_local(zone, local);
    }
    mutable int asked = 0;
  };
  std::vector<Window> windows{allow("10:00 - 17:00")};
  for (int i = 0; i < 20; ++i)
    windows.push_back(deny("09:" + std::to_string(10 + i) + " - 17:" + std::to_string(10 + i)));
  const CountedZones never;
  CHECK(state(windows, "2026-11-20T10:00:00Z", never) == "closed until never");
  CHECK(never.asked <= 21 * 2 * (400 + 7));
  // An answer that is near costs what is near.
  const CountedZones soon;
  CHECK(state({allow("10:00 - 17:00")}, "2026-11-20T10:00:00Z", soon) == "open until 2026-11-20T17:00:00.000Z");
  CHECK(soon.asked <= 20);
}

TEST_CASE("jitter spreads promotions over its length, always alike for one of them") {
  const auto open = at("2026-11-23T08:00:00Z");
  CHECK(with_jitter(open, 0ms, "prm_1") == open);
  CHECK(with_jitter(open, -5min, "prm_1") == open);
  CHECK(with_jitter(open, 1ms, "prm_1") == open);
  std::array<int, 10> tenths{};
  std::set<Time> different;
  for (int i = 0; i < 10'000; ++i) {
    const auto time = with_jitter(open, 10min, "prm_01JD3ZK2Y0" + std::to_string(i));
    if (time < open || time >= open + 10min) FAIL(to_text(time));
    different.insert(time);
    ++tenths.at(static_cast<std::size_t>((time - open) / 1min));
  }
  for (const auto count : tenths) CHECK((count > 850 && count < 1150));
  CHECK(different.size() > 9'000);
  // The same on every daemon and in every version: a promotion that waits does not jump.
  CHECK(to_text(with_jitter(open, 10min, "prm_01JD3ZK2Y0")) == "2026-11-23T08:04:51.659Z");
}

}  // namespace penstock::tests
