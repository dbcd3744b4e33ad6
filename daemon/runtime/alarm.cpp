#include "daemon/runtime/alarm.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace penstock::runtime {
namespace {

class RealAlarm : public Alarm {
 public:
  explicit RealAlarm(const asio::any_io_executor& executor) : timer_(executor) {}

  asio::awaitable<void> sleep(core::Duration pause) override {
    timer_.expires_after(pause);
    boost::system::error_code rung;
    co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, rung));
  }
  void ring() override { timer_.cancel(); }

 private:
  asio::steady_timer timer_;
};

}  // namespace

std::unique_ptr<Alarm> real_alarm(const asio::any_io_executor& executor) {
  return std::make_unique<RealAlarm>(executor);
}

}  // namespace penstock::runtime
