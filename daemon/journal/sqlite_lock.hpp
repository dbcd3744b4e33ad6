// The claim of one process, and one opener in it, on the journal's file.
#pragma once

#include <string>
#include <utility>

#include "daemon/core/result.hpp"

namespace penstock::journal {

// An flock(2) on "<path>.lock", which holds the owner's process id for whoever is refused. The kernel lets go of it
// when the process ends, however it ends; the file stays.
class SqliteLock {
 public:
  // Problem "journal-in-use" when somebody else has it.
  static core::Result<SqliteLock> take(const std::string& path);
  SqliteLock(SqliteLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  SqliteLock& operator=(SqliteLock&&) = delete;
  ~SqliteLock();

 private:
  explicit SqliteLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

}  // namespace penstock::journal
