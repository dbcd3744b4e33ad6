// The write-ahead log, read without SQLite: what a crash leaves is its end, and what no crash leaves is damage.
#include "daemon/journal/sqlite_wal.hpp"

#include "daemon/journal/sqlite_page.hpp"
#include "tests/chance.hpp"
#include "tests/journal/everything.hpp"

using namespace penstock::journal;
using namespace penstock::journal::testing;

namespace {

constexpr std::size_t frame_bytes = wal_frame_header_bytes + sqlite_page_bytes;
constexpr std::size_t frame_at(std::size_t n) { return wal_header_bytes + n * frame_bytes; }

const std::string& log_of_four() {
  static const auto log = killed_files(2, 4).log;
  return log;
}

// Of two transactions that change a few bytes, so that every bit can be tried.
std::string short_log() {
  TemporaryFolder folder;
  Mailbox mailbox;
  FaultyDisk disk;
  const auto journal = open_sqlite(folder / "journal.db", mailbox.post()).value();
  disk.fail_writes("journal.db", SQLITE_FULL);  // no checkpoint succeeds
  for (const auto* cursor : {"1", "2"}) {
    Write write;
    write.cursors["git"] = cursor;
    REQUIRE(commit(*journal, mailbox, write));
  }
  auto log = content(folder / "journal.db-wal");
  disk.fail_writes("", SQLITE_OK);
  return log;
}

// The frames that end a transaction.
std::vector<std::size_t> commits_in(const std::string& log) {
  std::vector<std::size_t> found;
  for (std::size_t n = 0; frame_at(n + 1) <= log.size(); ++n)
    if (log.substr(frame_at(n) + 4, 4) != std::string(4, '\0')) found.push_back(n);
  return found;
}

// What SQLite would take from it: the newest content of every page, and the size.
std::string taken_from(const std::string& log, const WalContent& content) {
  auto told = std::to_string(content.frames) + " " + std::to_string(content.pages);
  for (const auto& [page, offset] : content.newest)
    told += "\n" + std::to_string(page) + log.substr(offset, sqlite_page_bytes);
  return told;
}

}  // namespace

TEST_CASE("a log that nobody touched holds every transaction") {
  const auto& log = log_of_four();
  const auto read = read_wal(log);
  CHECK_FALSE(read.damage);
  CHECK_FALSE(read.header_is_broken);
  CHECK(commits_in(log).size() == 4);
  CHECK(read.frames == commits_in(log).back() + 1);
  CHECK(read.newest.contains(1));
  CHECK(read.pages >= read.newest.rbegin()->first);
}

TEST_CASE("every flipped bit of a frame is found, and most are named") {
  const auto log = short_log();
  REQUIRE(read_wal(log).frames == commits_in(log).back() + 1);
  const auto bits = frame_at(read_wal(log).frames) * 8;
  std::size_t missed = 0;
  std::size_t named = 0;
  // All of the last frame, and some of those before it.
  const auto last = frame_at(read_wal(log).frames - 1) * 8;
  for (auto bit = wal_header_bytes * 8; bit < bits; bit += bit < last ? 41 : 1) {
    const auto read = read_wal(with_flipped(log, bit));
    if (!read.damage || (read.damage->bit && read.damage->bit != bit)) ++missed;
    if (read.damage && read.damage->bit) ++named;
  }
  CHECK(missed == 0);
  CHECK(named > (bits - last) * 8 / 10);
}

TEST_CASE("every flipped bit of the frames' headers, and a sample of the rest, is found in a longer log") {
  const auto& log = log_of_four();
  penstock::tests::Chance chance(1);
  std::vector<std::size_t> bits;
  for (const auto n : {std::size_t{0}, commits_in(log)[0], commits_in(log)[1] + 1, commits_in(log)[3]})
    for (auto bit = frame_at(n) * 8; bit < (frame_at(n) + wal_frame_header_bytes) * 8; ++bit) bits.push_back(bit);
  for (int i = 0; i < 1000; ++i)
    bits.push_back((wal_header_bytes + chance.below(log.size() - wal_header_bytes)) * 8 + chance.below(8));
  std::size_t missed = 0;
  for (const auto bit : bits) {
    const auto read = read_wal(with_flipped(log, bit));
    if (!read.damage || (read.damage->bit && read.damage->bit != bit)) ++missed;
  }
  CHECK(missed == 0);
}

TEST_CASE("a flipped bit of the header is told as a header that does not check, with all the frames behind it") {
  const auto& log = log_of_four();
  const auto whole = taken_from(log, read_wal(log));
  for (std::size_t bit = 0; bit < wal_header_bytes * 8; ++bit) {
    const auto read = read_wal(with_flipped(log, bit));
    CHECK(read.header_is_broken);
    // Their size is not what anybody relies on here.
    CHECK(taken_from(log, read) == whole);
  }
}

TEST_CASE("a log that ends anywhere in its last transaction is no damage, and holds those before it") {
  const auto& log = log_of_four();
  const auto commits = commits_in(log);
  const auto from = frame_at(commits[2] + 1);
  const auto before = taken_from(log, read_wal(log.substr(0, from)));
  for (auto size = from; size < log.size(); size += 97) {
    const auto read = read_wal(log.substr(0, size));
    REQUIRE_FALSE(read.damage);
    CHECK(taken_from(log, read) == before);
  }
}

TEST_CASE("sectors of the last transaction that never came to the disk are no damage") {
  const auto& log = log_of_four();
  const auto commits = commits_in(log);
  const auto from = frame_at(commits[2] + 1);
  penstock::tests::Chance chance(7);
  for (int i = 0; i < 300; ++i) {
    auto torn = log;
    // Frames are no multiple of a sector: the one where the transaction begins is written again as it was.
    bool any = false;
    for (auto sector = (from + 511) / 512 * 512; sector < torn.size(); sector += 512) {
      if (chance.percent(70)) continue;
      const auto size = std::min<std::size_t>(512, torn.size() - sector);
      any = any || torn.substr(sector, size) != std::string(size, '\0');
      torn.replace(sector, size, std::string(size, '\0'));
    }
    const auto read = read_wal(torn);
    REQUIRE_FALSE(read.damage);
    CHECK(read.frames == (any ? commits[2] : commits[3]) + 1);
  }
}

TEST_CASE("a sector that is lost in front of two commits is damage") {
  const auto& log = log_of_four();
  const auto commits = commits_in(log);
  for (std::size_t n = 0; n <= commits[1]; ++n) {
    auto broken = log;
    broken.replace(frame_at(n) + 1000, 512, std::string(512, '\x55'));
    const auto read = read_wal(broken);
    REQUIRE(read.damage);
    CHECK(read.damage->offset == frame_at(n));
    CHECK_FALSE(read.damage->bit);
    CHECK_THAT(read.damage->what, Catch::Contains("frame " + std::to_string(n)));
  }
}

TEST_CASE("what an earlier generation of the log left behind the end is no damage") {
  const auto former = killed_files(2, 4).log;
  const auto now = killed_files(2, 1).log;
  // Other salts: as if the log had been begun anew and were shorter now.
  REQUIRE(former.substr(16, 8) != now.substr(16, 8));
  const auto log = now + former.substr(now.size());
  const auto read = read_wal(log);
  CHECK_FALSE(read.damage);
  CHECK(taken_from(log, read) == taken_from(now, read_wal(now)));
}

TEST_CASE("whatever the bytes are, reading them ends, and takes nothing from beyond them") {
  penstock::tests::Chance chance(11);
  const auto& log = log_of_four();
  for (int i = 0; i < 400; ++i) {
    auto bytes = log.substr(0, chance.below(log.size() + 1));
    for (auto changes = chance.below(20); changes > 0 && !bytes.empty(); --changes)
      bytes[chance.below(std::min<std::size_t>(bytes.size(), i % 2 == 0 ? bytes.size() : 200))] =
          static_cast<char>(chance.bits());
    const auto read = read_wal(bytes);
    for (const auto& [page, offset] : read.newest) CHECK(offset + sqlite_page_bytes <= bytes.size());
    CHECK(read.frames * frame_bytes <= bytes.size());
  }
  CHECK(read_wal("").frames == 0);
  CHECK(read_wal(std::string(wal_header_bytes, '\xff')).frames == 0);
}
