// A journal that accepts nothing more leaves the disk as it is when it is closed: what a failed sync lost is not synced
// a second time and believed, and who restores from a damaged journal finds all of it.
#include <future>

#include "daemon/journal/sqlite.hpp"
#include "tests/journal/plain_sqlite.hpp"

using namespace penstock::journal;
using namespace penstock::journal::testing;
namespace core = penstock::core;

namespace {

// An open journal that tells when it accepts nothing more.
class Watched {
 public:
  explicit Watched(const std::string& path) : path_(path) {
    SqliteCare care;
    care.check_at_open = 0;
    care.between_scrubs = std::chrono::hours(1);
    care.closed = [this](const core::Problem& why) { closed_.set_value(why); };
    journal = open_sqlite(path, mailbox.post(), {}, care).value();
  }

  std::string why_closed() {
    auto told = closed_.get_future();
    if (told.wait_for(std::chrono::seconds(20)) != std::future_status::ready) return "not closed";
    return told.get().code;
  }

  // Of the disk.
  void close_without_a_trace(FaultyDisk& disk) {
    const auto before = Files::read(path_);
    REQUIRE_FALSE(before.log.empty());
    disk.at_operation(0, FaultyDisk::Fate::fails);
    journal.reset();
    CHECK(disk.operations().empty());
    CHECK(Files::read(path_).database == before.database);
    CHECK(Files::read(path_).log == before.log);
  }

  Mailbox mailbox;
  std::unique_ptr<Journal> journal;

 private:
  const std::string path_;
  std::promise<core::Problem> closed_;
};

void check_all_is_there(const std::string& path, std::int64_t count) {
  Mailbox mailbox;
  const auto journal = open_sqlite(path, mailbox.post());
  REQUIRE(journal);
  check_holds_numbered(**journal, count);
}

// In place, under an open journal; the first page is whole.
void damage_all_pages(const std::string& path) {
  const auto size = content(path).size();
  std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
  for (std::size_t page = sqlite_page_bytes; page < size; page += sqlite_page_bytes) {
    file.seekp(static_cast<std::streamoff>(page + 777));
    file << "damage";
  }
}

}  // namespace

TEST_CASE("closing after a commit whose sync failed is no second sync") {
  FaultyDisk disk;
  TemporaryFolder folder;
  const auto path = folder / "journal.db";
  Watched given(path);
  REQUIRE(commit(*given.journal, given.mailbox, numbered(0)));
  CHECK(given.journal->lane(fraud)->version == 1);
  disk.fail_syncs("-wal", SQLITE_IOERR_FSYNC);
  REQUIRE_FALSE(commit(*given.journal, given.mailbox, numbered(1)));
  CHECK(given.why_closed() == "journal-failed");
  CHECK(given.journal->lane(fraud)->version == 1);
  disk.fail_syncs("", SQLITE_OK);
  given.close_without_a_trace(disk);
}

TEST_CASE("closing after a checkpoint whose sync failed is no second checkpoint") {
  FaultyDisk disk;
  TemporaryFolder folder;
  const auto path = folder / "journal.db";
  Watched given(path);
  disk.fail_syncs("journal.db", SQLITE_IOERR_FSYNC);
  REQUIRE(commit(*given.journal, given.mailbox, numbered(0)));
  CHECK(given.why_closed() == "journal-failed");
  disk.fail_syncs("", SQLITE_OK);
  given.close_without_a_trace(disk);
  check_all_is_there(path, 1);
}

TEST_CASE("closing a damaged journal changes nothing of it") {
  FaultyDisk disk;
  TemporaryFolder folder;
  const auto path = folder / "journal.db";
  closed_files(5).write(path);
  Watched given(path);
  REQUIRE(commit(*given.journal, given.mailbox, numbered_and_audited(5)));
  damage_all_pages(path);
  CHECK(everything(*given.journal).error().code == "journal-damaged");
  CHECK(given.why_closed() == "journal-damaged");
  given.close_without_a_trace(disk);
}

TEST_CASE("a journal that could not be opened because a sync failed is not synced when it is closed") {
  TemporaryFolder folder;
  Mailbox mailbox;
  const auto path = folder / "journal.db";
  make(path, 1);
  FaultyDisk disk;
  disk.fail_syncs("-wal", SQLITE_IOERR_FSYNC);
  disk.at_operation(0, FaultyDisk::Fate::fails);
  const int before = disk.syncs();
  CHECK(open_sqlite(path, mailbox.post()).error().code == "journal-failed");
  CHECK(disk.syncs() == before + 1);
  // Nothing comes behind that sync.
  const auto operations = disk.operations();
  REQUIRE_FALSE(operations.empty());
  CHECK((operations.back().of_log && operations.back().size == 0));
  CHECK(std::filesystem::exists(path + "-wal"));
}

TEST_CASE("a journal that is closed in good health leaves nothing in a log") {
  TemporaryFolder folder;
  const auto path = folder / "journal.db";
  {
    Watched given(path);
    REQUIRE(commit(*given.journal, given.mailbox, numbered(0)));
    CHECK(given.journal->lane(fraud)->version == 1);
  }
  CHECK_FALSE(std::filesystem::exists(path + "-wal"));
  check_all_is_there(path, 1);
}
