// The outbox as SQL: what is due, who has it, and until when.
#pragma once

#include <optional>
#include <vector>

#include "daemon/journal/journal.hpp"
#include "daemon/journal/sqlite_connection.hpp"

namespace penstock::journal {

// Inside the open transaction of the writing connection.
core::Result<std::vector<OutboxRow>> claim(SqliteConnection& connection, Time now, Time until, int most);
core::Result<void> void_leases(SqliteConnection& connection);
core::Result<void> forget(SqliteConnection& connection, Time now);

// On any connection.
core::Result<std::optional<Time>> next_due(SqliteConnection& connection);
core::Result<std::optional<Time>> oldest_due(SqliteConnection& connection, Time now);

}  // namespace penstock::journal
