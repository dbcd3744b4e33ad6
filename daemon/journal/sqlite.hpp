// The journal in a file of SQLite's, and how it is looked after. Every page has a checksum (sqlite_page.hpp), and every
// read looks at it; so does every copy_to(). Whoever reads damage closes the journal: nothing more is accepted.
#pragma once

#include <chrono>
#include <functional>

#include "daemon/journal/journal.hpp"

namespace penstock::journal {

struct SqliteCare {
  // A file of up to so many bytes is looked at whole before it is opened, a larger one in the background, and every one
  // again each day.
  std::int64_t check_at_open = std::int64_t{64} << 20;
  std::chrono::milliseconds between_scrubs{100};  // of 16 pages each
  // Called once, on the journal's thread, when nothing more is accepted until a restart: the file is damaged, or an
  // fsync failed.
  std::function<void(const core::Problem&)> closed{};
  // Called on the journal's thread when all pages have been looked at in the background.
  std::function<void(std::int64_t pages)> scrubbed{};
};

// As open_sqlite(path, post, options), which takes care as it is by itself. "journal-damaged" also when a page or the
// write-ahead log is not what was written: it names file, page and what was observed, and nothing is changed.
core::Result<std::unique_ptr<Journal>> open_sqlite(const std::string& path, Post post, SqliteOptions options,
                                                   SqliteCare care);

}  // namespace penstock::journal
