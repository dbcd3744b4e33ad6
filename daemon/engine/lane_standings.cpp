#include "daemon/engine/lane_standings.hpp"

#include <boost/asio/async_result.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace penstock::engine {

asio::awaitable<core::Result<journal::LaneStanding>> LaneStandings::of(journal::LaneAsked asked) {
  co_return co_await asio::async_initiate<decltype(asio::use_awaitable), void(Answer)>(
      [this](auto handler, journal::LaneAsked lane) {
        // A std::function must be copyable; what it holds is not.
        auto kept = std::make_shared<decltype(handler)>(std::move(handler));
        waiting_.push_back({std::move(lane), [kept](Answer answer) { (*kept)(std::move(answer)); }});
        if (asking_) return;
        asking_ = true;
        asio::co_spawn(parts_.executor, ask(), asio::detached);
      },
      asio::use_awaitable, std::move(asked));
}

asio::awaitable<void> LaneStandings::ask() {
  while (!waiting_.empty()) {
    const auto waiting = std::exchange(waiting_, {});
    std::vector<journal::LaneAsked> lanes;
    for (const auto& one : waiting) lanes.push_back(one.asked);
    // Named, because GCC 12 destroys a closure inside a co_await expression twice.
    auto work = [shared = parts_.shared, lanes = std::move(lanes), now = parts_.clock.now()] {
      return shared->standings(lanes, now);
    };
    const auto standings = co_await parts_.pool.run(std::move(work));
    for (std::size_t i = 0; i < waiting.size(); ++i)
      waiting[i].answer(standings ? Answer(standings->at(i)) : Answer(standings.error()));
  }
  asking_ = false;
}

}  // namespace penstock::engine
