// Places of semaphores between lanes: over the journal, restarts and lost answers.
#include "tests/catch.hpp"
#include "tests/engine/rig.hpp"

namespace penstock::tests {
namespace {

std::vector<std::shared_ptr<const core::Policy>> watched_tier_1() {
  auto policy = policy_for("model-*", "production");
  policy->semaphore = "tier-1";
  policy->watch = core::WatchSpec{.duration = 1h, .every = 30min, .gates = {{"watch/gate", "candidate-fields"}}};
  policy->digest = runtime::sha256(core::canonical_bytes(*policy));
  return {policy};
}

core::PromotionId see(Rig& rig, const std::string& model) { return rig.see(model, "1").promotions.front(); }

std::vector<core::Place> places(Rig& rig) { return (*rig.run(rig.engine.lane(core::every_lane)))->state.places; }

}  // namespace

TEST_CASE("of many lanes no more promote at once than there are places, and all of them do in the end") {
  MemoryWorld world;
  Rig rig(*world.journal, world.context, watched_tier_1());
  rig.limits = std::make_shared<core::Semaphores>(core::Semaphores{{"tier-1", 2}});
  rig.run(rig.worker.start());
  std::vector<core::PromotionId> ids;
  for (int n = 0; n < 5; ++n) ids.push_back(see(rig, "model-" + std::to_string(n)));
  const auto count = [&](const std::string& phase) {
    return std::count_if(ids.begin(), ids.end(), [&](const auto& id) { return rig.phase(id) == phase; });
  };
  for (int done = 0; done < 5;) {
    rig.run_until([&] { return count("watching") == std::min(2, 5 - done); });
    CHECK(count("awaiting_window") == std::max(0, 3 - done));
    rig.clock.advance(1h + 1s);
    done += 2;
    rig.run_until([&] { return count("live") == std::min(done, 5); });
  }
  rig.run_until([&] { return places(rig).empty(); });
}

TEST_CASE("who waits for a place goes on after a restart, also one with a higher limit") {
  MemoryWorld world;
  core::PromotionId first, second, third;
  {
    Rig rig(*world.journal, world.context, watched_tier_1());
    rig.limits = std::make_shared<core::Semaphores>(core::Semaphores{{"tier-1", 1}});
    rig.run(rig.worker.start());
    first = see(rig, "model-1");
    rig.run_until_phase(first, "watching");
    second = see(rig, "model-2");
    third = see(rig, "model-3");
    rig.run_until_phase(second, "awaiting_window");
    rig.run_until_phase(third, "awaiting_window");
    rig.run_until([&] { return places(rig).size() == 3; });
  }
  Rig rig(*world.journal, world.context, watched_tier_1());
  rig.limits = std::make_shared<core::Semaphores>(core::Semaphores{{"tier-1", 2}});
  rig.run(rig.worker.start());
  core::Event changed = core::LimitsChanged{core::every_lane, ""};
  rig.run(rig.engine.submit(changed));
  rig.run_until_phase(second, "watching");
  CHECK(rig.phase(third) == "awaiting_window");
  rig.run(rig.engine.submit(core::Event(core::WithdrawalAsked{third, "ann", "not now"})));
  rig.clock.advance(1h + 1s);
  rig.run_until([&] { return places(rig).empty(); });
  CHECK(rig.phase(first) == "live");
}

TEST_CASE("a wish that was carried out and is carried out again changes nothing") {
  MemoryWorld world;
  Rig rig(*world.journal, world.context, watched_tier_1());
  rig.limits = std::make_shared<core::Semaphores>(core::Semaphores{{"tier-1", 1}});
  rig.run(rig.worker.start());
  const auto id = see(rig, "model-1");
  rig.run_until_phase(id, "watching");
  const auto place = places(rig).at(0);
  core::Event asked = core::PlaceAsked{core::every_lane, place, id};
  core::Event granted = core::PlaceGranted{place.lane, place, id};
  CHECK_FALSE(rig.run(rig.engine.submit(asked))->ignored.empty());
  CHECK_FALSE(rig.run(rig.engine.submit(granted))->ignored.empty());
  CHECK(places(rig).size() == 1);
  rig.clock.advance(1h + 1s);
  rig.run_until([&] { return places(rig).empty(); });
  // A grant that arrives when all is over comes back by itself.
  rig.run(rig.engine.submit(asked));
  rig.run_until([&] { return places(rig).empty(); });
}

}  // namespace penstock::tests
