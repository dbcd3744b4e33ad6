// Tells whoever supervises the daemon that it works, and only while it does.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <functional>

#include "daemon/engine/progress.hpp"

namespace penstock::engine {

// Lives on the engine's thread: a loop that hangs tells nothing either.
class Watchdog {
 public:
  struct Parts {
    asio::any_io_executor executor;
    journal::Journal& journal;
    runtime::BlockingPool& pool;
    const runtime::Clock& clock;
    // Whether it is known why no work is taken up (a disk that is full): another start would not help.
    std::function<bool()> has_excuse;
    std::function<void()> alive;
    std::chrono::milliseconds every{};  // also how long the journal has to answer
    core::Duration late_after = std::chrono::minutes(2);
  };
  explicit Watchdog(Parts parts) : parts_(std::move(parts)), wake_(parts_.executor) {}

  // Calls `alive` once every `every` as long as the journal answers and no due work is later than `late_after`. The
  // watchdog must outlive the loop, which ends soon after stop().
  void start();
  void stop();

 private:
  asio::awaitable<void> look();

  Parts parts_;
  asio::steady_timer wake_;
  bool stopped_ = false;
};

}  // namespace penstock::engine
