#include "daemon/journal/sqlite_schema.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "daemon/journal/sqlite_shapes.hpp"

namespace penstock::journal {
namespace {

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

// What the header cannot say: a crash between the first two commits leaves a file without a schema, which has version
// 0 here; and the newest version may still be in the write-ahead log.
core::Result<std::int64_t> stored_version(SqliteConnection& connection) {
  const auto id = number(connection, "PRAGMA application_id");
  if (!id) return id.error();
  const auto version = number(connection, "PRAGMA user_version");
  if (!version) return version.error();
  if (*id == sqlite_application_id) {
    if (*version > sqlite_schema_version) return newer(*version, connection.path());
    if (*version < 1) return damaged("it has schema version " + std::to_string(*version), connection.path());
    return *version;
  }
  const auto tables = number(connection, "SELECT count(*) FROM sqlite_schema");
  if (!tables) return tables.error();
  if (*id != 0 || *tables != 0) return damaged("it is the SQLite database of another program", connection.path());
  return 0;
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
  const auto version = stored_version(connection);
  if (!version) return version.error();
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
  return bring_forward(connection, *version);
}

core::Result<void> prepare_reading(SqliteConnection& connection) { return connection.script(reading); }

}  // namespace penstock::journal
