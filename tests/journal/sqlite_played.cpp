#include "tests/journal/sqlite_played.hpp"

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include "daemon/journal/sqlite_page.hpp"
#include "daemon/journal/sqlite_wal.hpp"
#include "tests/catch.hpp"

namespace penstock::journal::testing {
namespace {

using Fate = FaultyDisk::Fate;

constexpr auto header_bytes = static_cast<std::int64_t>(wal_header_bytes);
constexpr auto frame_bytes = static_cast<std::int64_t>(wal_frame_header_bytes + sqlite_page_bytes);

// A Told that two processes see.
class SharedTold {
 public:
  SharedTold() {
    auto* memory = ::mmap(nullptr, sizeof(Told), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    REQUIRE(memory != MAP_FAILED);
    told_ = new (memory) Told;
  }
  ~SharedTold() { ::munmap(told_, sizeof(Told)); }
  SharedTold(const SharedTold&) = delete;
  SharedTold& operator=(const SharedTold&) = delete;
  Told& operator*() { return *told_; }

 private:
  Told* told_;
};

[[noreturn]] void play_in_child(const History& history, const Fault& fault, Told& told) {
  try {
    FaultyDisk disk;
    disk.at_operation(fault.operation, fault.fate, fault.kept);
    history(told);
    const auto operations = disk.operations();
    if (operations.size() > told.operations.size()) _exit(3);
    std::copy(operations.begin(), operations.end(), told.operations.begin());
    told.operation_count = operations.size();
    told.fate_was_met = disk.was_met();
    told.ended = true;
  } catch (const std::exception& thrown) {
    ::dprintf(STDERR_FILENO, "the history threw: %s\n", thrown.what());
    _exit(4);
  }
  _exit(0);
}

// Where frames end within it, as a number of its bytes.
std::vector<int> frame_ends_in(const FaultyDisk::Operation& write) {
  std::vector<int> ends;
  if (!write.of_log || write.size <= frame_bytes) return ends;
  const auto before = (write.offset - header_bytes) / frame_bytes;
  for (auto end = header_bytes + (before + 1) * frame_bytes; end < write.offset + write.size; end += frame_bytes)
    ends.push_back(static_cast<int>(end - write.offset));
  return ends;
}

// Most of the writes are pages that a checkpoint brings into the database, and much alike: each third is enough.
bool is_passed_over(const FaultyDisk::Operation& write, std::size_t index) { return !write.of_log && index % 3 != 0; }

Played played(const Trial& trial, const Fault& fault) {
  if (trial.prepare) trial.prepare();
  return play(trial.history, fault);
}

}  // namespace

Played play(const History& history, const Fault& fault) {
  SharedTold told;
  const auto child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) play_in_child(history, fault, *told);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  const bool was_killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
  if (!was_killed) REQUIRE((WIFEXITED(status) && WEXITSTATUS(status) == 0 && (*told).ended));
  return {*told, was_killed};
}

OnDisk::OnDisk(Files begins_as, Play play, Look look)
    : files(std::move(begins_as)),
      trial{[this] {
              folder.emplace();
              if (!files.database.empty()) files.write(path());
            },
            [this, play](Told& told) { play(path(), told); },
            [this, look](const Played& played) { look(path(), played.told); }} {
  use_quick_disk();
}

std::vector<FaultyDisk::Operation> operations_of(const Trial& trial) {
  std::vector<FaultyDisk::Operation> fewest;
  for (int time = 0; time < 3; ++time) {
    const auto whole = played(trial, {});
    REQUIRE(whole.told.asked == whole.told.acknowledged);
    trial.look(whole);
    if (fewest.empty() || whole.told.operation_count < fewest.size()) fewest = whole.operations();
  }
  return fewest;
}

int play_every(const Trial& trial, Fate fate) {
  const auto operations = operations_of(trial);
  int refused = 0;
  for (std::size_t i = 0; i < operations.size(); ++i) {
    const auto& operation = operations[i];
    const bool only_writes = fate == Fate::fills || fate == Fate::tears;
    if (only_writes && (operation.size == 0 || is_passed_over(operation, i))) continue;
    const auto number = static_cast<int>(i) + 1;
    INFO("operation " << number << " of " << operations.size() << ", " << operation.size << " bytes");
    // One to seven eighths of a torn write.
    const auto one = played(trial, {number, fate, operation.size * (1 + number % 7) / 8});
    const bool must_kill = fate == Fate::kills || fate == Fate::tears;
    REQUIRE(one.was_killed == must_kill);
    REQUIRE((must_kill || one.told.fate_was_met));
    refused += one.told.refused_for_room;
    trial.look(one);
  }
  return refused;
}

int fill_every(Trial trial, std::int64_t all) {
  const auto look = trial.look;
  trial.look = [&](const Played& played) {
    REQUIRE(played.told.acknowledged == all);
    look(played);
  };
  return play_every(trial, Fate::fills);
}

int tear_between_frames(const Trial& trial) {
  const auto operations = operations_of(trial);
  int torn = 0;
  for (std::size_t i = 0; i < operations.size(); ++i) {
    const auto ends = frame_ends_in(operations[i]);
    if (ends.empty()) continue;
    auto tried = {ends.front(), ends[ends.size() / 2], ends.back()};
    for (const int* kept = tried.begin(); kept != tried.end(); ++kept) {
      if (kept != tried.begin() && *kept == *(kept - 1)) continue;
      INFO("operation " << i + 1 << " of " << operations.size() << ", torn behind " << *kept << " of "
                        << operations[i].size << " bytes");
      const auto one = played(trial, {static_cast<int>(i) + 1, Fate::tears, *kept});
      REQUIRE(one.was_killed);
      trial.look(one);
      ++torn;
    }
  }
  return torn;
}

}  // namespace penstock::journal::testing
