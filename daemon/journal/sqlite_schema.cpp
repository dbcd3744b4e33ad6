#include "daemon/journal/sqlite_schema.hpp"

#include <algorithm>

#include "daemon/journal/sqlite_shapes.hpp"
#include "daemon/journal/sqlite_vfs.hpp"

namespace penstock::journal {
namespace {

// SQLite writes its page cache early when a transaction outgrows it; 8 MiB hold most group commits.
constexpr const char* writing_settings = R"sql(
PRAGMA synchronous = FULL;
PRAGMA foreign_keys = ON;
PRAGMA trusted_schema = OFF;
PRAGMA temp_store = MEMORY;
PRAGMA cache_size = -8192;
PRAGMA wal_autocheckpoint = 0;
)sql";
constexpr const char* reading = R"sql(
PRAGMA query_only = ON;
PRAGMA trusted_schema = OFF;
PRAGMA temp_store = MEMORY;
PRAGMA cache_size = -2048;
)sql";

core::Problem damaged(const std::string& observed, const std::string& path) {
  return {"journal-damaged", "the file is no Penstock journal: " + observed, path,
          "move the file away or name another one; Penstock creates its journal itself", false};
}

core::Result<std::int64_t> sqlite_number(SqliteConnection& connection, const char* sql) {
  const auto found = connection.first(sql, [](const SqliteRow& row) { return row.integer(0); });
  if (!found) return found.error();
  return found->value_or(0);
}

// Once more through SQLite, which has read the log by its own rules.
core::Result<void> check_version(SqliteConnection& connection, std::int64_t expected) {
  const auto id = sqlite_number(connection, "PRAGMA application_id");
  if (!id) return id.error();
  const auto version = sqlite_number(connection, "PRAGMA user_version");
  if (!version) return version.error();
  const auto tables = sqlite_number(connection, "SELECT count(*) FROM sqlite_schema");
  if (!tables) return tables.error();
  const bool is_ours = *id == sqlite_application_id;
  if (is_ours && (*version < 1 || *version != expected))
    return damaged("it has schema version " + std::to_string(*version), connection.path());
  // A crash between the first two commits leaves a file without a schema.
  if (!is_ours && (*id != 0 || *tables != 0 || expected != 0))
    return damaged("it is the SQLite database of another program", connection.path());
  return {};
}

core::Result<void> use_wal(SqliteConnection& connection) {
  const auto mode = connection.first("PRAGMA journal_mode = WAL", [](const SqliteRow& row) { return row.text(0); });
  if (!mode) return mode.error();
  if (mode->value_or("") == "wal") return {};
  return core::Problem{"journal-failed",
                       "the file system cannot hold a write-ahead log (journal mode is `" + mode->value_or("") + "`)",
                       connection.path(), "put the journal on a local file system, not on a network share", false};
}

}  // namespace

core::Result<void> prepare_writing(SqliteConnection& connection, const SqliteFound& found,
                                   const SqliteOptions& options) {
  reserve_room_for_checksums(connection.handle());
  if (found.is_new || found.version >= sqlite_checksums_since) set_page_checks(connection.handle(), PageChecks::all);
  if (const auto checked = check_version(connection, found.version); !checked) return checked;
  if (const auto done = use_wal(connection); !done) return done;
  if (const auto done = connection.script(writing_settings); !done) return done;
  const auto limit = "PRAGMA journal_size_limit = " + std::to_string(sqlite_wal_limit);
  if (const auto done = connection.script(limit); !done) return done;
  if (options.max_bytes > 0) {
    const auto page = sqlite_number(connection, "PRAGMA page_size");
    if (!page) return page.error();
    const auto pages = std::max<std::int64_t>(1, options.max_bytes / *page);
    if (const auto done = connection.script("PRAGMA max_page_count = " + std::to_string(pages)); !done) return done;
  }
  return bring_forward(connection, found);
}

core::Result<void> prepare_reading(SqliteConnection& connection) {
  // The writer knows whether the log may be touched; whoever reads never does.
  connection.leave_log_at_close();
  set_page_checks(connection.handle(), PageChecks::all);
  return connection.script(reading);
}

}  // namespace penstock::journal
