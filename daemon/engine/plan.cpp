// What would be decided, without writing any of it.
#include "daemon/engine/plan.hpp"

#include "daemon/engine/engine_impl.hpp"

namespace penstock::engine {

core::Problem no_policy_for(const core::LaneKey& lane) {
  return {"no-policy", "no policy covers " + core::to_text(lane), "",
          "write a policy whose `model` and `environment` match it", false};
}

asio::awaitable<core::Result<core::Decision>> Engine::plan(core::Event event) { return impl_->plan(std::move(event)); }
asio::awaitable<core::Result<core::Decision>> Engine::plan(const core::Lane& lane, core::Event event) {
  return impl_->plan(lane, std::move(event));
}

asio::awaitable<core::Result<core::World>> Engine::world(core::LaneKey key) { return impl_->world(std::move(key)); }
std::shared_ptr<Simulation> Engine::simulation(std::shared_ptr<const core::Policy> policy,
                                               std::function<bool(const std::string& model)> covers, int last) {
  return impl_->simulation(std::move(policy), std::move(covers), last);
}

asio::awaitable<core::Result<core::Decision>> Engine::Impl::plan(core::Event event) {
  auto key = core::Result<core::LaneKey>(core::LaneKey());
  if (const auto* named = core::lane_of(event); named != nullptr)
    key = *named;
  else
    key = co_await lane_of(core::promotion_of(event));
  if (!key) co_return key.error();
  const auto current = co_await lane(*key);
  if (!current) co_return current.error();
  co_return co_await plan(**current, std::move(event));
}

asio::awaitable<core::Result<core::Decision>> Engine::Impl::plan(const core::Lane& lane, core::Event event) {
  if (const auto known = co_await know_what_holds_everywhere(); !known) co_return known.error();
  const auto now = parts_.clock.now();
  co_return plan_in(world_for(lane.key, now), lane, std::move(event), now);
}

core::Result<core::Decision> plan_in(const core::World& world, const core::Lane& lane, core::Event event,
                                     core::Time now) {
  if (auto* seen = std::get_if<core::CandidateSeen>(&event); seen != nullptr && !seen->policy) {
    if (!world.policy) return no_policy_for(lane.key);
    seen->policy = world.policy;
  }
  return core::advance(lane, event, now, world);
}

asio::awaitable<core::Result<core::World>> Engine::Impl::world(core::LaneKey key) {
  if (const auto known = co_await know_what_holds_everywhere(); !known) co_return known.error();
  co_return world_for(key, parts_.clock.now());
}

std::shared_ptr<Simulation> Engine::Impl::simulation(std::shared_ptr<const core::Policy> policy,
                                                     std::function<bool(const std::string& model)> covers, int last) {
  return std::make_shared<Simulation>(
      Simulation::Parts{parts_.journal, parts_.zones, parts_.people, std::move(policy), std::move(covers), last});
}

}  // namespace penstock::engine
