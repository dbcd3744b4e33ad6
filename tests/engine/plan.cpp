// What would be decided, without deciding it; and candidates that are opened in one lane only.
#include "tests/catch.hpp"
#include "tests/engine/rig.hpp"

namespace penstock::tests {
namespace {

const core::LaneKey model_lane{"m", "production"};

}  // namespace

TEST_CASE("a plan tells what would become of an event, and writes nothing") {
  asio::io_context context;
  const auto journal = journal::open_memory([&](std::function<void()> done) { asio::post(context, std::move(done)); });
  Rig rig(*journal, context, {policy_for("m", "production")});
  const auto id = rig.see("m", "1").promotions.front();
  const auto before = journal->newest_seq().value();
  const auto version = journal->lane(model_lane)->version;

  core::Event withdrawal = core::WithdrawalAsked{id, "ann", "no"};
  const auto planned = rig.run(rig.engine.plan(withdrawal));
  REQUIRE(planned);
  CHECK(core::phase_name(core::find(planned->lane, id)->phase) == "withdrawn");
  core::Event back = core::RollbackAsked{model_lane, "prm_new", "ann", {}, "slow", {}};
  const auto refused = rig.run(rig.engine.plan(back));
  REQUIRE(refused);
  REQUIRE(refused->refused);
  CHECK(refused->refused->code == "conflict");

  CHECK(journal->newest_seq().value() == before);
  CHECK(journal->lane(model_lane)->version == version);
  CHECK_FALSE(core::is_end(rig.run(rig.engine.promotion(id))->phase));
  core::Event unknown = core::WithdrawalAsked{"prm_none", "ann", "no"};
  CHECK(rig.run(rig.engine.plan(unknown)).error().code == "unknown-promotion");
}

TEST_CASE("a planned candidate is taken under the policy in force, and told when there is none") {
  asio::io_context context;
  const auto journal = journal::open_memory([&](std::function<void()> done) { asio::post(context, std::move(done)); });
  Rig rig(*journal, context, {policy_for("m", "production")});
  core::Lane empty;
  empty.key = model_lane;
  core::Event seen = core::CandidateSeen{"prm_new", runtime::sha256("c"), "1", {}, "ann", "api", nullptr};
  const auto planned = rig.run(rig.engine.plan(empty, seen));
  REQUIRE(planned);
  CHECK(planned->lane.promotions.front().policy->name == "production");
  empty.key.environment = "nowhere";
  CHECK(rig.run(rig.engine.plan(empty, seen)).error().code == "no-policy");
}

TEST_CASE("a candidate that is seen again for one environment is opened there and nowhere else") {
  asio::io_context context;
  const auto journal = journal::open_memory([&](std::function<void()> done) { asio::post(context, std::move(done)); });
  Rig rig(*journal, context, {policy_for("m", "production"), policy_for("m", "staging")});
  for (const auto& id : rig.see("m", "1").promotions) {
    core::Event withdrawal = core::WithdrawalAsked{id, "ann", "no"};
    REQUIRE(rig.run(rig.engine.submit(std::move(withdrawal))));
  }
  engine::SeenCandidate again{candidate("m", "1"), "ann", "retry:ann", true, {}, "staging"};
  const auto seen = rig.run(rig.engine.see(again));
  REQUIRE(seen);
  REQUIRE(seen->promotions.size() == 1);
  CHECK(rig.run(rig.engine.promotion(seen->promotions.front()))->lane.environment == "staging");
  CHECK((*rig.run(rig.engine.lane(model_lane)))->promotions.empty());
  again.environment = "nowhere";
  CHECK(rig.run(rig.engine.see(again)).error().code == "no-policy");
}

}  // namespace penstock::tests
