#include "daemon/engine/lane_standings.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

namespace penstock::engine {

asio::awaitable<core::Result<journal::LaneStanding>> LaneStandings::of(journal::LaneAsked asked) {
  Waiting waiting{std::move(asked), runtime::real_alarm(parts_.executor), std::nullopt};
  waiting_.push_back(&waiting);
  if (!asking_) {
    asking_ = true;
    asio::co_spawn(parts_.executor, ask(), asio::detached);
  }
  while (!waiting.answer) co_await waiting.alarm->sleep(runtime::Alarm::never_by_itself);
  co_return std::move(*waiting.answer);
}

asio::awaitable<void> LaneStandings::ask() {
  while (!waiting_.empty()) {
    const auto waiting = std::exchange(waiting_, {});
    std::vector<journal::LaneAsked> lanes;
    for (const auto* one : waiting) lanes.push_back(one->asked);
    // Named, because GCC 12 destroys a closure inside a co_await expression twice.
    auto work = [shared = parts_.shared, lanes = std::move(lanes), now = parts_.clock.now()] {
      return shared->standings(lanes, now);
    };
    const auto standings = co_await parts_.pool.run(std::move(work));
    for (std::size_t i = 0; i < waiting.size(); ++i) {
      if (standings)
        waiting[i]->answer = standings->at(i);
      else
        waiting[i]->answer = standings.error();
      waiting[i]->alarm->ring();
    }
  }
  asking_ = false;
}

}  // namespace penstock::engine
