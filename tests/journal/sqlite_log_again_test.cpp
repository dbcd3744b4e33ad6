// A start does not trust that the log it finds has reached the disk: before anything is committed behind it, or brought
// from it into the database, its bytes are written and synced again.
#include <numeric>

#include "daemon/journal/sqlite_log_again.hpp"
#include "tests/journal/sqlite_played.hpp"

using namespace penstock::journal;
using namespace penstock::journal::testing;

namespace {

using Fate = FaultyDisk::Fate;

constexpr std::int64_t in_database = 3;
constexpr std::int64_t in_log = 2;

void play_history(const std::string& path, Told& told) {
  told.asked = told.acknowledged = in_database + in_log;
  Mailbox mailbox;
  const auto journal = open_sqlite(path, mailbox.post());
  if (!journal) return;
  ++told.asked;
  if (commit(**journal, mailbox, numbered_and_audited(told.acknowledged))) told.acknowledged = told.asked;
}

void look_at_what_is_left(const std::string& path, const Told& told) {
  Mailbox mailbox;
  const auto journal = open_sqlite(path, mailbox.post());
  REQUIRE(journal);
  const auto version = (*journal)->lane(fraud)->version;
  CHECK((version == told.acknowledged || version == told.asked));
  check_holds_numbered(**journal, version);
  CHECK(commit(**journal, mailbox, numbered_and_audited(version)));
}

struct Killed : OnDisk {
  Killed() : OnDisk(killed_files(in_database, in_log), play_history, look_at_what_is_left) {}
};

}  // namespace

TEST_CASE("a start writes the whole log again and syncs it before it does anything else") {
  TemporaryFolder folder;
  Mailbox mailbox;
  const auto files = killed_files(in_database, in_log);
  files.write(folder / "journal.db");
  FaultyDisk disk;
  disk.at_operation(0, Fate::fails);
  REQUIRE(open_sqlite(folder / "journal.db", mailbox.post()));
  const auto operations = disk.operations();
  std::size_t written = 0;
  auto next = operations.begin();
  for (; next != operations.end() && next->size > 0; ++next) {
    CHECK(next->of_log);
    CHECK(next->offset == static_cast<std::int64_t>(written));
    written += static_cast<std::size_t>(next->size);
  }
  CHECK(written == files.log.size());
  REQUIRE(next != operations.end());
  CHECK(next->of_log);
}

TEST_CASE("a start that finds nothing in a log writes none again") {
  TemporaryFolder folder;
  Mailbox mailbox;
  closed_files(in_database).write(folder / "journal.db");
  FaultyDisk disk;
  disk.at_operation(0, Fate::fails);
  REQUIRE(open_sqlite(folder / "journal.db", mailbox.post()));
  const auto operations = disk.operations();
  CHECK((operations.empty() || operations.front().size == 0 || operations.front().size <= 32));
}

TEST_CASE("a log of many pieces that is written again has the same bytes") {
  TemporaryFolder folder;
  std::string bytes((std::size_t{5} << 19) + 7, '\0');
  std::iota(bytes.begin(), bytes.end(), '\0');
  const auto path = folder / "journal.db";
  Files{"a database", bytes}.write(path);
  REQUIRE(write_log_again(path + "-wal"));
  CHECK(content(path + "-wal") == bytes);
}

TEST_CASE("a log that cannot be written again ends the start, and says why") {
  TemporaryFolder folder;
  Mailbox mailbox;
  const auto path = folder / "journal.db";
  killed_files(in_database, in_log).write(path);
  {
    FaultyDisk disk;
    disk.fail_syncs("-wal", SQLITE_IOERR_FSYNC);
    const auto refused = open_sqlite(path, mailbox.post());
    CHECK(refused.error().code == "journal-failed");
    CHECK(refused.error().where == path + "-wal");
    CHECK(disk.syncs() == 1);
  }
  CHECK(write_log_again(folder / "none-wal").error().code == "journal-failed");
  look_at_what_is_left(path, {in_database + in_log, in_database + in_log});
}

TEST_CASE("whichever operation of a start with a log fails, finds no room or is torn, nothing is lost") {
  Killed given;
  play_every(given.trial, Fate::fails);
  play_every(given.trial, Fate::kills);
  play_every(given.trial, Fate::tears);
  play_every(given.trial, Fate::fills);
}
