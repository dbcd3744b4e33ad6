#include "daemon/runtime/time_zones.hpp"

#include <cstdlib>
#include <ctime>
#include <string>

#include "tests/catch.hpp"

namespace penstock::runtime {
namespace {

using namespace std::chrono_literals;
using core::LocalTime;
using core::Time;

Time at(std::string_view text) { return core::parse_time(text).value(); }

// "2026-03-29T02:30" on the wall.
LocalTime wall(const std::string& text) { return LocalTime(at(text + ":00Z").time_since_epoch()); }

// The C library's own reading of the same database, for the time that it lives.
class ClockOfC {
 public:
  explicit ClockOfC(const std::string& zone) {
    if (const char* before = std::getenv("TZ")) before_ = before;
    setenv("TZ", zone.c_str(), 1);
    tzset();
  }
  ~ClockOfC() {
    if (before_.empty())
      unsetenv("TZ");
    else
      setenv("TZ", before_.c_str(), 1);
    tzset();
  }
  ClockOfC(const ClockOfC&) = delete;
  ClockOfC& operator=(const ClockOfC&) = delete;

  static core::Duration offset_at(Time time) {
    const auto seconds =
        static_cast<std::time_t>(std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count());
    std::tm parts{};
    localtime_r(&seconds, &parts);
    return std::chrono::seconds(parts.tm_gmtoff);
  }

 private:
  std::string before_;
};

}  // namespace

TEST_CASE("the time zones of the operating system are complete") {
  const TimeZones zones;
  if (zones.problem()) FAIL(core::to_text(*zones.problem()));
}

TEST_CASE("a time zone is known by its name in the database, and by no other") {
  const TimeZones zones;
  for (const auto* known : {"UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "Etc/GMT+5", "US/Eastern"}) {
    INFO(known);
    CHECK(zones.knows(known));
  }
  for (const auto* unknown :
       {"", "localtime", "posixrules", "europe/berlin", "Europe/Bonn", "Europe", "CEST", "+02:00", "../UTC",
        "/usr/share/zoneinfo/UTC", "right/Europe/Berlin", "zone.tab", "Europe/Berlin\n"}) {
    INFO(unknown);
    CHECK_FALSE(zones.knows(unknown));
  }
  CHECK_THROWS_AS(zones.offset_at("Europe/Bonn", Time{}), std::logic_error);
  CHECK_THROWS_AS(zones.from_local("Europe/Bonn", LocalTime{}), std::logic_error);
}

TEST_CASE("offsets are those of the C library, until 2037") {
  const TimeZones zones;
  for (const auto* zone : {"UTC", "Europe/Berlin", "Europe/Dublin", "America/New_York", "America/St_Johns",
                           "America/Sao_Paulo", "Africa/Casablanca", "Asia/Kolkata", "Australia/Lord_Howe",
                           "Pacific/Apia", "Pacific/Chatham", "Antarctica/Troll"}) {
    INFO(zone);
    const ClockOfC clock(zone);
    std::string differs;
    for (auto time = at("2010-01-01T00:00:00Z"); time < at("2037-12-31T00:00:00Z") && differs.empty(); time += 7h + 1s)
      if (zones.offset_at(zone, time) != ClockOfC::offset_at(time)) differs = core::to_text(time);
    CHECK(differs == "");
  }
}

TEST_CASE("around each change of the clock, local times become instants and back") {
  const TimeZones zones;
  struct Change {
    const char* zone;
    const char* at;        // the first instant with the new offset
    const char* left_out;  // or shown twice
    const char* becomes;
  };
  for (const auto& change : {
           Change{"Europe/Berlin", "2025-03-30T01:00:00Z", "2025-03-30T02:30", "2025-03-30T01:00:00Z"},
           Change{"Europe/Berlin", "2025-10-26T01:00:00Z", "2025-10-26T02:30", "2025-10-26T00:30:00Z"},
           Change{"America/New_York", "2025-03-09T07:00:00Z", "2025-03-09T02:00", "2025-03-09T07:00:00Z"},
           Change{"America/New_York", "2025-11-02T06:00:00Z", "2025-11-02T01:59", "2025-11-02T05:59:00Z"},
           // Half an hour, and in October on the southern side.
           Change{"Australia/Lord_Howe", "2025-10-04T15:30:00Z", "2025-10-05T02:15", "2025-10-04T15:30:00Z"},
           Change{"Australia/Lord_Howe", "2025-04-05T15:00:00Z", "2025-04-06T01:45", "2025-04-05T14:45:00Z"},
           // A whole day, when Samoa moved over the date line.
           Change{"Pacific/Apia", "2011-12-30T10:00:00Z", "2011-12-30T00:00", "2011-12-30T10:00:00Z"},
           Change{"Pacific/Apia", "2011-12-30T10:00:00Z", "2011-12-30T23:59", "2011-12-30T10:00:00Z"},
       }) {
    INFO(change.zone << " " << change.at);
    const auto moment = at(change.at);
    CHECK(zones.offset_at(change.zone, moment - 1ms) != zones.offset_at(change.zone, moment));
    CHECK(core::to_text(zones.from_local(change.zone, wall(change.left_out))) == core::to_text(at(change.becomes)));
  }
  CHECK(core::to_text(zones.from_local("Europe/Berlin", wall("2025-03-30T01:59"))) == "2025-03-30T00:59:00.000Z");
  CHECK(core::to_text(zones.from_local("Europe/Berlin", wall("2025-03-30T03:00"))) == "2025-03-30T01:00:00.000Z");
  CHECK(core::to_text(zones.from_local("Europe/Berlin", wall("2025-10-26T03:00"))) == "2025-10-26T02:00:00.000Z");
  CHECK(core::to_text(zones.from_local("Pacific/Apia", wall("2011-12-31T00:00"))) == "2011-12-30T10:00:00.000Z");
  CHECK(core::to_text(zones.from_local("UTC", wall("2028-02-29T12:00"))) == "2028-02-29T12:00:00.000Z");
}

TEST_CASE("a later local time is never an earlier instant") {
  const TimeZones zones;
  for (const auto* zone :
       {"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Antarctica/Troll"}) {
    INFO(zone);
    auto before = Time::min();
    for (auto local = wall("2011-01-01T00:00"); local < wall("2012-02-01T00:00"); local += 15min) {
      const auto time = zones.from_local(zone, local);
      if (time < before) FAIL(core::to_text(time));
      before = time;
    }
  }
}

}  // namespace penstock::runtime
