// How a connection is set up for the SQLite file.
#pragma once

#include <string>

#include "daemon/journal/journal.hpp"
#include "daemon/journal/sqlite_check.hpp"
#include "daemon/journal/sqlite_connection.hpp"

namespace penstock::journal {

// "PnSk", in the file's header (https://www.sqlite.org/fileformat2.html#database_header).
constexpr std::int64_t sqlite_application_id = 0x506e536b;
constexpr std::int64_t sqlite_schema_version = 4;
// From this version on every page has a checksum (sqlite_page.hpp).
constexpr std::int64_t sqlite_checksums_since = 4;
// The write-ahead log is brought back below this, and its file cut to it.
constexpr std::int64_t sqlite_wal_limit = std::int64_t{64} << 20;

// Makes the connection the writing one: WAL, an fsync per commit, foreign keys, checksums; creates the schema in an
// empty file, and brings one of a former shape forward. `found` is what check_sqlite_file() found.
core::Result<void> prepare_writing(SqliteConnection& connection, const SqliteFound& found,
                                   const SqliteOptions& options);
core::Result<void> prepare_reading(SqliteConnection& connection);

}  // namespace penstock::journal
