// One flipped bit in the journal's files: refused or told, or nothing of what it holds is another one. Never mended,
// never dropped.
#include <thread>

#include "daemon/journal/sqlite.hpp"
#include "tests/chance.hpp"
#include "tests/journal/plain_sqlite.hpp"

using namespace penstock::journal;
using namespace penstock::journal::testing;
namespace core = penstock::core;

namespace {

constexpr std::int64_t never_at_open = 0;

// What somebody learns who opens the files and reads everything: all of it, or what was refused.
struct DamageTold {
  std::string all;
  core::Problem problem;
};
DamageTold tell(const std::string& path, std::int64_t check_at_open) {
  Mailbox mailbox;
  SqliteCare care;
  care.check_at_open = check_at_open;
  const auto opened = open_sqlite(path, mailbox.post(), {}, care);
  if (!opened) return {"", opened.error()};
  const auto all = everything(**opened);
  return all ? DamageTold{*all, {}} : DamageTold{"", all.error()};
}

// One bit after another, each in fresh copies of the files.
class Flips {
 public:
  explicit Flips(Files files) : files_(std::move(files)) {
    files_.write(path_);
    whole_ = tell(path_, SqliteCare().check_at_open).all;
    REQUIRE(whole_.size() > 1000);
  }
  const Files& files() const { return files_; }

  void in_database(std::size_t bit, bool at_open) {
    Files flipped = files_;
    flipped.database = with_flipped(files_.database, bit);
    INFO("bit " << bit % 8 << " of byte " << bit / 8 << " of the database");
    try_one(flipped, at_open);
  }
  void in_log(std::size_t bit) {
    Files flipped = files_;
    flipped.log = with_flipped(files_.log, bit);
    INFO("bit " << bit % 8 << " of byte " << bit / 8 << " of the log");
    try_one(flipped, true);
  }
  int refused = 0;
  int unharmed = 0;

 private:
  void try_one(const Files& flipped, bool at_open) {
    flipped.write(path_);
    const auto told = tell(path_, at_open ? SqliteCare().check_at_open : never_at_open);
    if (told.problem.code.empty()) {
      ++unharmed;
      REQUIRE(told.all == whole_);
      return;
    }
    ++refused;
    REQUIRE(told.problem.code == "journal-damaged");
    REQUIRE_THAT(core::to_text(told.problem), Catch::Contains("penstock restore") && Catch::Contains("journal.db"));
    if (!at_open) return;
    // A refusal has changed nothing.
    REQUIRE(Files::read(path_).database == flipped.database);
    REQUIRE(Files::read(path_).log == flipped.log);
  }

  TemporaryFolder folder_;
  const std::string path_ = folder_ / "journal.db";
  const Files files_;
  std::string whole_;
};

penstock::core::Problem refusal(const std::string& path) {
  Mailbox mailbox;
  const auto opened = open_sqlite(path, mailbox.post());
  REQUIRE(opened.has_error());
  return opened.error();
}

}  // namespace

TEST_CASE("every page of a new journal has its checksum, also after much was written and dropped") {
  use_quick_disk();
  TemporaryFolder folder;
  Mailbox mailbox;
  const auto path = folder / "journal.db";
  penstock::tests::Chance chance(5);
  for (int round = 0; round < 4; ++round) {
    const auto journal = open_sqlite(path, mailbox.post()).value();
    for (int i = 0; i < 60; ++i) {
      auto row = due_row("check/" + std::to_string(chance.below(40)), at(i));
      row.document = std::string(chance.below(30'000), 'x');
      Write write = putting({row});
      for (int drops = 0; drops < 3; ++drops) write.drop_keys.push_back("check/" + std::to_string(chance.below(40)));
      REQUIRE(commit(*journal, mailbox, write));
    }
  }
  const auto bytes = content(path);
  REQUIRE(bytes.size() > 20 * sqlite_page_bytes);
  REQUIRE(bytes.size() % sqlite_page_bytes == 0);
  CHECK(pages_without_checksum(path).empty());
}

TEST_CASE("one flipped bit anywhere in the database is refused when it is opened, and named") {
  use_quick_disk();
  Flips flips(closed_files(5));
  for (std::size_t bit = 0; bit < 100 * 8; ++bit) flips.in_database(bit, true);
  penstock::tests::Chance chance(1);
  for (int i = 0; i < 400; ++i) flips.in_database(chance.below(flips.files().database.size() * 8), true);
  CHECK(flips.unharmed == 0);
}

TEST_CASE("one flipped bit in a database too large to be looked at whole is told by whoever reads it") {
  use_quick_disk();
  Flips flips(closed_files(5));
  penstock::tests::Chance chance(2);
  for (int i = 0; i < 400; ++i) flips.in_database(chance.below(flips.files().database.size() * 8), false);
  // The rest is in pages that nobody reads; the scrub does.
  CHECK(flips.refused > 100);
}

TEST_CASE("one flipped bit anywhere in what a killed daemon left is refused, or harms nothing") {
  use_quick_disk();
  Flips flips(killed_files(3, 2));
  penstock::tests::Chance chance(3);
  for (std::size_t bit = 0; bit < 32 * 8; bit += 3) flips.in_log(bit);
  for (int i = 0; i < 400; ++i) flips.in_log(chance.below(flips.files().log.size() * 8));
  CHECK(flips.unharmed == 0);
  for (int i = 0; i < 400; ++i) flips.in_database(chance.below(flips.files().database.size() * 8), true);
  // Pages that the log has anew are never read from the database.
  CHECK(flips.refused > 400);
  CHECK(flips.unharmed > 50);
}

TEST_CASE("a refusal names file, page, byte and bit, and what to do") {
  use_quick_disk();
  TemporaryFolder folder;
  const auto path = folder / "journal.db";
  auto files = killed_files(3, 2);
  SECTION("of the database") {
    files = closed_files(3);
    files.database = with_flipped(files.database, (2 * sqlite_page_bytes + 100) * 8 + 5);
    files.write(path);
    CHECK_THAT(core::to_text(refusal(path)), Catch::Contains("page 3, at byte 8192") &&
                                                 Catch::Contains("bit 5 of byte 8292 was flipped") &&
                                                 Catch::Contains("nothing was changed"));
  }
  SECTION("of the log") {
    files.log = with_flipped(files.log, 5000 * 8 + 1);
    files.write(path);
    CHECK_THAT(core::to_text(refusal(path)), Catch::Contains("journal.db-wal") && Catch::Contains("frame 1") &&
                                                 Catch::Contains("bit 1 of byte 5000 was flipped") &&
                                                 Catch::Contains("nothing was changed"));
  }
}

TEST_CASE("a log whose header does not check is refused unless the database has all of it") {
  use_quick_disk();
  TemporaryFolder folder;
  Mailbox mailbox;
  const auto path = folder / "journal.db";
  auto files = killed_files(3, 2);
  SECTION("what is only in the log would be lost") {
    files.log = with_flipped(files.log, 100);
    files.write(path);
    CHECK_THAT(core::to_text(refusal(path)), Catch::Contains("header") && Catch::Contains("not all in the database"));
  }
  SECTION("a log that was checkpointed") {
    files.write(path);
    std::string whole;
    {
      const auto journal = open_sqlite(path, mailbox.post()).value();
      while (journal->statistics().checkpoints == 0) std::this_thread::sleep_for(std::chrono::milliseconds(5));
      files = Files::read(path);
      whole = everything(*journal).value();
    }
    REQUIRE_FALSE(files.log.empty());
    files.log = with_flipped(files.log, 100);
    files.write(path);
    CHECK(tell(path, SqliteCare().check_at_open).all == whole);
  }
}

TEST_CASE("a database that is gone, or shorter than it was, is refused while there is more to lose") {
  use_quick_disk();
  TemporaryFolder folder;
  const auto path = folder / "journal.db";
  SECTION("gone, with a log left") {
    auto files = killed_files(3, 2);
    files.database.clear();
    files.write(path);
    CHECK_THAT(core::to_text(refusal(path)), Catch::Contains("file is empty"));
    CHECK(Files::read(path).log == files.log);
  }
  SECTION("shorter") {
    auto files = closed_files(3);
    files.database.resize(files.database.size() - sqlite_page_bytes);
    files.write(path);
    CHECK_THAT(core::to_text(refusal(path)), Catch::Contains("is missing"));
  }
}

TEST_CASE("whatever the shared-memory file holds is made anew") {
  use_quick_disk();
  const auto files = killed_files(3, 2);
  TemporaryFolder folder;
  const auto path = folder / "journal.db";
  files.write(path);
  const auto whole = tell(path, SqliteCare().check_at_open).all;
  penstock::tests::Chance chance(4);
  for (int i = 0; i < 20; ++i) {
    files.write(path);
    std::string memory(32768, '\0');
    for (auto& byte : memory) byte = static_cast<char>(chance.bits());
    std::ofstream(path + "-shm", std::ios::binary) << memory;
    CHECK(tell(path, SqliteCare().check_at_open).all == whole);
  }
}

TEST_CASE("a copy has checksums too, and none is made of a damaged journal") {
  use_quick_disk();
  TemporaryFolder folder;
  Mailbox mailbox;
  const auto path = folder / "journal.db";
  auto files = closed_files(5);
  files.write(path);
  {
    const auto journal = open_sqlite(path, mailbox.post()).value();
    REQUIRE(journal->copy_to(folder / "copy.db"));
  }
  const auto copied = content(folder / "copy.db");
  CHECK(copied.size() == files.database.size());
  CHECK(pages_without_checksum(folder / "copy.db").empty());
  CHECK(tell(folder / "copy.db", SqliteCare().check_at_open).all == tell(path, SqliteCare().check_at_open).all);
  for (std::size_t page = 1; page < files.database.size() / sqlite_page_bytes; ++page) {
    auto flipped = files;
    flipped.database = with_flipped(files.database, page * sqlite_page_bytes * 8 + 777);
    flipped.write(path);
    SqliteCare care;
    care.check_at_open = never_at_open;
    const auto journal = open_sqlite(path, mailbox.post(), {}, care);
    if (!journal) continue;
    const auto made = (*journal)->copy_to(folder / "second.db");
    REQUIRE(made.has_error());
    CHECK(made.error().code == "journal-damaged");
    CHECK_THAT(made.error().message, Catch::Contains("page " + std::to_string(page + 1)));
    CHECK_FALSE(std::filesystem::exists(folder / "second.db"));
  }
}
