// A journal of the shape before checksums is brought forward, once for every write, sync and truncate that this asks of
// the disk: that one fails, is torn, or the process is gone at it. The next try brings it forward with every row.
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/journal/sqlite_schema.hpp"
#include "tests/journal/plain_sqlite.hpp"

using namespace penstock::journal;
using namespace penstock::journal::testing;

namespace {

constexpr std::int64_t before_checksums = sqlite_checksums_since - 1;

// In a child, because it may be killed: how many operations there were, 0 where it was killed.
int bring_forward_in_child(const std::string& path, int operation, FaultyDisk::Fate fate) {
  int told[2];
  REQUIRE(::pipe(told) == 0);
  const auto child = ::fork();
  if (child == 0) {
    int operations = 0;
    {
      FaultyDisk disk;
      disk.at_operation(operation, fate);
      Mailbox mailbox;
      open_sqlite(path, mailbox.post());
      operations = disk.operations();
    }
    _exit(::write(told[1], &operations, sizeof operations) == sizeof operations ? 0 : 4);
  }
  ::close(told[1]);
  int operations = 0;
  while (::read(told[0], &operations, sizeof operations) == sizeof operations) continue;
  ::close(told[0]);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE((WIFSIGNALED(status) ? WTERMSIG(status) == SIGKILL : WEXITSTATUS(status) == 0));
  return operations;
}

void every_operation(FaultyDisk::Fate fate) {
  if (::access("/dev/shm", W_OK) == 0) ::setenv("TMPDIR", "/dev/shm", 1);
  TemporaryFolder folder;
  const auto path = folder / "journal.db";
  make(path, before_checksums);
  const auto former = Files::read(path);
  const auto rows = tables_of(path);
  const int operations = bring_forward_in_child(path, 0, fate);
  REQUIRE(operations > 40);
  REQUIRE(tables_of(path) == rows);
  for (int operation = 1; operation <= operations; ++operation) {
    INFO("operation " << operation << " of " << operations);
    former.write(path);
    bring_forward_in_child(path, operation, fate);
    Mailbox mailbox;
    auto journal = open_sqlite(path, mailbox.post());
    REQUIRE(journal);
    CHECK(commit(**journal, mailbox, putting({due_row("check/again", at(1))})));
    journal->reset();
    REQUIRE(version_of(path) == sqlite_schema_version);
    CHECK(pages_without_checksum(path).empty());
    auto now = tables_of(path);
    now["outbox"] = rows.at("outbox");
    REQUIRE(now == rows);
  }
}

}  // namespace

TEST_CASE("whichever operation fails while pages get their checksums, no row is lost") {
  every_operation(FaultyDisk::Fate::fails);
}

TEST_CASE("at whichever operation the process is killed while pages get their checksums, no row is lost") {
  every_operation(FaultyDisk::Fate::kills);
}

TEST_CASE("whichever write is torn while pages get their checksums, no row is lost") {
  every_operation(FaultyDisk::Fate::tears);
}
