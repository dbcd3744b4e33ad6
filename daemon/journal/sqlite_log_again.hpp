// The write-ahead log that a start finds, made durable once more.
#pragma once

#include <string>

#include "daemon/core/result.hpp"

namespace penstock::journal {

// Writes the log's own bytes over themselves and syncs them; before SQLite opens it, by whoever holds the journal.
// `log` is the database's path and "-wal".
// After a sync that failed, the system may have what was written in its memory alone and take it for clean, so that no
// later sync brings it to the disk. Whoever commits behind it would acknowledge what a power cut takes away, because
// the log ends then before it. No byte changes, and a crash in the middle leaves the same ones. Problems
// "journal-failed" and "journal-full".
core::Result<void> write_log_again(const std::string& log);

}  // namespace penstock::journal
