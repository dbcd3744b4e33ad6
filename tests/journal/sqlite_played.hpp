// A history played in a process of its own on a faulty disk, once for every operation that it asks of that disk.
#pragma once

#include <array>
#include <functional>

#include "tests/journal/everything.hpp"

namespace penstock::journal::testing {

// What a history tells while it is played; in memory that outlives its process.
struct Told {
  std::int64_t asked = 0;         // of what may be kept or not, how much was asked for
  std::int64_t acknowledged = 0;  // and how much of that was acknowledged
  int refused_for_room = 0;       // how often something was refused with "journal-full", and asked for again
  // The harness's own.
  bool fate_was_met = false;
  bool ended = false;
  std::size_t operation_count = 0;
  std::array<FaultyDisk::Operation, 1000> operations{};
};

struct Fault {
  int operation = 0;  // 0: none
  FaultyDisk::Fate fate = FaultyDisk::Fate::fails;
  int kept = 0;  // of a torn write
};

struct Played {
  Told told;
  bool was_killed = false;
  std::vector<FaultyDisk::Operation> operations() const {
    return {told.operations.begin(), told.operations.begin() + static_cast<std::ptrdiff_t>(told.operation_count)};
  }
};

// Has no use for Catch's expectations: it is in another process. What it throws fails the test.
using History = std::function<void(Told&)>;
Played play(const History& history, const Fault& fault);

struct Trial {
  std::function<void()> prepare;  // before each time; may be empty
  History history;
  // What must be so of the disk afterwards, whatever the fault was.
  std::function<void(const Played&)> look;
};
// A journal that is played each time in a folder of its own, and begins as `files`.
struct OnDisk {
  using Play = void (*)(const std::string& path, Told&);
  using Look = void (*)(const std::string& path, const Told&);
  OnDisk(Files files, Play play, Look look);

  const Files files;
  std::optional<TemporaryFolder> folder;
  std::string path() const { return *folder / "journal.db"; }
  Trial trial;
};

// What is played without a fault. Slow processes may do more, where something is done because time has passed; the
// least of a few is what every one does.
std::vector<FaultyDisk::Operation> operations_of(const Trial& trial);

// The history once for each of its operations with that fate, which is demanded to be met each time; one that `fills`
// or `tears` for each write to a log, and each third of the others. How often something was refused for room.
int play_every(const Trial& trial, FaultyDisk::Fate fate);
// As with one that `fills`; what found no room is asked for again, so that `all` are acknowledged each time.
int fill_every(Trial trial, std::int64_t all);
// Each write of more than a frame to a log is torn behind its first frame, in the middle and before its last one. How
// many there were.
int tear_between_frames(const Trial& trial);

}  // namespace penstock::journal::testing
