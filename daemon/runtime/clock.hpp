// Time, handed in: the real one, and one that tests move.
#pragma once

#include <atomic>

#include "daemon/core/words.hpp"

namespace penstock::runtime {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual core::Time now() const = 0;
  // Since this clock was made, by a clock that nobody sets: it never goes back.
  virtual core::Duration up() const = 0;
};

class SystemClock : public Clock {
 public:
  core::Time now() const override { return std::chrono::floor<core::Duration>(std::chrono::system_clock::now()); }
  core::Duration up() const override {
    return std::chrono::floor<core::Duration>(std::chrono::steady_clock::now() - made_);
  }

 private:
  std::chrono::steady_clock::time_point made_ = std::chrono::steady_clock::now();
};

// Safe from any thread.
class ManualClock : public Clock {
 public:
  explicit ManualClock(core::Time start) : now_(start.time_since_epoch().count()) {}
  core::Time now() const override { return core::Time(core::Duration(now_.load())); }
  core::Duration up() const override { return core::Duration(up_.load()); }
  void advance(core::Duration by) {
    now_ += by.count();
    if (by > core::Duration::zero()) up_ += by.count();
  }

 private:
  std::atomic<core::Duration::rep> now_;
  std::atomic<core::Duration::rep> up_{0};
};

}  // namespace penstock::runtime
