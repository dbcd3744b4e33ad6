// The SQLite adapter's file: who may open it, what is refused, and what is still there afterwards.
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "daemon/journal/sqlite.hpp"
#include "daemon/journal/sqlite_schema.hpp"
#include "tests/journal/conformance.hpp"
#include "tests/journal/live.hpp"

using namespace penstock::journal;
using namespace penstock::journal::testing;

namespace {

std::string bytes_in(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return (std::ostringstream() << file.rdbuf()).str();
}

void write_file(const std::string& path, const std::string& bytes) { std::ofstream(path, std::ios::binary) << bytes; }

// As another program would: a plain connection.
void run_sql(const std::string& path, const std::string& sql) {
  sqlite3* db = nullptr;
  REQUIRE(sqlite3_open(path.c_str(), &db) == SQLITE_OK);
  CHECK(sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(db);
}

penstock::core::Problem refusal(const std::string& path) {
  Mailbox mailbox;
  const auto opened = open_sqlite(path, mailbox.post());
  REQUIRE(opened.has_error());
  CHECK_FALSE(opened.error().message.empty());
  CHECK_FALSE(opened.error().hint.empty());
  return opened.error();
}

}  // namespace

TEST_CASE("a journal that is opened again holds everything it acknowledged") {
  Given<Sqlite> given;
  auto write = opening("prm_1", 1, 0);
  write.outbox = {due_row("check/1", at(5))};
  write.policies = {{digest(9), "policy"}};
  write.cursors["git"] = "42";
  write.remember = {{"key", "answer", at(100)}};
  write.lane_state = "pinned";
  write.live_changes = {began("prm_1", 1, 10)};
  given.kept(write);
  REQUIRE(given.journal->claim(at(5), at(50), 1)->size() == 1);
  given.journal.reset();
  given.journal = given.adapter.open(given.mailbox.post());

  CHECK(given.journal->lane(fraud)->version == 1);
  CHECK(given.journal->lane(fraud)->state == "pinned");
  CHECK(text(given.journal->live_spans(fraud, at(10), 10)) == "prm_1[10,) ");
  CHECK(ids(given.journal->lane(fraud)->promotions) == std::vector<std::string>{"prm_1"});
  CHECK(given.journal->candidate(digest(1))->has_value());
  CHECK(given.journal->policy(digest(9)).value()->document == "policy");
  CHECK(given.journal->cursor("git").value() == "42");
  CHECK(given.journal->remembered("key", at(1)).value() == "answer");
  CHECK(given.journal->newest_seq().value() == 1);
  // The lease of the daemon that is gone still holds, until it is voided.
  CHECK(given.journal->claim(at(49), at(90), 1)->empty());
  REQUIRE(given.journal->void_leases());
  CHECK(given.journal->claim(at(49), at(90), 1)->front().tries == 2);
  Write event_only;
  event_only.events = {event("prm_1")};
  CHECK(given.kept(event_only).last_seq == 2);
}

TEST_CASE("the file belongs to its owner alone") {
  Given<Sqlite> given;
  given.kept(opening("prm_1", 1, 0));
  for (const std::string name : {"journal.db", "journal.db-wal", "journal.db.lock"}) {
    struct stat file {};
    REQUIRE(stat((given.adapter.folder / name).c_str(), &file) == 0);
    CHECK((file.st_mode & 0777) == 0600);
  }
}

TEST_CASE("a second opener in the same process is refused with the process id, by whatever name it calls the file") {
  Given<Sqlite> given;
  given.kept(opening("prm_1", 1, 0));
  const auto folder = given.adapter.folder / "";
  REQUIRE(symlink(folder.c_str(), (folder + "self").c_str()) == 0);
  for (const auto& path : {folder + "journal.db", folder + "./journal.db", folder + "self/journal.db"}) {
    const auto problem = refusal(path);
    CHECK(problem.code == "journal-in-use");
    CHECK_THAT(problem.message, Catch::Contains("process id " + std::to_string(getpid()) + ")"));
  }
  // The refused ones have not taken anything from the one that has it.
  given.kept(opening("prm_2", 2, 1));
  given.journal.reset();
  CHECK(given.adapter.open(given.mailbox.post())->lane(fraud)->version == 2);
}

TEST_CASE("another process is refused with the owner's process id, and let in once the owner was killed") {
  TemporaryFolder folder;
  int ready[2];
  REQUIRE(pipe(ready) == 0);
  const auto child = fork();
  if (child == 0) {
    Mailbox mailbox;
    const auto opened = open_sqlite(folder / "journal.db", mailbox.post());
    const char answer = opened ? 'y' : 'n';
    if (write(ready[1], &answer, 1) == 1)
      for (;;) pause();
    _exit(1);
  }
  char answer = 0;
  REQUIRE(read(ready[0], &answer, 1) == 1);
  REQUIRE(answer == 'y');
  const auto problem = refusal(folder / "journal.db");
  CHECK(problem.code == "journal-in-use");
  CHECK_THAT(problem.message, Catch::Contains("process id " + std::to_string(child) + ")"));
  kill(child, SIGKILL);
  REQUIRE(waitpid(child, nullptr, 0) == child);
  Mailbox mailbox;
  CHECK(open_sqlite(folder / "journal.db", mailbox.post()).has_value());
  close(ready[0]);
  close(ready[1]);
}

TEST_CASE("a journal of a newer Penstock is refused and left as it is") {
  Given<Sqlite> given;
  given.kept(opening("prm_1", 1, 0));
  given.journal.reset();
  const auto path = given.adapter.folder / "journal.db";
  const auto newer = std::to_string(sqlite_schema_version + 1);
  run_sql(path, "PRAGMA user_version = " + newer);
  const auto before = bytes_in(path);
  const auto problem = refusal(path);
  CHECK(problem.code == "journal-newer");
  CHECK_THAT(problem.message,
             Catch::Contains("version " + newer) && Catch::Contains("up to " + std::to_string(sqlite_schema_version)));
  CHECK(problem.where == path);
  CHECK(bytes_in(path) == before);
  // The refused opener has let go of the lock.
  CHECK(refusal(path).code == "journal-newer");
}

TEST_CASE("what is no Penstock journal is refused and left as it is") {
  TemporaryFolder folder;
  const auto path = folder / "journal.db";
  SECTION("text") { write_file(path, "hello"); }
  SECTION("a page of noise") { write_file(path, std::string(8192, 'x')); }
  SECTION("an SQLite header and nothing behind it") { write_file(path, std::string("SQLite format 3\0", 16)); }
  SECTION("an SQLite header and noise behind it") {
    write_file(path, std::string("SQLite format 3\0", 16) + std::string(8000, '\x7f'));
  }
  SECTION("another program's database") { run_sql(path, "CREATE TABLE notes (text)"); }
  SECTION("another program's database with a name of its own") { run_sql(path, "PRAGMA application_id = 77"); }
  SECTION("ours by name, without a version") {
    run_sql(path, "PRAGMA application_id = 1349407595; CREATE TABLE t (a)");
  }
  const auto before = bytes_in(path);
  const auto problem = refusal(path);
  CHECK(problem.code == "journal-damaged");
  CHECK(problem.where == path);
  CHECK(bytes_in(path) == before);
}

TEST_CASE("a folder, a missing folder and a locked one are refused with the reason") {
  TemporaryFolder folder;
  std::filesystem::create_directory(folder / "journal.db");
  CHECK_THAT(to_text(refusal(folder / "journal.db")), Catch::Contains("directory") || Catch::Contains("regular file"));
  const auto missing = refusal(folder / "absent/journal.db");
  CHECK(missing.code == "journal-failed");
  CHECK_THAT(to_text(missing), Catch::Contains("No such file") && Catch::Contains("absent"));
}

TEST_CASE("a crash between creating the file and its schema leaves a journal that can be opened") {
  TemporaryFolder folder;
  const auto path = folder / "journal.db";
  SECTION("nothing but the name") { write_file(path, ""); }
  SECTION("an empty database in WAL mode") { run_sql(path, "PRAGMA journal_mode = WAL"); }
  Mailbox mailbox;
  auto opened = open_sqlite(path, mailbox.post());
  REQUIRE(opened.has_value());
  CHECK(commit(**opened, mailbox, opening("prm_1", 1, 0)).has_value());
}

TEST_CASE("a page that is damaged is found when it is read, and named") {
  Given<Sqlite> given;
  std::vector<Write> writes;
  for (int i = 0; i < 200; ++i) writes.push_back(opening("prm_" + std::to_string(i), static_cast<std::uint64_t>(i), i));
  REQUIRE(given.commit(std::move(writes)).back().has_value());
  given.journal.reset();
  const auto path = given.adapter.folder / "journal.db";
  auto bytes = bytes_in(path);
  // The pages that hold promotions.
  for (std::size_t page = 0; page < bytes.size(); page += 4096)
    if (bytes.substr(page, 4096).find(R"({"checks":[]})") != std::string::npos)
      for (std::size_t i = page; i < page + 4096; ++i) bytes[i] = '\x55';
  write_file(path, bytes);
  CHECK(refusal(path).code == "journal-damaged");
  // Where it is too large to be looked at whole before it is opened, whoever reads finds it.
  SqliteCare care;
  care.check_at_open = 0;
  care.between_scrubs = std::chrono::hours(1);
  const auto opened = open_sqlite(path, given.mailbox.post(), {}, care);
  REQUIRE(opened);
  const auto read = (*opened)->lane(fraud);
  REQUIRE(read.has_error());
  CHECK(read.error().code == "journal-damaged");
  CHECK(read.error().where == path);
  CHECK(testing::commit(**opened, given.mailbox, opening("prm_x", 999, 200)).error().code == "journal-damaged");
  // From then on nothing is tried any more.
  Write harmless;
  harmless.cursors["git"] = "1";
  const auto after = testing::commit(**opened, given.mailbox, harmless);
  REQUIRE(after.has_error());
  CHECK(after.error().code == "journal-damaged");
  CHECK_THAT(after.error().message, Catch::Contains("nothing more is accepted"));
}
