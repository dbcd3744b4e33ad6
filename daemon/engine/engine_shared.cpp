// What is different where several daemons write to the journal.
#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "daemon/core/planted.hpp"
#include "daemon/engine/engine_impl.hpp"
#include "daemon/engine/pause.hpp"
#include "daemon/journal/shared.hpp"
#include "daemon/runtime/log.hpp"

namespace penstock::engine {
namespace {

constexpr int events_at_once = 500;

}  // namespace

asio::awaitable<core::Result<void>> Engine::Impl::read_everywhere() {
  const auto lane = co_await read_lane(core::every_lane);
  if (!lane) co_return lane.error();
  // Somebody was quicker, and may be ahead by now; of two daemons' versions the journal tells which one is right.
  if (!shared_ && everywhere_version_ != unread) co_return core::Result<void>();
  everywhere_ = (*lane)->state;
  everywhere_version_ = (*lane)->version;
  co_return core::Result<void>();
}

asio::awaitable<core::Result<void>> Engine::Impl::know_enough_to_decide() {
  if (everywhere_version_ != unread) co_return core::Result<void>();
  co_return co_await read_everywhere();
}

asio::awaitable<core::Result<void>> Engine::Impl::know_what_holds_everywhere() {
  // What is on its way from here is newer than what the journal has.
  if (!shared_ || on_their_way_.contains(core::every_lane)) co_return co_await know_enough_to_decide();
  if (const auto known = everywhere_version_; known != unread) {
    journal::LaneAsked asked{core::every_lane, ""};
    const auto standing = co_await standings_.of(std::move(asked));
    if (!standing) co_return standing.error();
    if (standing->version == known && everywhere_version_ == known) co_return core::Result<void>();
  }
  co_return co_await read_everywhere();
}

asio::awaitable<core::Result<void>> Engine::Impl::get_ready(std::vector<core::LaneKey> lanes) {
  const auto is_loaded = [this](const core::LaneKey& key) { return lanes_.contains(key); };
  const auto is_on_its_way = [this](const core::LaneKey& key) { return on_their_way_.contains(key); };
  for (;;) {
    if (const auto known = co_await know_enough_to_decide(); !known) co_return known.error();
    for (const auto& key : lanes)
      if (const auto loaded = co_await load(key); !loaded) co_return loaded.error();
    if (shared_ && (is_on_its_way(core::every_lane) || std::any_of(lanes.begin(), lanes.end(), is_on_its_way))) {
      // Writes are kept in their order, so that this one comes after all that are on their way.
      if (const auto kept = co_await commit_alone(journal::Write()); !kept) co_return kept.error();
    } else if (everywhere_version_ != unread && std::all_of(lanes.begin(), lanes.end(), is_loaded)) {
      // Another coroutine may have dropped one from memory while a later one was being read.
      co_return core::Result<void>();
    }
  }
}

void Engine::Impl::doubt_what_holds_everywhere() {
  if (!shared_) return;
  forget(core::every_lane);
  everywhere_version_ = unread;
}

asio::awaitable<core::Result<void>> Engine::Impl::forget_what_has_moved(std::vector<core::LaneKey> lanes) {
  lanes.push_back(core::every_lane);
  for (const auto& key : lanes) {
    journal::LaneAsked asked{key, ""};
    const auto standing = co_await standings_.of(std::move(asked));
    if (!standing) co_return standing.error();
    const auto known = lanes_.find(key);
    if (known != lanes_.end() && known->second->version != standing->version) forget(key);
    if (key == core::every_lane && everywhere_version_ != standing->version) everywhere_version_ = unread;
  }
  co_return core::Result<void>();
}

asio::awaitable<core::Result<LaneThen>> Engine::Impl::lane_to_act_in(core::LaneKey key, std::string kind) {
  if (!shared_) co_return co_await lane(std::move(key));
  // Of before the journal is asked: what comes here meanwhile may be ahead of the answer.
  auto known = journalled(key);
  journal::LaneAsked asked{key, std::move(kind)};
  const auto standing = co_await standings_.of(std::move(asked));
  if (!standing) co_return standing.error();
  if (standing->claimed_elsewhere && !PENSTOCK_PLANTED(10)) co_return LaneThen();
  if (known && (known->version == standing->version || PENSTOCK_PLANTED(11))) co_return known;
  co_return co_await read_lane(std::move(key));
}

void Engine::Impl::catch_up() {
  publish_again_ = true;
  if (publishing_) return;
  publishing_ = true;
  asio::co_spawn(parts_.executor, publish_what_is_new(), asio::detached);
}

asio::awaitable<void> Engine::Impl::publish_what_is_new() {
  bool is_behind = false;
  while (publish_again_) {
    publish_again_ = false;
    const auto after = feed_.newest();
    auto work = [this, after] { return parts_.journal.events(after, events_at_once); };
    auto events = co_await parts_.pool.run(std::move(work));
    if (!events) {
      if (!std::exchange(is_behind, true))
        runtime::log_warning("feed.behind", {{"problem", core::to_text(events.error())}});
      // Nobody says again what was said while the journal was away. This ends sooner when the feed is stopped.
      publish_again_ = true;
      const auto until = std::chrono::steady_clock::now() + pause_after(1, random_fraction());
      co_await feed_.wait(after, until);
      if (feed_.stopped()) break;
      continue;
    }
    is_behind = false;
    if (events->size() == static_cast<std::size_t>(events_at_once)) publish_again_ = true;
    // What was written here meanwhile is in the feed already.
    const auto is_published = [this](const journal::EventRow& event) { return event.seq <= feed_.newest(); };
    std::erase_if(*events, is_published);
    feed_.publish(*events);
  }
  publishing_ = false;
}

}  // namespace penstock::engine
