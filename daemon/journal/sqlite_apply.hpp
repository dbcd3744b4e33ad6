// One Write as SQL.
#pragma once

#include "daemon/journal/journal.hpp"
#include "daemon/journal/sqlite_connection.hpp"

namespace penstock::journal {

// Applies a Write inside the open transaction. On a Problem the caller undoes what was done so far
// (SqliteConnection::savepoint).
core::Result<Receipt> apply(SqliteConnection& connection, const Write& write);

// The newest event's seq; 0 when there is none.
core::Result<std::int64_t> newest_seq(SqliteConnection& connection);

}  // namespace penstock::journal
