// Waiting, handed in: real time, and a time that tests move.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <functional>
#include <memory>

#include "daemon/core/words.hpp"

namespace penstock::runtime {

namespace asio = boost::asio;

// What one coroutine sleeps on. Lives on the executor that it was made for.
class Alarm {
 public:
  // Longer than any pause.
  static constexpr core::Duration never_by_itself = std::chrono::hours(24 * 365);

  virtual ~Alarm() = default;
  // Returns when `pause` is over or ring() is called, whichever is first. A ring while nobody sleeps is lost.
  virtual asio::awaitable<void> sleep(core::Duration pause) = 0;
  virtual void ring() = 0;
};

using MakeAlarm = std::function<std::unique_ptr<Alarm>(const asio::any_io_executor&)>;

// Over a clock that nobody sets.
std::unique_ptr<Alarm> real_alarm(const asio::any_io_executor& executor);

}  // namespace penstock::runtime
