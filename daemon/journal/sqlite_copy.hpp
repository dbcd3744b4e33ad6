// A copy of the journal at one instant, while it is written to.
#pragma once

#include "daemon/journal/sqlite_connection.hpp"

namespace penstock::journal {

// Through the connection, never by reading the file: closing a second descriptor of it would take the daemon's lock
// away (https://www.sqlite.org/howtocorrupt.html, §2.2). Every page is looked at on the way, and has its checksum in
// the copy. `file` must not exist; it is made for its owner alone, and removed when the copy fails.
core::Result<void> copy_database(SqliteConnection& from, const std::string& file);

}  // namespace penstock::journal
