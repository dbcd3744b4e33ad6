// A policy tried on what the journal has.
#include "daemon/engine/simulation.hpp"

#include "tests/catch.hpp"
#include "tests/engine/rig.hpp"

namespace penstock::tests {
namespace {

struct Tried {
  asio::io_context context;
  std::unique_ptr<journal::Journal> journal =
      journal::open_memory([this](std::function<void()> done) { asio::post(context, std::move(done)); });
  Rig rig{*journal, context, {policy_for("*", "production"), policy_for("*", "staging")}};

  core::PromotionId submit(const std::string& model, const std::string& version, core::Verdict verdict) {
    const auto ids = rig.see(model, version).promotions;
    core::Finding finding;
    finding.verdict = verdict;
    finding.at = rig.clock.now();
    for (const auto& id : ids) {
      core::Event event = core::CheckReported{id, "gate", 1, finding};
      REQUIRE(rig.run(rig.engine.submit(std::move(event))));
    }
    rig.clock.advance(1s);
    return ids.front();
  }
  engine::Simulated simulate(
      std::shared_ptr<const core::Policy> policy, int last,
      std::function<bool(const std::string&)> covers = [](const std::string&) { return true; }) {
    const auto simulation = rig.engine.simulation(std::move(policy), std::move(covers), last);
    for (;;) {
      const auto more = simulation->step();
      REQUIRE(more);
      if (!*more) return simulation->result();
    }
  }
};

}  // namespace

TEST_CASE("a policy that lets by what failed tells which would have ended differently, newest first") {
  Tried tried;
  tried.submit("m", "1", core::Verdict::passed);
  const auto second = tried.submit("m", "2", core::Verdict::failed);
  const auto third = tried.submit("m", "3", core::Verdict::failed);
  const auto before = tried.journal->newest_seq().value();
  const auto same = tried.simulate(policy_for("m", "production"), 100);
  CHECK(same.looked_at == 3);
  CHECK(same.same == 3);

  auto lax = std::make_shared<core::Policy>(*policy_for("m", "production"));
  lax->stages[0].gates[0].blocking = false;
  const auto result = tried.simulate(lax, 100);
  CHECK(result.looked_at == 3);
  CHECK(result.same == 1);
  CHECK(result.different == 2);
  REQUIRE(result.differing.size() == 2);
  CHECK(result.differing[0].version == "3");
  CHECK(result.differing[0].was == engine::CameTo::rejected);
  CHECK(result.differing[0].was_why.find("gate failed") != std::string::npos);
  CHECK(result.differing[0].would == engine::CameTo::delivered);
  CHECK(result.differing[1].version == "2");
  CHECK(result.differing[0].lane.environment == "production");
  CHECK(second < third);
  CHECK(tried.journal->newest_seq().value() == before);
  CHECK(tried.simulate(lax, 1).looked_at == 1);
}

TEST_CASE("only promotions of lanes that the policy would cover are decided again, and none that is under way") {
  Tried tried;
  tried.submit("m", "1", core::Verdict::passed);
  tried.submit("n", "1", core::Verdict::passed);
  tried.rig.see("m", "2");
  const auto wide = policy_for("*", "production");
  CHECK(tried.simulate(wide, 100).looked_at == 2);
  CHECK(tried.simulate(wide, 100).under_way == 1);
  CHECK(tried.simulate(policy_for("m", "production"), 100, [](const std::string& model) { return model == "m"; })
            .looked_at == 1);
  CHECK(tried.simulate(wide, 100, [](const std::string& model) { return model != "m"; }).looked_at == 1);
  CHECK(tried.simulate(policy_for("*", "nowhere"), 100).looked_at == 0);
}

TEST_CASE("more promotions than a page holds are all looked at, and no more than were asked for") {
  Tried tried;
  for (int i = 0; i < 510; ++i) tried.submit("m", std::to_string(i), core::Verdict::passed);
  auto strange = std::make_shared<core::Policy>(*policy_for("m", "production"));
  strange->stages[0].gates[0].kind = "smoke-test";
  const auto all = tried.simulate(strange, 10'000);
  CHECK(all.looked_at == 510);
  CHECK(all.untold == 510);
  CHECK(all.unknown.size() == engine::Simulated::most_told);
  CHECK(all.unknown.front().version == "509");
  CHECK_FALSE(all.stopped_early);
  CHECK(tried.simulate(strange, 300).looked_at == 300);
}

TEST_CASE("a way back is decided again over the way back of the policy") {
  Tried tried;
  tried.submit("m", "1", core::Verdict::passed);
  tried.submit("m", "2", core::Verdict::passed);
  const core::LaneKey lane{"m", "production"};
  core::Event back = core::RollbackAsked{lane, "prm_zz", "ann", {}, "slow", {}};
  REQUIRE(tried.rig.run(tried.rig.engine.submit(std::move(back))));
  auto strict = std::make_shared<core::Policy>(*policy_for("m", "production"));
  CHECK(tried.simulate(strict, 100).same == 3);
  strict->rollback.approvals = {{"managers", 1}};
  const auto result = tried.simulate(strict, 100);
  CHECK(result.different == 1);
  CHECK(result.differing.at(0).would == engine::CameTo::awaiting_approval);
}

}  // namespace penstock::tests
