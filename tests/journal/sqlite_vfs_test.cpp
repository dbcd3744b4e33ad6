// How a transaction comes to the write-ahead log.
#include "daemon/journal/sqlite_connection.hpp"
#include "tests/journal/conformance.hpp"
#include "tests/journal/faulty_disk.hpp"
#include "tests/journal/plain_sqlite.hpp"

using namespace penstock::journal;
using namespace penstock::journal::testing;

namespace {

std::unique_ptr<SqliteConnection> log_keeping(const std::string& path) {
  PlainSqlite(path).run("PRAGMA journal_mode = WAL");
  auto connection = SqliteConnection::open(path, SqliteConnection::Access::read_write);
  REQUIRE(connection);
  return std::move(*connection);
}

// What ten transactions, from the given one on, did to the disk; nothing when a checkpoint came between, as it does
// where a slow machine lets the log rest. The transaction after them comes after a checkpoint that has begun.
std::optional<std::size_t> operations_of_ten(Given<Sqlite>& given, FaultyDisk& disk, int first) {
  const auto checkpoints = given.journal->statistics().checkpoints;
  const auto keep = [&](int i) { given.kept(opening("prm_" + std::to_string(i), static_cast<std::uint64_t>(i), i)); };
  disk.at_operation(0, FaultyDisk::Fate::fails);
  for (int i = first; i < first + 10; ++i) keep(i);
  const auto count = disk.operations().size();
  keep(first + 10);
  if (given.journal->statistics().checkpoints != checkpoints) return std::nullopt;
  return count;
}

}  // namespace

TEST_CASE("a transaction is one write to the log, and one sync") {
  FaultyDisk disk;
  Given<Sqlite> given;
  given.kept(opening("prm_0", 0, 0));
  std::optional<std::size_t> count;
  for (int first = 1; !count && first < 500; first += 11) count = operations_of_ten(given, disk, first);
  CHECK(count == 20U);
}

TEST_CASE("a transaction of many pages is a few writes to the log") {
  FaultyDisk disk;
  Given<Sqlite> given;
  auto write = opening("prm_0", 0, 0);
  write.promotions.front().document = std::string(1'000'000, 'x');
  disk.at_operation(0, FaultyDisk::Fate::fails);
  given.kept(write);
  CHECK(disk.operations().size() >= 9);
  CHECK(disk.operations().size() <= 14);
  CHECK(given.journal->promotion("prm_0").value().value().document == write.promotions.front().document);
}

TEST_CASE("a transaction that outgrows its connection's memory finds its own rows, and others find them after it") {
  TemporaryFolder folder;
  const auto path = folder / "any.db";
  const auto connection = log_keeping(path);
  REQUIRE(connection->script("CREATE TABLE rows (id INTEGER PRIMARY KEY, text TEXT); PRAGMA cache_size = 4;"));
  REQUIRE(connection->script("BEGIN IMMEDIATE"));
  const auto count_of_changed = "SELECT count(*) FROM rows WHERE text LIKE 'changed%'";
  for (int id = 0; id < 400; ++id) {
    // One more row, a change to one long written, and a look at all of them.
    REQUIRE(connection->script("INSERT INTO rows VALUES (" + std::to_string(id) + ", hex(zeroblob(700)))"));
    REQUIRE(connection->script("UPDATE rows SET text = 'changed' || text WHERE id = " + std::to_string(id / 2) +
                               " AND text NOT LIKE 'changed%'"));
    if (id % 20 != 0) continue;
    const auto changed = connection->first(count_of_changed, [](const SqliteRow& row) { return row.integer(0); });
    REQUIRE(changed);
    CHECK(*changed == id / 2 + 1);
  }
  CHECK(PlainSqlite(path).run("SELECT count(*) FROM rows") == std::vector<std::string>{"0|"});
  REQUIRE(connection->script("COMMIT"));
  PlainSqlite other(path);
  CHECK(other.run(count_of_changed) == std::vector<std::string>{"200|"});
  CHECK(other.run("PRAGMA integrity_check") == std::vector<std::string>{"ok|"});
}

TEST_CASE("what a transaction that was given up has written is not read by anybody") {
  TemporaryFolder folder;
  const auto path = folder / "any.db";
  const auto connection = log_keeping(path);
  REQUIRE(connection->script("CREATE TABLE rows (text TEXT); PRAGMA cache_size = 4;"));
  for (int i = 0; i < 3; ++i) {
    REQUIRE(
        connection->script("BEGIN IMMEDIATE; WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 100) "
                           "INSERT INTO rows SELECT hex(zeroblob(700)) FROM n; ROLLBACK;"));
    REQUIRE(connection->script("INSERT INTO rows VALUES ('kept')"));
  }
  CHECK(PlainSqlite(path).run("SELECT count(*), min(text), max(text) FROM rows") ==
        std::vector<std::string>{"3|kept|kept|"});
}

TEST_CASE("a connection that would let others read what is not synced is refused") {
  TemporaryFolder folder;
  const auto connection = log_keeping(folder / "any.db");
  for (const auto* value : {"NORMAL", "off", "1"}) {
    const auto answer = connection->script(std::string("PRAGMA synchronous = ") + value);
    REQUIRE(answer.has_error());
    CHECK_THAT(answer.error().message, Catch::Contains("only written with FULL"));
  }
  CHECK(connection->script("PRAGMA synchronous = FULL"));
  CHECK(connection->script("PRAGMA synchronous"));
}
