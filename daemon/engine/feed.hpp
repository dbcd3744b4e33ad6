// What was journalled, as it happens: the newest events, and a way to wait for the next one.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <deque>
#include <memory>
#include <set>
#include <vector>

#include "daemon/journal/journal.hpp"

namespace penstock::engine {

namespace asio = boost::asio;

// Lives on the engine's thread. Keeps the last 4096 events; older ones are in the journal.
class Feed {
 public:
  explicit Feed(asio::any_io_executor executor);
  ~Feed();

  // Called by the engine after the fsync, in the order of `seq`.
  void publish(const std::vector<journal::EventRow>& events);
  std::int64_t newest() const { return newest_; }
  // Where the journal stood when the daemon started.
  void start_at(std::int64_t seq) { newest_ = seq; }
  // Events after `seq` that are still kept; nothing when some of them no longer are (read the journal then).
  std::optional<std::vector<journal::EventRow>> after(std::int64_t seq) const;
  // Returns when newest() > seq, at `deadline`, or when stop() was called, whichever is first.
  asio::awaitable<void> wait(std::int64_t seq, std::chrono::steady_clock::time_point deadline);
  // As wait(), for an event of one promotion: what happens to others wakes nobody.
  asio::awaitable<void> wait_for(core::PromotionId promotion, std::int64_t seq,
                                 std::chrono::steady_clock::time_point deadline);
  // Wakes everybody for good.
  void stop();
  bool stopped() const { return stopped_; }

 private:
  struct Waiters;
  std::deque<journal::EventRow>::const_iterator first_after(std::int64_t seq) const;
  bool happened_to(const core::PromotionId& promotion, std::int64_t seq) const;
  asio::any_io_executor executor_;
  std::deque<journal::EventRow> kept_;
  std::int64_t newest_ = 0;
  bool stopped_ = false;
  std::unique_ptr<Waiters> waiters_;
};

}  // namespace penstock::engine
