#include "daemon/runtime/time_zones.hpp"

#include <date/tz.h>

#include <algorithm>
#include <array>
#include <exception>
#include <stdexcept>

namespace penstock::runtime {
namespace {

// Always known, database or not.
constexpr auto utc = "UTC";

core::Problem missing(const std::string& why) {
  return {"time-zones-missing", "no time zone but UTC is known: " + why, "/usr/share/zoneinfo",
          "install the operating system's time zone database (Debian: tzdata)"};
}

// Whether the files list what is to come. Zones on both sides of the equator, and of several governments: one that
// gives up daylight saving time does not make a database incomplete.
bool lists_the_future() {
  constexpr std::array<const char*, 4> changing{"Europe/Berlin", "America/New_York", "Australia/Sydney",
                                                "America/Santiago"};
  const date::sys_days after(date::year(2036) / 1 / 1);
  return std::any_of(changing.begin(), changing.end(), [after](const char* name) {
    return date::locate_zone(name)->get_info(after).end < date::sys_days(date::year(2038) / 1 / 1);
  });
}

const date::time_zone& located(const std::string& zone) {
  try {
    return *date::locate_zone(zone);
  } catch (const std::exception& error) {
    throw std::logic_error("asked about the unknown time zone \"" + zone + "\": " + error.what());
  }
}

}  // namespace

TimeZones::TimeZones() {
  try {
    if (!lists_the_future())
      problem_ = core::Problem{
          "time-zones-incomplete", "no time zone but UTC is known: the database lists no changes up to 2037",
          "/usr/share/zoneinfo", "install one whose files are built with `zic -b fat`, as Debian's are"};
  } catch (const std::exception& error) {
    problem_ = missing(error.what());
  }
}

bool TimeZones::knows(const std::string& zone) const {
  if (zone == utc) return true;
  if (problem_ || zone == "localtime") return false;
  try {
    // Reads the file, so that a damaged one is found here.
    date::locate_zone(zone)->get_info(date::sys_seconds{});
    return true;
  } catch (const std::exception&) {
    return false;
  }
}

core::Duration TimeZones::offset_at(const std::string& zone, core::Time at) const {
  if (zone == utc) return core::Duration::zero();
  return located(zone).get_info(at).offset;
}

core::Time TimeZones::from_local(const std::string& zone, core::LocalTime local) const {
  if (zone == utc) return core::Time(local.time_since_epoch());
  const auto info = located(zone).get_info(date::local_time<core::Duration>(local.time_since_epoch()));
  if (info.result == date::local_info::nonexistent) return info.first.end;
  return core::Time(local.time_since_epoch() - info.first.offset);
}

}  // namespace penstock::runtime
