// The time zones of this machine: the IANA database that the operating system installs (Debian: tzdata), read through
// Howard Hinnant's date library, which Debian builds to use it.
#pragma once

#include <optional>

#include "daemon/core/window.hpp"

namespace penstock::runtime {

// Safe from any thread. A zone is read when it is first asked about and kept: an update of the database counts from the
// next start on. The library knows the changes that the files list, in Debian up to 2037; after the last one, a zone
// keeps its offset.
class TimeZones : public core::TimeZones {
 public:
  TimeZones();
  // Why no zone but UTC is known: "time-zones-missing" without a database, and "time-zones-incomplete" when its files
  // list past changes only and leave the rest to a rule (`zic -b slim`), which the library does not read.
  const std::optional<core::Problem>& problem() const { return problem_; }

  // Names of the database, as they are written there; not those that mean another zone on another machine (localtime).
  bool knows(const std::string& zone) const override;
  core::Duration offset_at(const std::string& zone, core::Time at) const override;
  core::Time from_local(const std::string& zone, core::LocalTime local) const override;

 private:
  std::optional<core::Problem> problem_;
};

}  // namespace penstock::runtime
