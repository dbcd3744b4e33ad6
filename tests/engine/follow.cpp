// A candidate that has soaked in one environment comes to the next one.
#include "daemon/engine/followers.hpp"
#include "tests/catch.hpp"
#include "tests/engine/rig.hpp"

namespace penstock::tests {
namespace {

std::vector<std::shared_ptr<const core::Policy>> staging_then_production() {
  auto production = policy_for("fraud", "production");
  production->after = core::AfterSpec{"staging", 24h};
  return {policy_for("fraud", "staging"), production};
}

std::vector<core::PromotionId> in_production(Rig& rig) {
  std::vector<core::PromotionId> ids;
  const auto lane = rig.run(rig.engine.lane({"fraud", "production"})).value();
  for (const auto& promotion : lane->promotions) ids.push_back(promotion.id);
  return ids;
}

}  // namespace

TEST_CASE("a candidate comes to production when it was live in staging for long enough, and not before") {
  MemoryWorld world;
  Rig rig(*world.journal, world.context, staging_then_production());
  rig.run(rig.worker.start());
  const auto seen = rig.see("fraud", "1");
  REQUIRE(seen.promotions.size() == 1);
  rig.run_until_phase(seen.promotions.front(), "live");
  CHECK(in_production(rig).empty());
  rig.clock.advance(24h + 1s);
  rig.run_until([&] { return !in_production(rig).empty(); });
  const auto promoted = in_production(rig).front();
  rig.run_until_phase(promoted, "live");
  CHECK(rig.promotion(promoted).trigger == "soaked in staging");
  CHECK(rig.promotion(promoted).candidate == seen.id);
}

TEST_CASE("a candidate that is replaced before it has soaked does not follow; the one that replaced it does") {
  MemoryWorld world;
  Rig rig(*world.journal, world.context, staging_then_production());
  rig.run(rig.worker.start());
  rig.run_until_phase(rig.see("fraud", "1").promotions.front(), "live");
  rig.clock.advance(23h);
  rig.run_until_phase(rig.see("fraud", "2").promotions.front(), "live");
  rig.clock.advance(2h);
  rig.run(rig.engine.set_cursor("a", "write to wait for"));
  CHECK(in_production(rig).empty());
  rig.clock.advance(23h);
  rig.run_until([&] { return !in_production(rig).empty(); });
  CHECK(rig.promotion(in_production(rig).front()).version == "2");
}

TEST_CASE("a policy that comes later follows what is live already, once, however often it is read") {
  MemoryWorld world;
  Rig rig(*world.journal, world.context, {policy_for("fraud", "staging")});
  rig.run(rig.worker.start());
  const auto seen = rig.see("fraud", "1");
  rig.run_until_phase(seen.promotions.front(), "live");
  const auto tell = [&](std::vector<std::shared_ptr<const core::Policy>> policies) {
    rig.reload(policies);
    REQUIRE(rig.run(engine::tell_of_followers(rig.engine, *world.journal, rig.pool, policies)));
  };
  rig.clock.advance(25h);
  tell(staging_then_production());
  rig.run_until([&] { return !in_production(rig).empty(); });
  const auto promoted = in_production(rig).front();
  rig.run_until_phase(promoted, "live");
  CHECK(rig.promotion(promoted).trigger == "soaked in staging");

  // Another version takes its place, and the first one is not shown again.
  engine::SeenCandidate other{candidate("fraud", "2"), "sue", "api", false, {}, "production"};
  rig.run_until_phase(rig.run(rig.engine.see(other))->promotions.front(), "live");
  auto policies = staging_then_production();
  auto changed = *policies[1];
  changed.after->soak = 12h;
  policies[1] = std::make_shared<core::Policy>(changed);
  tell(policies);
  rig.run_until([&] {
    const auto next = world.journal->next_due();
    return next && !*next;
  });
  CHECK(rig.promotion(in_production(rig).front()).version == "2");
  CHECK(in_production(rig).size() == 1);
}

TEST_CASE("a model whose every lane follows another one is refused, and says what is missing") {
  MemoryWorld world;
  auto policies = staging_then_production();
  policies.erase(policies.begin());
  Rig rig(*world.journal, world.context, policies);
  engine::SeenCandidate seen;
  seen.candidate = candidate("fraud", "1");
  CHECK(rig.run(rig.engine.see(seen)).error().code == "no-policy");
}

}  // namespace penstock::tests
