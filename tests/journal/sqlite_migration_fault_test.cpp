// A journal of the shape before checksums is brought forward, once for every write, sync and truncate that this asks of
// the disk: that one fails, finds no room, is torn, or the process is gone at it. The next try brings it forward with
// every row.
#include "daemon/journal/sqlite_schema.hpp"
#include "tests/journal/plain_sqlite.hpp"
#include "tests/journal/sqlite_played.hpp"

using namespace penstock::journal;
using namespace penstock::journal::testing;

namespace {

using Fate = FaultyDisk::Fate;

constexpr std::int64_t before_checksums = sqlite_checksums_since - 1;

class BroughtForward {
 public:
  BroughtForward() {
    make(path_, before_checksums);
    former_ = Files::read(path_);
    rows_ = tables_of(path_);
  }
  Trial trial{[this] { former_.write(path_); },
              [this](Told&) {
                Mailbox mailbox;
                open_sqlite(path_, mailbox.post());
              },
              [this](const Played&) { bring_forward(); }};

 private:
  void bring_forward() const {
    Mailbox mailbox;
    auto journal = open_sqlite(path_, mailbox.post());
    REQUIRE(journal);
    CHECK(commit(**journal, mailbox, putting({due_row("check/again", at(1))})));
    journal->reset();
    REQUIRE(version_of(path_) == sqlite_schema_version);
    CHECK(pages_without_checksum(path_).empty());
    auto now = tables_of(path_);
    now["outbox"] = rows_.at("outbox");
    REQUIRE(now == rows_);
  }

  struct QuickDisk {
    QuickDisk() { use_quick_disk(); }
  } quick_;
  TemporaryFolder folder_;
  const std::string path_ = folder_ / "journal.db";
  Files former_;
  std::map<std::string, std::vector<std::string>> rows_;
};

}  // namespace

TEST_CASE("bringing forward is all that is asked of the disk") {
  BroughtForward given;
  CHECK(operations_of(given.trial).size() > 40);
}

TEST_CASE("whichever operation fails while pages get their checksums, no row is lost") {
  BroughtForward given;
  play_every(given.trial, Fate::fails);
}

TEST_CASE("whichever write finds no room while pages get their checksums, no row is lost") {
  BroughtForward given;
  play_every(given.trial, Fate::fills);
}

TEST_CASE("at whichever operation the process is killed while pages get their checksums, no row is lost") {
  BroughtForward given;
  play_every(given.trial, Fate::kills);
}

TEST_CASE("whichever write is torn while pages get their checksums, no row is lost") {
  BroughtForward given;
  play_every(given.trial, Fate::tears);
  CHECK(tear_between_frames(given.trial) > 2);
}
