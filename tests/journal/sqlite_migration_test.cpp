// Files of every former shape (tests/journal/shapes/<version>.sql, each made by the Penstock that wrote it) are brought
// forward when they are opened.
#include "daemon/journal/sqlite_schema.hpp"
#include "tests/journal/conformance.hpp"
#include "tests/journal/plain_sqlite.hpp"

using namespace penstock::journal;
using namespace penstock::journal::testing;
namespace core = penstock::core;

namespace {

std::unique_ptr<Journal> open(const std::string& path, Mailbox& mailbox) {
  return open_sqlite(path, mailbox.post()).value();
}

std::vector<std::string> shape_of(PlainSqlite& db) {
  return db.run("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name");
}

std::string promotion_number(int number) { return "prm_" + std::string(25, '0') + std::to_string(number); }

const core::LaneKey staging{"fraud", "staging"};

}  // namespace

TEST_CASE("a journal of every former shape is opened with every row it had, in the shape of a new one") {
  TemporaryFolder folder;
  Mailbox mailbox;
  open(folder / "new.db", mailbox).reset();
  PlainSqlite created(folder / "new.db");
  for (std::int64_t version = 1; version < sqlite_schema_version; ++version) {
    const auto path = folder / (std::to_string(version) + ".db");
    make(path, version);
    const auto before = tables_of(path);
    REQUIRE(before.at("promotions").size() > 3);
    for (int opened = 0; opened < 2; ++opened) {
      open(path, mailbox).reset();
      const auto after = tables_of(path);
      for (const auto& [name, rows] : before) {
        INFO(name);
        CHECK(after.at(name) == rows);
      }
      PlainSqlite db(path);
      CHECK(shape_of(db) == shape_of(created));
      CHECK(db.run("PRAGMA user_version") == std::vector{std::to_string(sqlite_schema_version) + "|"});
      CHECK(db.run("PRAGMA integrity_check") == std::vector<std::string>{"ok|"});
      CHECK(db.run("PRAGMA foreign_key_check").empty());
      CHECK(pages_without_checksum(path).empty());
    }
  }
}

TEST_CASE("what was live in a journal of version 1 is live in the history, once, since it became so") {
  TemporaryFolder folder;
  Mailbox mailbox;
  const auto path = folder / "journal.db";
  make(path, 1);
  for (int opened = 0; opened < 2; ++opened) {
    const auto journal = open(path, mailbox);
    const auto spans = journal->live_spans(fraud, std::nullopt, 10).value();
    REQUIRE(spans.size() == 1);
    const auto live = journal->promotion(promotion_number(3)).value().value();
    CHECK(live.phase == "live");
    CHECK(spans[0].promotion == live.id);
    CHECK(spans[0].candidate == live.candidate);
    CHECK(spans[0].version == "1");
    CHECK(spans[0].since == live.changed_at);
    CHECK_FALSE(spans[0].until.has_value());
    CHECK(journal->live_spans(staging, std::nullopt, 10)->at(0).promotion == promotion_number(2));
    CHECK(journal->live_spans(staging, std::nullopt, 10)->size() == 1);
    CHECK(journal->live_spans({"spam", "production"}, std::nullopt, 10)->empty());
    CHECK(journal->live_spans(fraud, live.changed_at, 10)->size() == 1);
    CHECK(journal->live_spans(fraud, live.changed_at - core::Duration(1), 10)->empty());
    CHECK(journal->lane(fraud)->state.empty());
  }
}

TEST_CASE("a journal from before the audit log has an empty one, which begins at 0") {
  TemporaryFolder folder;
  Mailbox mailbox;
  for (std::int64_t version = 1; version < 3; ++version) {
    const auto path = folder / (std::to_string(version) + ".db");
    make(path, version);
    const auto journal = open(path, mailbox);
    CHECK(journal->audit_size().value() == 0);
    Write write;
    write.audit = {{0, promotion_number(4), "first"}};
    REQUIRE(commit(*journal, mailbox, write));
    CHECK(journal->audit(0, 10)->at(0).index == 0);
    CHECK(journal->audit_of(promotion_number(4), 10)->at(0).entry == "first");
  }
}

TEST_CASE("a journal of version 1 goes on where it stopped") {
  TemporaryFolder folder;
  Mailbox mailbox;
  const auto path = folder / "journal.db";
  make(path, 1);
  const auto journal = open(path, mailbox);
  CHECK(journal->cursor("registry").value() == "42");
  CHECK(journal->remembered("key-1", at(0))->has_value());
  CHECK(journal->lane(fraud)->version == 5);
  CHECK(ids(journal->lane(fraud)->promotions) == std::vector{promotion_number(3), promotion_number(4)});
  CHECK(journal->claim(at(100'000'000), at(200'000'000), 10)->size() == 1);

  // What awaited its approval goes live in place of what was.
  auto next = journal->promotion(promotion_number(4)).value().value();
  auto last = journal->promotion(promotion_number(3)).value().value();
  next.phase = "live";
  last.phase = "replaced";
  last.ended = true;
  auto write = changing({ended(last.id, 100'000'000), {next.id, next.candidate, next.version, at(100'000'000), {}}}, 5);
  write.promotions = {last, next};
  write.lane_state = "{}";
  write.events = {event(next.id)};
  CHECK(commit(*journal, mailbox, write).value().last_seq == 14);
  CHECK(commit(*journal, mailbox, write).error().code == "conflict");
  CHECK(journal->live_spans(fraud, at(100'000'000), 10)->at(0).promotion == next.id);
  CHECK(journal->live_spans(fraud, at(99'999'999), 10)->at(0).promotion == last.id);
  CHECK(journal->lane(fraud)->state == "{}");
  CHECK(ids(journal->lane(fraud)->promotions) == std::vector{next.id});
}

TEST_CASE("a former Penstock finds the new version in the file's first bytes") {
  TemporaryFolder folder;
  Mailbox mailbox;
  const auto path = folder / "journal.db";
  make(path, 1);
  const auto journal = open(path, mailbox);
  // https://www.sqlite.org/fileformat2.html#database_header: the user version, big-endian, at 60.
  const auto bytes = content(path).substr(60, 4);
  CHECK(bytes == std::string("\0\0\0", 3) + static_cast<char>(sqlite_schema_version));
}

TEST_CASE("what a killed daemon of a former version left in its write-ahead log is brought forward too") {
  TemporaryFolder folder;
  Mailbox mailbox;
  make(folder / "running.db", 1);
  {
    PlainSqlite running(folder / "running.db");
    running.run("PRAGMA wal_autocheckpoint = 0; UPDATE cursors SET cursor = '43'");
    for (const std::string suffix : {"", "-wal"})
      std::filesystem::copy_file(folder / ("running.db" + suffix), folder / ("journal.db" + suffix));
  }
  REQUIRE(std::filesystem::file_size(folder / "journal.db-wal") > 0);
  const auto journal = open(folder / "journal.db", mailbox);
  CHECK(journal->cursor("registry").value() == "43");
  CHECK(journal->live_spans(fraud, std::nullopt, 10)->size() == 1);
}

TEST_CASE("a journal that cannot be brought forward stays as it was, and is once there is room") {
  TemporaryFolder folder;
  Mailbox mailbox;
  const auto path = folder / "journal.db";
  make(path, 1);
  const auto before = tables_of(path);
  std::string code;
  SECTION("because the disk is full") {
    FaultyDisk disk;
    disk.fail_writes("-wal", SQLITE_FULL);
    code = open_sqlite(path, mailbox.post()).error().code;
    CHECK(code == "journal-full");
  }
  SECTION("because it is as large as it may be") {
    code = open_sqlite(path, mailbox.post(), {4096}).error().code;
    CHECK(code == "journal-full");
  }
  SECTION("because the fsync failed") {
    FaultyDisk disk;
    disk.fail_syncs("-wal", SQLITE_IOERR_FSYNC);
    code = open_sqlite(path, mailbox.post()).error().code;
    CHECK(code == "journal-failed");
  }
  REQUIRE_FALSE(code.empty());
  CHECK(version_of(path) == 1);
  CHECK(tables_of(path) == before);
  open(path, mailbox).reset();
  CHECK(version_of(path) == sqlite_schema_version);
  CHECK(tables_of(path).at("live_spans").size() == 2);
}

TEST_CASE("wherever the room ends, a journal is brought forward as a whole or not at all") {
  TemporaryFolder folder;
  Mailbox mailbox;
  const auto path = folder / "journal.db";
  make(path, 1);
  const auto before = tables_of(path);
  const auto size = static_cast<std::int64_t>(std::filesystem::file_size(path));
  int refused = 0;
  for (;; ++refused) {
    REQUIRE(refused < 100);
    const auto opened = open_sqlite(path, mailbox.post(), {size + refused * 4096});
    if (opened) break;
    REQUIRE(opened.error().code == "journal-full");
    REQUIRE(tables_of(path) == before);
    REQUIRE(version_of(path) == 1);
  }
  CHECK(refused > 2);
  CHECK(tables_of(path).at("live_spans").size() == 2);
}
