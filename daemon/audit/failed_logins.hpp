// Who was not let in, told so that nobody can fill the log by it: one entry at once, and then one for all that follow
// within a while.
#pragma once

#include <optional>
#include <string>

#include "daemon/audit/entry.hpp"

namespace penstock::audit {

// One thread at a time. Times are of a clock that never goes back (runtime::Clock::up).
class FailedLogins {
 public:
  explicit FailedLogins(core::Duration between = std::chrono::seconds(10)) : between_(between) {}

  // `reason` is a problem's code. The entry to journal now; nothing when it is counted for a later one.
  std::optional<Entry> failed(const std::string& address, const std::string& reason, core::Duration now);
  // What was counted and not told, once `between` is over.
  std::optional<Entry> rest(core::Duration now);
  // The same at once: at the end, after which nothing is told any more.
  std::optional<Entry> last(core::Duration now);

 private:
  std::optional<Entry> told(core::Duration now);

  core::Duration between_;
  std::optional<core::Duration> told_at_;
  std::int64_t count_ = 0;
  std::string address_;  // empty: several
  std::string reason_;   // the newest
};

}  // namespace penstock::audit
