// Goes through the database's file page by page, a few at a time, so that damage is found also where nobody reads.
#pragma once

#include <sqlite3.h>

#include <chrono>
#include <functional>
#include <string>

#include "daemon/core/result.hpp"

namespace penstock::journal {

// On the thread that checkpoints. Begins once a checkpoint has brought the whole log into the file: until then a page
// may be half written, by a machine that stopped.
class SqliteScrub {
 public:
  using Clock = std::chrono::steady_clock;
  struct Pace {
    std::chrono::milliseconds between_steps{100};
    int pages_at_once = 16;  // together 640 KiB/s: 1 GiB in half an hour
    // From one pass's end to the next one's begin.
    std::chrono::milliseconds between_passes = std::chrono::hours(24);
    std::function<void(std::int64_t pages)> done{};  // called after each pass; may be empty
  };
  // `was_checked`: the whole file was looked at just now.
  SqliteScrub(sqlite3* handle, std::string path, Pace pace, bool was_checked);

  Clock::time_point due() const { return due_; }
  // The next pages, if they are due. Problem "journal-damaged", or "journal-failed" where the disk does not read.
  core::Result<void> step(Clock::time_point now);

 private:
  sqlite3* handle_;
  const std::string path_;
  const Pace pace_;
  Clock::time_point due_;
  std::int64_t next_ = 1;
};

}  // namespace penstock::journal
