// Threads for work that blocks: how many there are, and what is dropped.
#include "daemon/runtime/blocking_pool.hpp"

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <thread>

#include "tests/catch.hpp"

using namespace penstock::runtime;

namespace {

// Holds whoever comes, until it is opened.
class Gate {
 public:
  void pass() {
    std::unique_lock lock(mutex_);
    ++came_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_; });
  }
  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  // Whether so many came within ten seconds.
  bool came(int count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(10), [&] { return came_ >= count; });
  }
  int came() {
    const std::lock_guard lock(mutex_);
    return came_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int came_ = 0;
  bool open_ = false;
};

std::size_t threads_of_this_process() {
  const std::filesystem::directory_iterator tasks("/proc/self/task");
  return static_cast<std::size_t>(std::distance(begin(tasks), end(tasks)));
}

void nothing() {}

}  // namespace

TEST_CASE("a pool has one thread until it needs more, and never more than it may have") {
  const auto first = threads(1);  // the thread sanitizer begins a thread of its own with the process's first one
  const auto before = threads_of_this_process();
  const auto pool = threads(3);
  CHECK(threads_of_this_process() == before + 1);
  Gate gate;
  const auto wait = [&gate] { gate.pass(); };
  pool->start(wait, nothing);
  REQUIRE(gate.came(1));
  CHECK(threads_of_this_process() == before + 1);
  for (int i = 0; i < 4; ++i) pool->start(wait, nothing);
  REQUIRE(gate.came(3));
  CHECK(threads_of_this_process() == before + 3);
  CHECK(gate.came() == 3);
  gate.open();
  CHECK(gate.came(5));
}

TEST_CASE("what has begun ends before a pool stops, and what has not begun never does") {
  const auto pool = threads(1);
  Gate gate;
  std::atomic<int> ended = 0;
  pool->start([&gate] { gate.pass(); }, [&ended] { ++ended; });
  REQUIRE(gate.came(1));
  pool->start([&gate] { gate.pass(); }, [&ended] { ++ended; });
  std::thread opener([&gate] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    gate.open();
  });
  pool->stop();
  opener.join();
  CHECK(ended == 1);
  CHECK(gate.came() == 1);
  pool->start([&gate] { gate.pass(); }, [&ended] { ++ended; });
  pool->stop();
  CHECK(ended == 1);
}
