#include "daemon/journal/sqlite_scrub.hpp"

#include <algorithm>

#include "daemon/journal/sqlite_page.hpp"
#include "daemon/journal/sqlite_problem.hpp"
#include "daemon/journal/sqlite_vfs.hpp"

namespace penstock::journal {

SqliteScrub::SqliteScrub(sqlite3* handle, std::string path, Pace pace, bool was_checked)
    : handle_(handle),
      path_(std::move(path)),
      pace_(std::move(pace)),
      due_(Clock::now() + (was_checked ? pace_.between_passes : pace_.between_steps)) {}

core::Result<void> SqliteScrub::step(Clock::time_point now) {
  if (now < due_) return {};
  // The file may have grown, or become shorter.
  const auto all = pages_in_file(handle_);
  const auto end = std::min(all + 1, next_ + pace_.pages_at_once);
  for (; next_ < end; ++next_) {
    if (next_ == sqlite_lock_page) continue;
    if (const int code = check_page(handle_, next_); code != SQLITE_OK)
      return sqlite_problem(code, code == SQLITE_IOERR_DATA ? take_damage() : sqlite3_errstr(code), path_);
  }
  const bool is_done = next_ > all;
  if (is_done) next_ = 1;
  if (is_done && pace_.done) pace_.done(all);
  due_ = now + (is_done ? pace_.between_passes : pace_.between_steps);
  return {};
}

}  // namespace penstock::journal
