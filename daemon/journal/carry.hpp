// Carries a whole journal from PostgreSQL into a SQLite file and back: for backups, and for those who change from one
// to the other. What daemons have between them (epochs, leases, who watches what) stays behind.
#pragma once

#include "daemon/journal/postgres_connection.hpp"
#include "daemon/journal/sqlite_connection.hpp"

namespace penstock::journal {

// What the database holds at one instant, while daemons write to it. `to` is a new journal without a row.
core::Result<void> carry(PostgresConnection& from, SqliteConnection& to);

// As a whole or not at all. The schema must be one that no daemon has worked on: Problem "conflict".
core::Result<void> carry(SqliteConnection& from, PostgresConnection& to);

// The first of them into `file`, which must not exist; it is removed when the copy fails.
core::Result<void> copy_database(PostgresConnection& from, const std::string& file);

}  // namespace penstock::journal
