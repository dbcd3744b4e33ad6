#include "daemon/engine/feed.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace penstock::engine {
namespace {
constexpr std::size_t kept_events = 4096;
}

// Everybody waits on a timer of their own, so that each has a deadline; publishing cancels them all.
struct Feed::Waiters {
  std::set<asio::steady_timer*> timers;
  void wake() {
    for (auto* timer : timers) timer->cancel();
  }
};

Feed::Feed(asio::any_io_executor executor) : executor_(std::move(executor)), waiters_(std::make_unique<Waiters>()) {}
Feed::~Feed() = default;

void Feed::publish(const std::vector<journal::EventRow>& events) {
  if (events.empty()) return;
  for (const auto& event : events) {
    kept_.push_back(event);
    newest_ = event.seq;
  }
  while (kept_.size() > kept_events) kept_.pop_front();
  waiters_->wake();
}

std::optional<std::vector<journal::EventRow>> Feed::after(std::int64_t seq) const {
  if (seq >= newest_) return std::vector<journal::EventRow>{};
  if (kept_.empty() || kept_.front().seq > seq + 1) return std::nullopt;
  std::vector<journal::EventRow> events;
  for (const auto& event : kept_)
    if (event.seq > seq) events.push_back(event);
  return events;
}

asio::awaitable<void> Feed::wait(std::int64_t seq, std::chrono::steady_clock::time_point deadline) {
  if (stopped_ || newest_ > seq) co_return;
  asio::steady_timer timer(executor_, deadline);
  waiters_->timers.insert(&timer);
  boost::system::error_code woken;
  co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, woken));
  waiters_->timers.erase(&timer);
}

void Feed::stop() {
  stopped_ = true;
  waiters_->wake();
}

}  // namespace penstock::engine
