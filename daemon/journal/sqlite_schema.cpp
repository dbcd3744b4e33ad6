#include "daemon/journal/sqlite_schema.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

namespace penstock::journal {
namespace {

// Times are milliseconds since 1970, digests 64 hex digits. Documents come last, so that looking at a row's other
// columns never reads them. Rows of history are found by an index or not at all: nothing that runs at start reads them.
constexpr const char* schema = R"sql(
CREATE TABLE lanes (
  model TEXT NOT NULL CHECK (model <> ''),
  environment TEXT NOT NULL CHECK (environment <> ''),
  version INTEGER NOT NULL CHECK (version > 0),
  PRIMARY KEY (model, environment)
) STRICT, WITHOUT ROWID;

CREATE TABLE candidates (
  n INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE CHECK (length(id) = 64),
  model TEXT NOT NULL CHECK (model <> ''),
  version TEXT NOT NULL,
  submitter TEXT NOT NULL,
  "trigger" TEXT NOT NULL,
  seen_at INTEGER NOT NULL,
  document TEXT NOT NULL
) STRICT;
CREATE INDEX candidates_by_time ON candidates (seen_at, id, version);
CREATE INDEX candidates_by_model ON candidates (model, seen_at, id, version);

CREATE TABLE policies (
  n INTEGER PRIMARY KEY,
  digest TEXT NOT NULL UNIQUE CHECK (length(digest) = 64),
  document TEXT NOT NULL
) STRICT;

CREATE TABLE promotions (
  n INTEGER PRIMARY KEY,  -- the order in which they were opened
  id TEXT NOT NULL UNIQUE CHECK (id <> ''),
  model TEXT NOT NULL,
  environment TEXT NOT NULL,
  candidate TEXT NOT NULL REFERENCES candidates (id),
  version TEXT NOT NULL,
  phase TEXT NOT NULL CHECK (phase <> ''),
  ended INTEGER NOT NULL CHECK (ended IN (0, 1)),
  opened_at INTEGER NOT NULL,
  changed_at INTEGER NOT NULL,
  document TEXT NOT NULL,
  FOREIGN KEY (model, environment) REFERENCES lanes (model, environment)
) STRICT;
CREATE INDEX promotions_open_by_lane ON promotions (model, environment) WHERE ended = 0;
CREATE INDEX promotions_open ON promotions (id) WHERE ended = 0;
CREATE INDEX promotions_by_model ON promotions (model, id, environment);
CREATE INDEX promotions_by_environment ON promotions (environment, id);
CREATE INDEX promotions_by_candidate ON promotions (candidate, id);
CREATE INDEX promotions_by_version ON promotions (version, id, model, environment);
CREATE INDEX promotions_by_phase ON promotions (phase, id, model, environment);

CREATE TABLE events (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  model TEXT NOT NULL,
  environment TEXT NOT NULL,
  promotion TEXT NOT NULL,
  name TEXT NOT NULL CHECK (name <> ''),
  document TEXT NOT NULL
) STRICT;
CREATE INDEX events_by_promotion ON events (promotion);

CREATE TABLE outbox (
  key TEXT NOT NULL PRIMARY KEY CHECK (key <> ''),
  kind TEXT NOT NULL CHECK (kind <> ''),
  model TEXT NOT NULL,
  environment TEXT NOT NULL,
  promotion TEXT NOT NULL,
  due INTEGER NOT NULL,
  leased_until INTEGER CHECK (leased_until > due),
  tries INTEGER NOT NULL CHECK (tries >= 0),
  document TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX outbox_free ON outbox (due) WHERE leased_until IS NULL;
CREATE INDEX outbox_leased ON outbox (leased_until) WHERE leased_until IS NOT NULL;
CREATE INDEX outbox_by_promotion ON outbox (promotion);

CREATE TABLE cursors (
  source TEXT NOT NULL PRIMARY KEY,
  cursor TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE remembered (
  key TEXT NOT NULL PRIMARY KEY CHECK (key <> ''),
  until INTEGER NOT NULL,
  answer TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX remembered_by_time ON remembered (until);
)sql";

// SQLite writes its page cache early when a transaction outgrows it; 16 MiB hold the largest group commit.
constexpr const char* writing = R"sql(
PRAGMA synchronous = FULL;
PRAGMA foreign_keys = ON;
PRAGMA trusted_schema = OFF;
PRAGMA temp_store = MEMORY;
PRAGMA cache_size = -16384;
PRAGMA wal_autocheckpoint = 0;
)sql";
constexpr const char* reading = R"sql(
PRAGMA query_only = ON;
PRAGMA trusted_schema = OFF;
PRAGMA temp_store = MEMORY;
PRAGMA cache_size = -2048;
)sql";

constexpr auto not_ours = "move the file away or name another one; Penstock creates its journal itself";

core::Problem newer(std::int64_t version, const std::string& path) {
  return {"journal-newer",
          "the journal has schema version " + std::to_string(version) + ", this Penstock knows versions up to " +
              std::to_string(sqlite_schema_version),
          path, "start the newer Penstock that wrote it, or restore the backup from before the upgrade", false};
}

core::Problem damaged(const std::string& observed, const std::string& path) {
  return {"journal-damaged", "the file is no Penstock journal: " + observed, path, not_ours, false};
}

core::Result<std::int64_t> number(SqliteConnection& connection, const char* sql) {
  const auto found = connection.first(sql, [](const SqliteRow& row) { return row.integer(0); });
  if (!found) return found.error();
  return found->value_or(0);
}

std::int64_t big_endian(const unsigned char* bytes) {
  std::int64_t value = 0;
  for (int i = 0; i < 4; ++i) value = value * 256 + bytes[i];
  return value;
}

// What the header cannot say: a crash between the first two commits leaves a file without a schema.
core::Result<bool> is_empty(SqliteConnection& connection) {
  const auto id = number(connection, "PRAGMA application_id");
  if (!id) return id.error();
  const auto version = number(connection, "PRAGMA user_version");
  if (!version) return version.error();
  if (*id == sqlite_application_id) {
    if (*version > sqlite_schema_version) return newer(*version, connection.path());
    if (*version < 1) return damaged("it has schema version " + std::to_string(*version), connection.path());
    return false;
  }
  const auto tables = number(connection, "SELECT count(*) FROM sqlite_schema");
  if (!tables) return tables.error();
  if (*id != 0 || *tables != 0) return damaged("it is the SQLite database of another program", connection.path());
  return true;
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

core::Result<void> check_sqlite_file(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0)
    return core::Problem{"journal-failed", "cannot open the journal: " + std::generic_category().message(errno), path,
                         "let penstockd's user read and write the file and its folder", false};
  std::array<unsigned char, 100> header{};
  const auto size = ::pread(descriptor, header.data(), header.size(), 0);
  struct stat file {};
  const bool is_file = fstat(descriptor, &file) == 0 && S_ISREG(file.st_mode);
  ::close(descriptor);
  if (!is_file) return damaged("it is not a regular file", path);
  if (size == 0) return {};
  constexpr std::string_view magic("SQLite format 3\0", 16);
  if (size < 100 || std::memcmp(header.data(), magic.data(), magic.size()) != 0)
    return damaged("it does not begin like an SQLite database", path);
  const auto id = big_endian(&header[68]);
  const auto version = big_endian(&header[60]);
  if (id == sqlite_application_id && version > sqlite_schema_version) return newer(version, path);
  if (id != sqlite_application_id && id != 0) return damaged("it is the SQLite database of another program", path);
  return {};
}

core::Result<void> prepare_writing(SqliteConnection& connection, const SqliteOptions& options) {
  const auto empty = is_empty(connection);
  if (!empty) return empty.error();
  if (const auto done = use_wal(connection); !done) return done;
  if (const auto done = connection.script(writing); !done) return done;
  const auto limit = "PRAGMA journal_size_limit = " + std::to_string(sqlite_wal_limit);
  if (const auto done = connection.script(limit); !done) return done;
  if (options.max_bytes > 0) {
    const auto page = number(connection, "PRAGMA page_size");
    if (!page) return page.error();
    const auto pages = std::max<std::int64_t>(1, options.max_bytes / *page);
    if (const auto done = connection.script("PRAGMA max_page_count = " + std::to_string(pages)); !done) return done;
  }
  if (!*empty) return {};
  const auto create = "BEGIN IMMEDIATE;" + std::string(schema) +
                      "PRAGMA application_id = " + std::to_string(sqlite_application_id) +
                      "; PRAGMA user_version = " + std::to_string(sqlite_schema_version) +
                      // Into the file itself, where check_sqlite_file() looks.
                      "; COMMIT; PRAGMA wal_checkpoint(TRUNCATE);";
  return connection.script(create);
}

core::Result<void> prepare_reading(SqliteConnection& connection) { return connection.script(reading); }

}  // namespace penstock::journal
