// One history, played once for every write, sync and truncate that it asks of the disk: that one fails, or the process
// is gone at it. What was acknowledged is there afterwards, the rest as a whole or not at all.
#include <sys/wait.h>
#include <unistd.h>

#include "tests/journal/faulty_disk.hpp"
#include "tests/journal/numbered.hpp"

using namespace penstock::journal;
using namespace penstock::journal::testing;

namespace {

constexpr std::int64_t history = 4;  // every operation of it makes a history of its own

// What the process that played it told before it ended.
struct Played {
  std::int64_t acknowledged = 0;
  int operations = 0;  // 0: it was gone before its end
};

// In the child: opens, writes the history until something is refused, closes. Tells each number that was acknowledged.
[[noreturn]] void play_in_child(const std::string& path, int operation, FaultyDisk::Fate fate, int tell) {
  FaultyDisk disk;
  disk.at_operation(operation, fate);
  Played played;
  {
    Mailbox mailbox;
    auto journal = open_sqlite(path, mailbox.post());
    for (std::int64_t number = 0; journal && number < history; ++number) {
      const auto receipt = commit(**journal, mailbox, numbered(number));
      if (!receipt) break;
      ++played.acknowledged;
      if (::write(tell, &played, sizeof played) != sizeof played) _exit(4);
    }
  }
  played.operations = disk.operations();
  if (::write(tell, &played, sizeof played) != sizeof played) _exit(4);
  _exit(0);
}

Played play(const std::string& path, int operation, FaultyDisk::Fate fate) {
  int told[2];
  REQUIRE(::pipe(told) == 0);
  const auto child = ::fork();
  if (child == 0) {
    ::close(told[0]);
    play_in_child(path, operation, fate, told[1]);
  }
  ::close(told[1]);
  Played newest;
  while (::read(told[0], &newest, sizeof newest) == sizeof newest) continue;
  ::close(told[0]);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  const bool was_killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
  REQUIRE((was_killed || (WIFEXITED(status) && WEXITSTATUS(status) == 0)));
  return newest;
}

// Nothing that was acknowledged is missing, and of what came after it at most what was under way is there.
void look_at_what_is_left(const std::string& path, const Played& played) {
  Mailbox mailbox;
  const auto journal = open_sqlite(path, mailbox.post());
  REQUIRE(journal);
  const auto version = (*journal)->lane(fraud)->version;
  CHECK(version >= played.acknowledged);
  CHECK(version <= played.acknowledged + 1);
  check_holds_numbered(**journal, version);
  REQUIRE((*journal)->void_leases());
  // And it goes on.
  CHECK(commit(**journal, mailbox, numbered(version)));
}

void every_operation(FaultyDisk::Fate fate) {
  // The faults are made here: a disk that is quick in memory serves as well as a real one.
  if (::access("/dev/shm", W_OK) == 0) ::setenv("TMPDIR", "/dev/shm", 1);
  const auto whole = [] {
    TemporaryFolder folder;
    return play(folder / "journal.db", 0, FaultyDisk::Fate::fails);
  }();
  REQUIRE(whole.acknowledged == history);
  REQUIRE(whole.operations > 30);
  for (int operation = 1; operation <= whole.operations; ++operation) {
    TemporaryFolder folder;
    INFO("operation " << operation << " of " << whole.operations);
    const auto played = play(folder / "journal.db", operation, fate);
    look_at_what_is_left(folder / "journal.db", played);
  }
}

}  // namespace

TEST_CASE("whichever write, sync or truncate fails, what was acknowledged is there") {
  every_operation(FaultyDisk::Fate::fails);
}

TEST_CASE("at whichever write, sync or truncate the process is killed, what was acknowledged is there") {
  every_operation(FaultyDisk::Fate::kills);
}

TEST_CASE("whichever write is torn by a crash, what was acknowledged is there") {
  every_operation(FaultyDisk::Fate::tears);
}
