#include "daemon/engine/feed.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace penstock::engine {
namespace {
constexpr std::size_t kept_events = 4096;
}

// Everybody waits on a timer of their own, so that each has a deadline; publishing cancels those that it concerns.
struct Feed::Waiters {
  std::set<asio::steady_timer*> for_any;
  std::multimap<core::PromotionId, asio::steady_timer*> for_one;

  void wake_any() {
    for (auto* timer : for_any) timer->cancel();
  }
  void wake(const core::PromotionId& promotion) {
    const auto [first, last] = for_one.equal_range(promotion);
    std::for_each(first, last, [](const auto& waiter) { waiter.second->cancel(); });
  }
  void wake_all() {
    wake_any();
    for (const auto& [promotion, timer] : for_one) timer->cancel();
  }
};

Feed::Feed(asio::any_io_executor executor) : executor_(std::move(executor)), waiters_(std::make_unique<Waiters>()) {}
Feed::~Feed() = default;

void Feed::publish(const std::vector<journal::EventRow>& events) {
  if (events.empty()) return;
  for (const auto& event : events) {
    kept_.push_back(event);
    newest_ = event.seq;
    waiters_->wake(event.promotion);
  }
  while (kept_.size() > kept_events) kept_.pop_front();
  waiters_->wake_any();
}

std::optional<std::vector<journal::EventRow>> Feed::after(std::int64_t seq) const {
  if (seq >= newest_) return std::vector<journal::EventRow>{};
  if (kept_.empty() || kept_.front().seq > seq + 1) return std::nullopt;
  return std::vector<journal::EventRow>(first_after(seq), kept_.end());
}

std::deque<journal::EventRow>::const_iterator Feed::first_after(std::int64_t seq) const {
  return std::upper_bound(kept_.begin(), kept_.end(), seq,
                          [](std::int64_t one, const journal::EventRow& event) { return one < event.seq; });
}

// Also when that is no longer known.
bool Feed::happened_to(const core::PromotionId& promotion, std::int64_t seq) const {
  if (seq >= newest_) return false;
  if (kept_.empty() || kept_.front().seq > seq + 1) return true;
  return std::any_of(first_after(seq), kept_.end(),
                     [&](const journal::EventRow& event) { return event.promotion == promotion; });
}

asio::awaitable<void> Feed::wait(std::int64_t seq, std::chrono::steady_clock::time_point deadline) {
  if (stopped_ || newest_ > seq) co_return;
  asio::steady_timer timer(executor_, deadline);
  waiters_->for_any.insert(&timer);
  boost::system::error_code woken;
  co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, woken));
  waiters_->for_any.erase(&timer);
}

asio::awaitable<void> Feed::wait_for(core::PromotionId promotion, std::int64_t seq,
                                     std::chrono::steady_clock::time_point deadline) {
  if (stopped_ || happened_to(promotion, seq)) co_return;
  asio::steady_timer timer(executor_, deadline);
  const auto waiter = waiters_->for_one.emplace(std::move(promotion), &timer);
  boost::system::error_code woken;
  co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, woken));
  waiters_->for_one.erase(waiter);
}

void Feed::stop() {
  stopped_ = true;
  waiters_->wake_all();
}

}  // namespace penstock::engine
