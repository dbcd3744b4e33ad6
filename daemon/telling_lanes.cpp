#include "daemon/telling_lanes.hpp"

#include "daemon/engine/followers.hpp"
#include "daemon/runtime/log.hpp"

namespace penstock {

boost::asio::awaitable<void> tell_of_changes(engine::Engine& engine, journal::Journal& journal,
                                             runtime::BlockingPool& pool, const PoliciesInForce& policies) {
  core::Event changed = core::LimitsChanged{core::every_lane, ""};
  const auto told = co_await engine.submit(std::move(changed));
  if (!told) runtime::log_error("semaphores.not_told", {{"problem", core::to_text(told.error())}});
  const auto followed = co_await engine::tell_of_followers(engine, journal, pool, policies.all());
  if (!followed) runtime::log_error("followers.not_told", {{"problem", core::to_text(followed.error())}});
}

}  // namespace penstock
