// Damage that comes while the journal is open: found by the scrub or by whoever reads, and then nothing more is
// accepted.
#include <sqlite3.h>

#include <future>
#include <thread>

#include "daemon/journal/sqlite.hpp"
#include "daemon/journal/sqlite_page.hpp"
#include "tests/journal/everything.hpp"

using namespace penstock::journal;
using namespace penstock::journal::testing;
namespace core = penstock::core;

namespace {

// A journal that is looked at in the background only, and as fast as it goes.
struct Scrubbed {
  TemporaryFolder folder;
  Mailbox mailbox;
  std::promise<core::Problem> told;
  std::promise<std::int64_t> scrubbed;
  std::unique_ptr<Journal> journal;

  core::Result<void> open(const Files& files) {
    files.write(folder / "journal.db");
    SqliteCare care;
    care.check_at_open = 0;
    care.between_scrubs = std::chrono::milliseconds(1);
    care.closed = [this](const core::Problem& why) { told.set_value(why); };
    care.scrubbed = [this](std::int64_t pages) { scrubbed.set_value(pages); };
    auto opened = open_sqlite(folder / "journal.db", mailbox.post(), {}, care);
    if (!opened) return opened.error();
    journal = std::move(*opened);
    return {};
  }
  // How many pages were gone through.
  std::int64_t pages() {
    auto future = scrubbed.get_future();
    return future.wait_for(std::chrono::seconds(20)) == std::future_status::ready ? future.get() : 0;
  }
  std::optional<core::Problem> closed() {
    auto future = told.get_future();
    if (future.wait_for(std::chrono::seconds(20)) != std::future_status::ready) return std::nullopt;
    return future.get();
  }
};

std::int64_t pages_of(const Files& files) {
  return static_cast<std::int64_t>(files.database.size() / sqlite_page_bytes);
}

}  // namespace

TEST_CASE("a journal is gone through in the background, to its end") {
  Scrubbed given;
  const auto files = closed_files(5);
  REQUIRE(given.open(files));
  CHECK(given.pages() == pages_of(files));
  CHECK(commit(*given.journal, given.mailbox, numbered_and_audited(5)));
}

TEST_CASE("what a killed daemon left in the log is in the database before that is gone through") {
  Scrubbed given;
  auto files = killed_files(3, 2);
  // As if the machine had stopped in the middle of a checkpoint: a page that the log has anew is half written.
  files.database.replace(sqlite_page_bytes * 2 + 2048, 2048, std::string(2048, '\x77'));
  REQUIRE(given.open(files));
  CHECK(given.pages() >= pages_of(files));
  check_holds_numbered(*given.journal, 5);
}

TEST_CASE("a flipped bit in any page closes the journal, although nobody reads that page") {
  const auto files = closed_files(5);
  for (std::int64_t page = 2; page <= pages_of(files); page += 5) {
    Scrubbed given;
    auto flipped = files;
    const auto byte = static_cast<std::size_t>(page) * sqlite_page_bytes - 1500;
    flipped.database = with_flipped(files.database, byte * 8 + 3);
    const auto opened = given.open(flipped);
    if (!opened) {
      CHECK(opened.error().code == "journal-damaged");
      continue;
    }
    const auto why = given.closed();
    REQUIRE(why);
    CHECK(why->code == "journal-damaged");
    CHECK_THAT(core::to_text(*why), Catch::Contains("page " + std::to_string(page) + ",") &&
                                        Catch::Contains("bit 3 of byte " + std::to_string(byte) + " was flipped") &&
                                        Catch::Contains("nothing more is accepted"));
    const auto refused = commit(*given.journal, given.mailbox, numbered_and_audited(5));
    REQUIRE(refused.has_error());
    CHECK(refused.error().code == "journal-damaged");
  }
}

TEST_CASE("a frame that is damaged before it is checkpointed never comes into the database") {
  Scrubbed given;
  FaultyDisk disk;
  REQUIRE(given.open(closed_files(2)));
  const auto path = given.folder / "journal.db";
  disk.fail_writes("journal.db", SQLITE_FULL);  // no checkpoint succeeds
  for (std::int64_t number = 2; number < 4; ++number)
    REQUIRE(commit(*given.journal, given.mailbox, numbered_and_audited(number)));
  const auto before = content(path);
  const auto log = content(path + "-wal");
  // In place: the daemon has the file open.
  for (std::size_t frame = 0; 32 + (frame + 1) * 4120 <= log.size(); ++frame) {
    const auto byte = 32 + frame * 4120 + 24 + 2000;
    std::fstream file(path + "-wal", std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(static_cast<std::streamoff>(byte));
    file.put(static_cast<char>(log[byte] ^ 1));
  }
  disk.fail_writes("", SQLITE_OK);
  const auto why = given.closed();
  REQUIRE(why);
  CHECK(why->code == "journal-damaged");
  CHECK_THAT(core::to_text(*why), Catch::Contains("frame") && Catch::Contains("journal.db-wal"));
  CHECK(content(path) == before);
}

TEST_CASE("damage that a reader finds closes the journal for everybody") {
  auto files = closed_files(5);
  for (std::size_t page = 0; page < files.database.size(); page += sqlite_page_bytes)
    if (files.database.substr(page, sqlite_page_bytes).find(std::string(500, 'p')) != std::string::npos)
      files.database = with_flipped(files.database, (page + sqlite_page_bytes - 900) * 8);
  TemporaryFolder folder;
  Mailbox mailbox;
  files.write(folder / "journal.db");
  std::promise<core::Problem> told;
  SqliteCare care;
  care.check_at_open = 0;
  care.between_scrubs = std::chrono::hours(1);
  care.closed = [&](const core::Problem& why) { told.set_value(why); };
  const auto journal = open_sqlite(folder / "journal.db", mailbox.post(), {}, care);
  REQUIRE(journal);
  const auto read = (*journal)->policy(digest(1002));
  REQUIRE(read.has_error());
  CHECK(read.error().code == "journal-damaged");
  auto future = told.get_future();
  REQUIRE(future.wait_for(std::chrono::seconds(20)) == std::future_status::ready);
  CHECK(commit(**journal, mailbox, numbered_and_audited(5)).error().code == "journal-damaged");
}
