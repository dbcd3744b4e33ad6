// Time, handed in: the real one, and one that tests move.
#pragma once

#include <atomic>

#include "daemon/core/words.hpp"

namespace penstock::runtime {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual core::Time now() const = 0;
};

class SystemClock : public Clock {
 public:
  core::Time now() const override { return std::chrono::floor<core::Duration>(std::chrono::system_clock::now()); }
};

// Safe from any thread.
class ManualClock : public Clock {
 public:
  explicit ManualClock(core::Time start) : now_(start.time_since_epoch().count()) {}
  core::Time now() const override { return core::Time(core::Duration(now_.load())); }
  void advance(core::Duration by) { now_ += by.count(); }

 private:
  std::atomic<core::Duration::rep> now_;
};

}  // namespace penstock::runtime
