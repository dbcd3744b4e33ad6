// Whether the journal's file and its write-ahead log are as they were written, found out before SQLite opens them: it
// would drop what it cannot read from the log's end. Nothing is changed, and nothing mended.
//
// The third file, "<path>-shm", needs no look: whoever opens the database first empties it and makes it anew from the
// log (https://www.sqlite.org/walformat.html, §2.2, "deadman switch").
#pragma once

#include <string>

#include "daemon/core/result.hpp"

namespace penstock::journal {

struct SqliteFound {
  std::int64_t version = 0;     // of the schema; 0: there is none yet
  bool is_new = false;          // there was no file, or nothing in it
  std::int64_t log_frames = 0;  // committed, and perhaps not in the database yet
};

// Creates an empty file, readable by its owner alone, when there is none. A file of up to `whole_up_to` bytes is read
// whole; of a larger one the first page, the log, and whether it is as long as it should be. Problems "journal-newer",
// "journal-damaged", "journal-failed".
core::Result<SqliteFound> check_sqlite_file(const std::string& path, std::int64_t whole_up_to);

// What to do about damage.
constexpr auto restore_a_backup =
    "keep a copy of the data folder, make a new one from the newest backup with `penstock restore`, and check the disk";

}  // namespace penstock::journal
