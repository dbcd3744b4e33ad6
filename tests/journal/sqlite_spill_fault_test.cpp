// Transactions that outgrow their connection's memory are in the log, gathered or written, before they are committed,
// or undone in part or as a whole. Played once for every write, sync and truncate, as the journal's history is
// (sqlite_every_fault_test.cpp): what was acknowledged is there, and nothing of what was undone.
#include "daemon/journal/sqlite_apply.hpp"
#include "daemon/journal/sqlite_problem.hpp"
#include "daemon/journal/sqlite_schema.hpp"
#include "tests/journal/sqlite_played.hpp"

using namespace penstock::journal;
using namespace penstock::journal::testing;
namespace core = penstock::core;

namespace {

using Fate = FaultyDisk::Fate;
using Undo = SqliteConnection::Undo;

constexpr std::int64_t in_database = 2;
constexpr std::int64_t history_ends = 5;
constexpr int tries = 3;

// Some five pages in a row, and there is memory for four.
Write part(std::int64_t number) {
  auto write = numbered_and_audited(number);
  write.promotions.front().document = std::string(20'000, 'x');
  return write;
}

core::Result<void> transact_one(SqliteConnection& db, std::int64_t number) {
  if (const auto begun = db.run("BEGIN IMMEDIATE"); !begun) return begun.error();
  if (const auto done = apply(db, part(number)); !done) return done.error();
  if (const auto done = db.run("COMMIT"); !done) return done.error();
  return {};
}

// Two parts; the second is first tried and undone alone, when much of it is in the log.
core::Result<void> transact_two(SqliteConnection& db, std::int64_t number) {
  if (const auto begun = db.run("BEGIN IMMEDIATE"); !begun) return begun.error();
  const auto first = db.undoable(Undo::alone, [&] { return apply(db, part(number)); });
  if (!first) return first.error();
  const auto refused = db.undoable(Undo::alone, [&]() -> core::Result<Receipt> {
    if (const auto done = apply(db, part(number + 1)); !done) return done.error();
    return core::Problem{"refused", "it was not to be", "", ""};
  });
  if (refused.error().code != "refused") return refused.error();
  const auto second = db.undoable(Undo::alone, [&] { return apply(db, part(number + 1)); });
  if (!second) return second.error();
  if (const auto done = db.run("COMMIT"); !done) return done.error();
  return {};
}

// One that is given up as a whole.
core::Result<void> give_up(SqliteConnection& db, std::int64_t number) {
  if (const auto begun = db.run("BEGIN IMMEDIATE"); !begun) return begun.error();
  if (const auto done = apply(db, part(number)); !done) return done.error();
  if (const auto undone = db.run("ROLLBACK"); !undone) return undone.error();
  return {};
}

// As the writer does with what is refused for want of room; nothing of it is left.
template <class Body>
bool done_with_room(SqliteConnection& db, Told& told, Body body) {
  for (int attempt = 0; attempt < tries; ++attempt) {
    const core::Result<void> done = body();
    if (done) return true;
    if (sqlite3_get_autocommit(db.handle()) == 0 && !db.run("ROLLBACK")) return false;
    if (done.error().code != "journal-full") return false;
    ++told.refused_for_room;
  }
  return false;
}

std::unique_ptr<SqliteConnection> opened(const std::string& path, Told& told) {
  for (int attempt = 0; attempt < tries; ++attempt) {
    const auto found = check_sqlite_file(path, 0);
    if (!found) return nullptr;
    auto connection = SqliteConnection::open(path, SqliteConnection::Access::read_write);
    if (!connection) return nullptr;
    const auto prepared = prepare_writing(**connection, *found, {});
    if (prepared && (*connection)->script("PRAGMA cache_size = 4")) return std::move(*connection);
    if (prepared || prepared.error().code != "journal-full") return nullptr;
    ++told.refused_for_room;
  }
  return nullptr;
}

void play_history(const std::string& path, Told& told) {
  told.asked = told.acknowledged = in_database;
  const auto db = opened(path, told);
  if (!db) return;
  // After whatever fails the writer closes the journal, or nothing was to be kept.
  db->leave_log_at_close();
  const auto one = told.asked++;
  if (!done_with_room(*db, told, [&] { return transact_one(*db, one); })) return;
  told.acknowledged = told.asked;
  // What follows begins the log anew, over the frames that are there.
  sqlite3_wal_checkpoint_v2(db->handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  const auto next = told.acknowledged;
  if (!done_with_room(*db, told, [&] { return give_up(*db, next); })) return;
  told.asked = history_ends;
  if (!done_with_room(*db, told, [&] { return transact_two(*db, next); })) return;
  told.acknowledged = told.asked;
}

void look_at_what_is_left(const std::string& path, const Told& told) {
  Mailbox mailbox;
  const auto journal = open_sqlite(path, mailbox.post());
  REQUIRE(journal);
  const auto version = (*journal)->lane(fraud)->version;
  CHECK((version == told.acknowledged || version == told.asked));
  check_holds_numbered(**journal, version);
  CHECK((*journal)->audit_size().value() == version);
  for (std::int64_t number = in_database; number < version; ++number)
    CHECK((*journal)->promotion(numbered_name(number)).value().value().document ==
          part(number).promotions.front().document);
  CHECK(commit(**journal, mailbox, numbered(version)));
}

struct Spilling : OnDisk {
  Spilling() : OnDisk(closed_files(in_database), play_history, look_at_what_is_left) {}
};

}  // namespace

TEST_CASE("the history of transactions that outgrow their memory writes many times before its commits") {
  Spilling given;
  CAPTURE(operations_of(given.trial).size());
  CHECK(operations_of(given.trial).size() > 60);
}

TEST_CASE("whichever operation fails while transactions outgrow their memory, what was acknowledged is there") {
  Spilling given;
  play_every(given.trial, Fate::fails);
}

TEST_CASE("at whichever operation the process is killed while transactions outgrow their memory, nothing is lost") {
  Spilling given;
  play_every(given.trial, Fate::kills);
}

TEST_CASE("whichever write is torn while transactions outgrow their memory, what was acknowledged is there") {
  Spilling given;
  play_every(given.trial, Fate::tears);
  CHECK(tear_between_frames(given.trial) > 10);
}

TEST_CASE("whichever write finds no room while transactions outgrow their memory, all are there in the end") {
  Spilling given;
  CHECK(fill_every(given.trial, history_ends) > 10);
}
