// kill -9 in the middle of a storm of commits: nothing that was acknowledged is lost, and nothing is there by halves.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <random>
#include <thread>

#include "tests/journal/numbered.hpp"

using namespace penstock::journal;
using namespace penstock::journal::testing;

namespace {

constexpr int in_flight = 16;

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
    check_holds_numbered(*journal, version);
    REQUIRE(journal->void_leases());
    next = version;
  }
  CHECK(next > 20);
}
