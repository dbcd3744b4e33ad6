// One history, played once for every write, sync and truncate that it asks of the disk: that one fails, finds no room,
// or the process is gone at it. What was acknowledged is there afterwards, the rest as a whole or not at all.
#include <algorithm>
#include <thread>

#include "tests/journal/sqlite_played.hpp"

using namespace penstock::journal;
using namespace penstock::journal::testing;

namespace {

using Fate = FaultyDisk::Fate;

constexpr std::int64_t large = 2;
constexpr std::int64_t first_of_batch = 4;
constexpr std::int64_t history_ends = 7;
constexpr int tries = 3;

// One is larger than what goes to the log in one write (127 KiB).
Write part(std::int64_t number) {
  auto write = numbered(number);
  if (number == large) write.promotions.front().document = std::string(132'000, 'x');
  return write;
}

// Whether everything of it was acknowledged; what found no room is asked for again.
bool acknowledge(Journal& journal, Mailbox& mailbox, const std::vector<Write>& writes, Told& told) {
  for (int attempt = 0; attempt < tries; ++attempt) {
    const auto receipts = commit(journal, mailbox, writes);
    if (receipts.front()) return true;
    if (receipts.front().error().code != "journal-full") return false;
    ++told.refused_for_room;
  }
  return false;
}

// Between its two parts something is refused, so that it is undone and done again with savepoints.
std::vector<Write> batch_with_a_refusal() { return {part(first_of_batch), part(0), part(first_of_batch + 1)}; }

void wait_for_checkpoint(const Journal& journal, std::int64_t before) {
  for (int waited = 0; journal.statistics().checkpoints <= before; ++waited) {
    if (waited > 20'000) throw std::runtime_error("no checkpoint came");
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

std::unique_ptr<Journal> opened(const std::string& path, const Post& post, Told& told) {
  for (int attempt = 0; attempt < tries; ++attempt) {
    auto journal = open_sqlite(path, post);
    if (journal) return std::move(*journal);
    if (journal.error().code != "journal-full") return nullptr;
    ++told.refused_for_room;
  }
  return nullptr;
}

// Opens, writes until something is refused for good, closes.
void play_history(const std::string& path, Told& told) {
  Mailbox mailbox;
  const auto journal = opened(path, mailbox.post(), told);
  if (!journal) return;
  while (told.acknowledged < history_ends) {
    const auto number = told.acknowledged;
    const bool is_batch = number == first_of_batch;
    const auto checkpoints = journal->statistics().checkpoints;
    told.asked = number + (is_batch ? 2 : 1);
    const auto writes = is_batch ? batch_with_a_refusal() : std::vector<Write>{part(number)};
    if (!acknowledge(*journal, mailbox, writes, told)) return;
    told.acknowledged = told.asked;
    // What follows begins the log anew, over the frames that are there.
    if (number == large) wait_for_checkpoint(*journal, checkpoints);
  }
}

// Nothing that was acknowledged is missing, and of what came after it all that was under way is there, or nothing.
void look_at_what_is_left(const std::string& path, const Told& told) {
  Mailbox mailbox;
  const auto journal = open_sqlite(path, mailbox.post());
  REQUIRE(journal);
  const auto version = (*journal)->lane(fraud)->version;
  CHECK((version == told.acknowledged || version == told.asked));
  check_holds_numbered(**journal, version);
  for (std::int64_t number = 0; number < version; ++number)
    CHECK((*journal)->promotion(numbered_name(number)).value().value().document ==
          part(number).promotions.front().document);
  REQUIRE((*journal)->void_leases());
  // And it goes on.
  CHECK(commit(**journal, mailbox, numbered(version)));
}

struct Numbered : OnDisk {
  Numbered() : OnDisk({}, play_history, look_at_what_is_left) {}
};

}  // namespace

TEST_CASE("the history of the faults begins a log several times, and has a commit of several writes") {
  Numbered given;
  const auto operations = operations_of(given.trial);
  CAPTURE(operations.size());
  CHECK(operations.size() > 120);
  const auto logs_begun = std::count_if(operations.begin(), operations.end(),
                                        [](const auto& one) { return one.of_log && one.size > 0 && one.offset == 0; });
  CHECK(logs_begun >= 3);
  const auto is_large = [](const auto& one) { return one.of_log && one.size > 120 * 1024; };
  const auto found = std::find_if(operations.begin(), operations.end(), is_large);
  REQUIRE(found != operations.end());
  // The next write goes on where it ended.
  CHECK(std::next(found)->offset == found->offset + found->size);
}

TEST_CASE("whichever write, sync or truncate fails, what was acknowledged is there") {
  Numbered given;
  play_every(given.trial, Fate::fails);
}

TEST_CASE("at whichever write, sync or truncate the process is killed, what was acknowledged is there") {
  Numbered given;
  play_every(given.trial, Fate::kills);
}

TEST_CASE("whichever write is torn by a crash, what was acknowledged is there") {
  Numbered given;
  play_every(given.trial, Fate::tears);
  CHECK(tear_between_frames(given.trial) > 20);
}

TEST_CASE("whichever write finds no room, what is asked for again is acknowledged, and everything is there") {
  Numbered given;
  // Each commit and the journal's making were refused; a checkpoint that finds no room is refused to nobody.
  CHECK(fill_every(given.trial, history_ends) > 10);
}
