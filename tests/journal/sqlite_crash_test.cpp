// kill -9 in the middle of a storm of commits: nothing that was acknowledged is lost, and nothing is there by halves.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <random>
#include <thread>

#include "tests/journal/conformance.hpp"
#include "tests/journal/live.hpp"

using namespace penstock::journal;
using namespace penstock::journal::testing;

namespace {

constexpr int in_flight = 16;

std::string name_of(std::int64_t number) {
  auto text = std::to_string(number);
  return "prm_" + std::string(8 - text.size(), '0') + text;
}

Write numbered(std::int64_t number) {
  auto write = opening(name_of(number), static_cast<std::uint64_t>(number), number);
  write.promotions.front().document = std::string(static_cast<std::size_t>(number % 7) * 1000, 'x');
  write.events.push_back(event(name_of(number), "check_reported"));
  write.outbox = {due_row("check/" + std::to_string(number), at(number), name_of(number))};
  write.cursors["git"] = std::to_string(number);
  write.lane_state = std::to_string(number);
  write.live_changes = {began(name_of(number), static_cast<std::uint64_t>(number), number)};
  if (number > 0) write.live_changes.push_back(ended(name_of(number - 1), number));
  return write;
}

// In the child: commits one number after the other for ever, and tells the parent each that was acknowledged.
[[noreturn]] void storm(const std::string& path, std::int64_t next, int tell) {
  Mailbox mailbox;
  auto opened = open_sqlite(path, mailbox.post());
  if (!opened) _exit(2);
  const auto send = [&](std::int64_t number) {
    (*opened)->commit({numbered(number)}, [tell, number](Receipts receipts) {
      if (!receipts.at(0)) _exit(3);
      if (::write(tell, &number, sizeof number) != sizeof number) _exit(4);
    });
  };
  for (int i = 0; i < in_flight; ++i) send(next++);
  for (;;) {
    if (!mailbox.run_one()) _exit(5);
    send(next++);
  }
}

}  // namespace

TEST_CASE("kill -9 in a storm of commits loses nothing that was acknowledged") {
  TemporaryFolder folder;
  const auto path = folder / "journal.db";
  std::mt19937 random(11);
  std::int64_t next = 0;
  for (int round = 0; round < 10; ++round) {
    int told[2];
    REQUIRE(pipe(told) == 0);
    const auto child = fork();
    if (child == 0) {
      ::close(told[0]);
      storm(path, next, told[1]);
    }
    ::close(told[1]);
    // The first acknowledgement, so that every round has some; then a random moment.
    std::int64_t acknowledged = -1;
    REQUIRE(::read(told[0], &acknowledged, sizeof acknowledged) == sizeof acknowledged);
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 30'000));
    ::kill(child, SIGKILL);
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    REQUIRE(WIFSIGNALED(status));
    std::int64_t number = 0;
    while (::read(told[0], &number, sizeof number) == sizeof number) acknowledged = std::max(acknowledged, number);
    ::close(told[0]);

    Mailbox mailbox;
    const auto journal = open_sqlite(path, mailbox.post()).value();
    const auto version = journal->lane(fraud)->version;
    REQUIRE(version > acknowledged);
    // What was not acknowledged is there as a whole or not at all, and without a gap before it.
    CHECK(journal->cursor("git").value() == std::to_string(version - 1));
    CHECK(journal->lane(fraud)->state == std::to_string(version - 1));
    CHECK(journal->live_spans(fraud, std::nullopt, 10'000'000)->size() == static_cast<std::size_t>(version));
    CHECK(journal->live_spans(fraud, at(version), 1)->at(0).promotion == name_of(version - 1));
    CHECK(journal->newest_seq().value() == 2 * version);
    CHECK(journal->lane(fraud)->promotions.size() == static_cast<std::size_t>(version));
    CHECK(journal->claim(at(10'000'000), at(20'000'000), 10'000'000)->size() == static_cast<std::size_t>(version));
    CHECK(journal->candidate(digest(static_cast<std::uint64_t>(version - 1)))->has_value());
    CHECK_FALSE(journal->candidate(digest(static_cast<std::uint64_t>(version)))->has_value());
    REQUIRE(journal->void_leases());
    next = version;
  }
  CHECK(next > 20);
}
