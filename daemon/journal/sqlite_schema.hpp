// How a connection is set up for the SQLite file, and whether a file is ours at all.
#pragma once

#include <string>

#include "daemon/journal/journal.hpp"
#include "daemon/journal/sqlite_connection.hpp"

namespace penstock::journal {

// "PnSk", in the file's header (https://www.sqlite.org/fileformat2.html#database_header).
constexpr std::int64_t sqlite_application_id = 0x506e536b;
constexpr std::int64_t sqlite_schema_version = 3;
// The write-ahead log is brought back below this, and its file cut to it.
constexpr std::int64_t sqlite_wal_limit = std::int64_t{64} << 20;

// Looks at the file's first bytes without SQLite, so that a file which is refused stays untouched. Creates an empty
// one, readable by its owner alone, when there is none. Problems "journal-newer", "journal-damaged", "journal-failed".
core::Result<void> check_sqlite_file(const std::string& path);

// Makes the connection the writing one: WAL, an fsync per commit, foreign keys; creates the schema in an empty file,
// and brings one of a former shape forward.
core::Result<void> prepare_writing(SqliteConnection& connection, const SqliteOptions& options);
core::Result<void> prepare_reading(SqliteConnection& connection);

}  // namespace penstock::journal
