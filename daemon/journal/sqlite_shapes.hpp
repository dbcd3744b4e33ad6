// The shapes that the SQLite file has had, each as what has to be done to the one before it: a file is created and
// brought forward by the same statements.
#pragma once

#include "daemon/journal/sqlite_connection.hpp"

namespace penstock::journal {

// From schema version `version` (0 = an empty file) to the newest, in one transaction: after a failure or a crash the
// file is as it was. Nothing to do is no error.
core::Result<void> bring_forward(SqliteConnection& connection, std::int64_t version);

}  // namespace penstock::journal
