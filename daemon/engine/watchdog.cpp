#include "daemon/engine/watchdog.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "daemon/runtime/log.hpp"

namespace penstock::engine {

void Watchdog::start() { asio::co_spawn(parts_.executor, look(), asio::detached); }

void Watchdog::stop() {
  stopped_ = true;
  wake_.cancel();
}

asio::awaitable<void> Watchdog::look() {
  while (!stopped_) {
    const auto late = co_await lateness(parts_.journal, parts_.pool, parts_.clock, parts_.every);
    if (stopped_) break;
    if (!late)
      runtime::log_error("watchdog.no_answer", {{"problem", core::to_text(late.error())}});
    else if (*late > parts_.late_after && !parts_.has_excuse())
      runtime::log_error("watchdog.work_is_late", {{"late", core::to_text(*late)}});
    else
      parts_.alive();
    wake_.expires_after(parts_.every);
    boost::system::error_code woken;
    co_await wake_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
  }
}

}  // namespace penstock::engine
