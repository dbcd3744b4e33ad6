// The SQLite adapter on a disk that is full or broken.
#include <sqlite3.h>

#include "tests/journal/everything.hpp"

using namespace penstock::journal;
using namespace penstock::journal::testing;
namespace core = penstock::core;

namespace {

Write moving(const std::string& cursor) {
  Write write;
  write.cursors["git"] = cursor;
  return write;
}

}  // namespace

TEST_CASE("a journal at its size limit refuses, keeps what it has, and goes on once there is room") {
  TemporaryFolder folder;
  Mailbox mailbox;
  const auto path = folder / "journal.db";
  auto journal = open_sqlite(path, mailbox.post(), {512 * 1024}).value();
  int kept = 0;
  std::string code;
  for (; code.empty() && kept < 1000; ++kept) {
    auto row = due_row("check/" + std::to_string(kept), at(kept));
    row.document = std::string(20'000, 'x');
    const auto receipt = commit(*journal, mailbox, putting({row}));
    if (receipt) continue;
    code = receipt.error().code;
    CHECK(receipt.error().where == path);
    CHECK(receipt.error().transient);
    CHECK_THAT(receipt.error().hint, Catch::Contains("free space"));
    break;
  }
  REQUIRE(code == "journal-full");
  CHECK(kept > 5);

  SECTION("reads and small writes still work, and dropping rows makes room") {
    CHECK(journal->next_due().value() == at(0));
    Write drop;
    drop.drop_promotions = {"prm_1"};
    REQUIRE(commit(*journal, mailbox, drop));
    auto row = due_row("check/again", at(1));
    row.document = std::string(20'000, 'x');
    CHECK(commit(*journal, mailbox, putting({row})));
  }
  SECTION("a higher limit makes room, and everything that was kept is there") {
    journal.reset();
    journal = open_sqlite(path, mailbox.post(), {64 * 1024 * 1024}).value();
    CHECK(journal->claim(at(100'000), at(200'000), 10'000)->size() == static_cast<std::size_t>(kept));
    auto row = due_row("check/again", at(1));
    row.document = std::string(200'000, 'x');
    CHECK(commit(*journal, mailbox, putting({row})));
  }
}

TEST_CASE("a full disk refuses every Write of the transaction and later ones work again") {
  FaultyDisk disk;
  Given<Sqlite> given;
  given.kept(moving("before"));
  given.kept(putting({due_row("check/1", at(1))}));
  disk.fail_writes("-wal", SQLITE_FULL);
  const auto receipts = given.commit({moving("a"), moving("b"), opening("prm_1", 1, 0)});
  for (const auto& receipt : receipts) {
    REQUIRE(receipt.has_error());
    CHECK(receipt.error().code == "journal-full");
  }
  CHECK(given.journal->claim(at(1), at(2), 1).error().code == "journal-full");
  CHECK(given.journal->cursor("git").value() == "before");
  CHECK(given.journal->lane(fraud)->version == 0);
  disk.fail_writes("", SQLITE_OK);
  given.kept(moving("after"));
  CHECK(given.journal->claim(at(1), at(2), 1)->front().tries == 1);
  given.kept(opening("prm_1", 1, 0));
  CHECK(given.journal->cursor("git").value() == "after");
}

TEST_CASE("a quota that is used up is told as a full disk, and writing goes on once there is room") {
  FaultyDisk disk;
  Given<Sqlite> given;
  given.kept(moving("before"));
  const int error = GENERATE(EDQUOT, ENOSPC);
  disk.fail_writes("-wal", SQLITE_IOERR_WRITE, error);
  const auto refused = given.commit(moving("refused"));
  REQUIRE(refused.has_error());
  CHECK(refused.error().code == "journal-full");
  CHECK(refused.error().transient);
  CHECK(given.journal->cursor("git").value() == "before");
  disk.fail_writes("", SQLITE_OK);
  given.kept(moving("after"));
}

TEST_CASE("a log whose index cannot grow is a full disk, and what was refused is not there after a crash") {
  FaultyDisk disk;
  Given<Sqlite> given;
  const auto numbered_mebibyte = [](std::int64_t number) {
    auto write = opening("prm_" + std::to_string(number), static_cast<std::uint64_t>(number), number);
    write.promotions.front().document = std::string(1 << 20, 'x');
    return write;
  };
  // On a disk without room no checkpoint ends either, so that the log goes on.
  disk.fail_writes("journal.db", SQLITE_FULL);
  disk.let_index_grow(false);
  std::int64_t kept = 0;
  auto receipt = given.commit(numbered_mebibyte(kept));
  for (; receipt && kept < 40; receipt = given.commit(numbered_mebibyte(kept))) ++kept;
  REQUIRE(receipt.has_error());
  CHECK(receipt.error().code == "journal-full");
  CHECK(kept > 10);
  const auto left_by_a_crash = Files::read(given.adapter.folder / "journal.db");
  disk.let_index_grow(true);
  disk.fail_writes("", SQLITE_OK);
  given.kept(numbered_mebibyte(kept));
  TemporaryFolder elsewhere;
  left_by_a_crash.write(elsewhere / "journal.db");
  CHECK(open_sqlite(elsewhere / "journal.db", given.mailbox.post()).value()->lane(fraud)->version == kept);
}

TEST_CASE("a start on a full disk says what to do, for a daemon that ends as for one that runs") {
  TemporaryFolder folder;
  Mailbox mailbox;
  const auto path = folder / "journal.db";
  killed_files(2, 2).write(path);
  FaultyDisk disk;
  core::Problem problem;
  SECTION("the log's index finds no room") {
    disk.let_index_grow(false);
    problem = open_sqlite(path, mailbox.post()).error();
  }
  SECTION("nothing can be written: the leases that a crash left stay") {
    const auto journal = open_sqlite(path, mailbox.post()).value();
    REQUIRE(journal->claim(at(10'000), at(20'000), 10)->size() == 4);
    disk.fail_writes("", SQLITE_FULL);
    problem = journal->void_leases().error();
    disk.fail_writes("", SQLITE_OK);
    CHECK(journal->void_leases());
  }
  CHECK(problem.code == "journal-full");
  CHECK_THAT(problem.hint, Catch::Contains("free space") && Catch::Contains("a daemon that runs goes on by itself") &&
                               Catch::Contains("start again what has ended"));
  disk.let_index_grow(true);
  CHECK(open_sqlite(path, mailbox.post()).value()->lane(fraud)->version == 4);
}

TEST_CASE("after a failed fsync nothing more is accepted, and what was acknowledged is there after a restart") {
  FaultyDisk disk;
  Given<Sqlite> given;
  given.kept(moving("acknowledged"));
  disk.fail_syncs("-wal", SQLITE_IOERR_FSYNC);
  const auto first = given.commit(moving("lost"));
  REQUIRE(first.has_error());
  CHECK(first.error().code == "journal-failed");
  // The disk pretends to be well again. It is not believed: what the failed fsync lost, it would not write now.
  disk.fail_syncs("", SQLITE_OK);
  const auto later = given.commit(moving("later"));
  REQUIRE(later.has_error());
  CHECK(later.error().code == "journal-failed");
  CHECK_THAT(to_text(later.error()),
             Catch::Contains("nothing more is accepted") && Catch::Contains("restart penstockd"));
  CHECK(given.journal->void_leases().error().code == "journal-failed");
  CHECK(given.journal->cursor("git").value() == "acknowledged");
  given.journal.reset();
  given.journal = given.adapter.open(given.mailbox.post());
  // The log is as the failed sync left it, so that what was refused at that moment may be there.
  const auto found = given.journal->cursor("git").value();
  CHECK((found == "acknowledged" || found == "lost"));
  given.kept(moving("again"));
}

TEST_CASE("a write that the disk refuses is told as such") {
  FaultyDisk disk;
  Given<Sqlite> given;
  disk.fail_writes("-wal", SQLITE_IOERR_WRITE);
  const auto refused = given.commit(moving("a"));
  REQUIRE(refused.has_error());
  CHECK(refused.error().code == "journal-failed");
  CHECK_THAT(refused.error().message, Catch::Contains("disk"));
}

TEST_CASE("a checkpoint that finds no room costs nothing: the log holds what was acknowledged") {
  FaultyDisk disk;
  Given<Sqlite> given;
  disk.fail_writes("journal.db", SQLITE_FULL);
  for (int i = 0; i < 50; ++i) {
    auto write = opening("prm_" + std::to_string(i), static_cast<std::uint64_t>(i), i);
    // Some hundred pages each, so that checkpoints are due.
    write.promotions.front().document = std::string(200'000, 'x');
    given.kept(write);
  }
  CHECK(given.journal->statistics().checkpoints > 0);
  CHECK(given.journal->lane(fraud)->promotions.size() == 50);
  disk.fail_writes("", SQLITE_OK);
  given.journal.reset();
  given.journal = given.adapter.open(given.mailbox.post());
  CHECK(given.journal->lane(fraud)->promotions.size() == 50);
}
