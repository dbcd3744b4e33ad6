// The SQLite adapter under many hands: group commit, readers beside the writer, and a log that stays short.
#include <atomic>
#include <thread>

#include "tests/journal/conformance.hpp"
#include "tests/journal/faulty_disk.hpp"

using namespace penstock::journal;
using namespace penstock::journal::testing;

TEST_CASE("commits that wait together share an fsync") {
  FaultyDisk disk;
  Given<Sqlite> given;
  const auto before = disk.syncs();
  constexpr int commits = 2000;
  int kept = 0;
  for (int i = 0; i < commits; ++i)
    given.journal->commit({opening("prm_" + std::to_string(i), static_cast<std::uint64_t>(i), i)},
                          [&](Receipts receipts) { kept += receipts.at(0).has_value() ? 1 : 0; });
  for (int i = 0; i < commits; ++i) REQUIRE(given.mailbox.run_one());
  CHECK(kept == commits);
  const auto statistics = given.journal->statistics();
  CHECK(statistics.writes == commits);
  CHECK(statistics.transactions >= 4);
  CHECK(statistics.transactions < commits / 4);
  // One sync a transaction, a few a checkpoint.
  CHECK(disk.syncs() - before >= statistics.transactions);
  CHECK(disk.syncs() - before <= statistics.transactions + 4 * statistics.checkpoints + 4);
}

TEST_CASE("a commit that is alone is synced before it is answered") {
  FaultyDisk disk;
  Given<Sqlite> given;
  for (int i = 0; i < 20; ++i) {
    const auto before = disk.syncs();
    given.kept(opening("prm_" + std::to_string(i), static_cast<std::uint64_t>(i), i));
    CHECK(disk.syncs() > before);
  }
}

TEST_CASE("the log is brought back below its limit while commits go on") {
  Given<Sqlite> given;
  const std::string document(400'000, 'x');
  std::int64_t highest = 0;
  for (int i = 0; i < 200; ++i) {  // 80 MB in all
    auto write = opening("prm_" + std::to_string(i), static_cast<std::uint64_t>(i), i);
    write.promotions.front().document = document;
    given.kept(write);
    highest = std::max(highest, given.journal->statistics().wal_bytes);
  }
  CHECK(given.journal->statistics().checkpoints > 5);
  CHECK(highest <= 64 << 20);
  CHECK(std::filesystem::file_size(given.adapter.folder / "journal.db-wal") <= 64 << 20);
}

TEST_CASE("readers see whole decisions in their order while the writer goes on") {
  Given<Sqlite> given;
  constexpr int decisions = 160;
  std::atomic<bool> finished = false;
  std::atomic<int> torn = 0;
  std::atomic<int> reads = 0;
  std::vector<std::thread> readers;
  // More readers than there are connections for them.
  for (int i = 0; i < 6; ++i)
    readers.emplace_back([&] {
      std::int64_t last = 0;
      while (!finished) {
        const auto lane = given.journal->lane(fraud);
        // Each decision opens one promotion: the version and the rows are of one moment, and time does not run back.
        if (!lane || lane->version < last || lane->promotions.size() != static_cast<std::size_t>(lane->version)) ++torn;
        if (lane) last = lane->version;
        const auto seq = given.journal->newest_seq();
        if (!seq || *seq < 2 * last || *seq % 2 != 0) ++torn;
        if (!given.journal->promotions({"fraud", "", "", "", {}, {}, "", 5})) ++torn;
        ++reads;
      }
    });
  std::thread claimer([&] {
    while (!finished)
      if (!given.journal->claim(at(1'000'000), at(2'000'000), 3)) ++torn;
  });
  for (int i = 0; i < decisions; ++i) {
    auto write = opening("prm_" + std::to_string(i), static_cast<std::uint64_t>(i), i);
    write.events.push_back(write.events.front());
    write.outbox = {due_row("check/" + std::to_string(i), at(i))};
    given.journal->commit({write}, [&, i](Receipts receipts) {
      // Whoever is answered finds what was acknowledged.
      if (!receipts.at(0) || given.journal->lane(fraud)->version <= i) ++torn;
    });
    if (i % 8 == 7)
      for (int answer = 0; answer < 8; ++answer) REQUIRE(given.mailbox.run_one());
  }
  finished = true;
  for (auto& reader : readers) reader.join();
  claimer.join();
  CHECK(torn == 0);
  CHECK(reads > 0);
  CHECK(given.journal->lane(fraud)->version == decisions);
}

TEST_CASE("no row is claimed by two who claim at once") {
  Given<Sqlite> given;
  Write write;
  for (int i = 0; i < 500; ++i) write.outbox.push_back(due_row("check/" + std::to_string(i), at(i % 7)));
  given.kept(write);
  std::mutex mutex;
  std::vector<std::string> taken;
  std::vector<std::thread> claimers;
  for (int i = 0; i < 4; ++i)
    claimers.emplace_back([&] {
      for (;;) {
        const auto rows = given.journal->claim(at(10), at(1000), 7);
        if (!rows || rows->empty()) return;
        const std::lock_guard lock(mutex);
        for (const auto& row : *rows) taken.push_back(row.key);
      }
    });
  for (auto& claimer : claimers) claimer.join();
  CHECK(taken.size() == 500);
  std::sort(taken.begin(), taken.end());
  CHECK(std::adjacent_find(taken.begin(), taken.end()) == taken.end());
}
