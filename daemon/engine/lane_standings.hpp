// Asks how lanes stand in a journal that several daemons write to, for all who ask at the same time at once.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <memory>
#include <optional>
#include <vector>

#include "daemon/journal/shared.hpp"
#include "daemon/runtime/alarm.hpp"
#include "daemon/runtime/blocking_pool.hpp"
#include "daemon/runtime/clock.hpp"

namespace penstock::engine {

namespace asio = boost::asio;

// Lives on the engine's thread. One question is under way at a time; whoever asks meanwhile is part of the next one.
class LaneStandings {
 public:
  struct Parts {
    asio::any_io_executor executor;
    journal::Shared* shared;  // none where the daemon has the journal to itself: then nobody asks
    runtime::BlockingPool& pool;
    runtime::Clock& clock;
  };
  explicit LaneStandings(Parts parts) : parts_(std::move(parts)) {}

  // Of some instant after the call. Journal problems.
  asio::awaitable<core::Result<journal::LaneStanding>> of(journal::LaneAsked asked);

 private:
  // Belongs to the coroutine that waits, and goes with it.
  struct Waiting {
    journal::LaneAsked asked;
    std::unique_ptr<runtime::Alarm> alarm;
    std::optional<core::Result<journal::LaneStanding>> answer;
  };
  asio::awaitable<void> ask();

  Parts parts_;
  std::vector<Waiting*> waiting_;
  bool asking_ = false;
};

}  // namespace penstock::engine
