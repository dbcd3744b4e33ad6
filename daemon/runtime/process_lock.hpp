// The claim of one process, and one opener in it, on what several must not work on at once.
#pragma once

#include <filesystem>

#include "daemon/core/result.hpp"
#include "daemon/runtime/descriptor.hpp"

namespace penstock::runtime {

// An flock(2) on a file that holds the owner's process id for whoever is refused. The kernel lets go of it when the
// process ends, however it ends; the file stays.
class ProcessLock {
 public:
  // Makes the file, for its owner alone. Problems "in-use", whose message names the process that has it, and "failed".
  static core::Result<ProcessLock> take(const std::filesystem::path& file);

 private:
  explicit ProcessLock(Descriptor held) : held_(std::move(held)) {}
  Descriptor held_;
};

}  // namespace penstock::runtime
