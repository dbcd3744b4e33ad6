// The shapes that the SQLite file has had, each as what has to be done to the one before it: a file is created and
// brought forward by the same statements.
#pragma once

#include "daemon/journal/sqlite_check.hpp"
#include "daemon/journal/sqlite_connection.hpp"

namespace penstock::journal {

// From what was found to the newest version. First every page is written anew with room for its checksum, where it has
// none; then the shape changes in one transaction. After a failure or a crash the file has all its rows and its former
// shape, and the next try begins again. Nothing to do is no error.
core::Result<void> bring_forward(SqliteConnection& connection, const SqliteFound& found);

}  // namespace penstock::journal
