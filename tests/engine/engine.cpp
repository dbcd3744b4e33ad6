#include "daemon/engine/engine.hpp"

#include "tests/catch.hpp"
#include "tests/engine/rig.hpp"
#include "tests/engine/slow_journal.hpp"

namespace penstock::tests {

TEST_CASE("a candidate opens one promotion in each lane whose policy covers its model") {
  MemoryWorld world;
  Rig rig(*world.journal, world.context,
          {policy_for("fraud-*", "staging"), policy_for("*", "production"), policy_for("spam", "staging")});
  const auto seen = rig.see("fraud-eu", "1");
  CHECK(seen.created);
  REQUIRE(seen.promotions.size() == 2);
  CHECK(rig.promotion(seen.promotions[0]).lane == core::LaneKey{"fraud-eu", "staging"});
  CHECK(rig.promotion(seen.promotions[1]).lane == core::LaneKey{"fraud-eu", "production"});
}

TEST_CASE("three triggers of one candidate are one candidate and one promotion") {
  MemoryWorld world;
  Rig rig(*world.journal, world.context, {policy_for("*", "production")});
  const auto first = rig.see("m", "1");
  const auto second = rig.see("m", "1");
  CHECK_FALSE(second.created);
  CHECK(second.id == first.id);
  CHECK(second.promotions == first.promotions);
}

TEST_CASE("the same candidate shown by many at once is created once") {
  MemoryWorld world;
  Rig rig(*world.journal, world.context, {policy_for("*", "staging"), policy_for("*", "production")});
  int created = 0;
  int ended = 0;
  for (int i = 0; i < 20; ++i)
    asio::co_spawn(
        rig.context,
        [&]() -> asio::awaitable<void> {
          engine::SeenCandidate seen{candidate("m", "1"), "sue", "api", false, {}};
          const auto outcome = co_await rig.engine.see(seen);
          if (outcome && outcome->created) ++created;
          ++ended;
        },
        asio::detached);
  rig.run_until([&] { return ended == 20; });
  CHECK(created == 1);
  journal::PromotionQuery query;
  CHECK(world.journal->promotions(query)->size() == 2);
}

TEST_CASE("a model that no policy covers is refused, and says what to do") {
  MemoryWorld world;
  Rig rig(*world.journal, world.context, {policy_for("fraud-*", "production")});
  engine::SeenCandidate seen{candidate("other", "1"), "sue", "api", false, {}};
  const auto outcome = rig.run(rig.engine.see(seen));
  REQUIRE(!outcome);
  CHECK(outcome.error().code == "no-policy");
}

TEST_CASE("a candidate whose promotion has ended is promoted again only when that is asked for") {
  MemoryWorld world;
  Rig rig(*world.journal, world.context, {policy_for("*", "production")});
  rig.performer.verdict = core::Verdict::failed;
  REQUIRE(rig.run(rig.worker.start()));
  const auto first = rig.see("m", "1");
  rig.run_until_phase(first.promotions[0], "rejected");
  CHECK(rig.see("m", "1").promotions == first.promotions);
  const auto again = rig.see("m", "1", true);
  CHECK_FALSE(again.created);
  REQUIRE(again.promotions.size() == 1);
  CHECK(again.promotions != first.promotions);
}

TEST_CASE("a decision on a promotion that has ended changes nothing and says so") {
  MemoryWorld world;
  Rig rig(*world.journal, world.context, {policy_for("*", "production")});
  const auto seen = rig.see("m", "1");
  REQUIRE(rig.run(rig.engine.submit(core::WithdrawalAsked{seen.promotions[0], "sue", "typo"})));
  const auto outcome = rig.run(rig.engine.submit(core::RetryAsked{seen.promotions[0], "ann"}));
  REQUIRE(outcome);
  CHECK_FALSE(outcome->ignored.empty());
  CHECK(core::phase_name(outcome->promotion.phase) == "withdrawn");
}

TEST_CASE("an unknown promotion is a problem with a next step") {
  MemoryWorld world;
  Rig rig(*world.journal, world.context, {policy_for("*", "production")});
  CHECK(rig.run(rig.engine.submit(core::RetryAsked{"prm_none", "ann"})).error().code == "unknown-promotion");
}

TEST_CASE("events are published in the order of the journal, after they are journalled") {
  MemoryWorld world;
  Rig rig(*world.journal, world.context, {policy_for("*", "production")});
  for (int i = 0; i < 5; ++i) rig.see("m" + std::to_string(i), "1");
  const auto published = rig.engine.feed().after(0);
  REQUIRE(published);
  const auto stored = world.journal->events(0, 100);
  REQUIRE(published->size() == stored->size());
  for (std::size_t i = 0; i < stored->size(); ++i) {
    CHECK((*published)[i].seq == (*stored)[i].seq);
    CHECK((*published)[i].document == (*stored)[i].document);
  }
}

TEST_CASE("what a person must send back to decide depends on candidate, policy and findings") {
  core::Promotion promotion;
  promotion.candidate = core::Digest::from_hex(std::string(64, 'a'));
  promotion.policy = policy_for("fraud", "production");
  const auto before = engine::Engine::decision_digest(promotion);
  CHECK(engine::Engine::decision_digest(promotion) == before);
  auto other = promotion;
  other.candidate = core::Digest::from_hex(std::string(64, 'b'));
  CHECK(engine::Engine::decision_digest(other) != before);
  other = promotion;
  other.policy = policy_for("fraud", "staging");
  CHECK(engine::Engine::decision_digest(other) != before);
  other = promotion;
  core::Check check;
  check.gate = "contract";
  core::Finding finding;
  finding.observed = "178 rows";
  check.finding = finding;
  other.checks.push_back(check);
  CHECK(engine::Engine::decision_digest(other) != before);
}

TEST_CASE("facts about a lane are journalled with it and survive a restart") {
  MemoryWorld world;
  const core::LaneKey lane{"fraud", "production"};
  {
    Rig rig(*world.journal, world.context, {policy_for("fraud", "production")});
    core::Event pin = core::PinSet{lane, "ann", "audit", ""};
    CHECK(rig.run(rig.engine.submit(pin))->promotion.id.empty());
  }
  Rig rig(*world.journal, world.context, {policy_for("fraud", "production")});
  const auto seen = rig.see("fraud", "1");
  CHECK(rig.phase(seen.promotions.front()) == "queued");
  REQUIRE((*rig.run(rig.engine.lane(lane)))->state.pin);
  core::Event release = core::PinReleased{lane, "ann", ""};
  REQUIRE(rig.run(rig.engine.submit(release)));
  CHECK(rig.phase(seen.promotions.front()) == "checking");
}

TEST_CASE("a stop holds for every lane at once, also after a restart, until it is lifted") {
  MemoryWorld world;
  const core::Stop stop{"stp_1", "fraud", "*", "zoe", "incident 12", {}};
  {
    Rig rig(*world.journal, world.context, {policy_for("fraud", "production")});
    core::Event set = core::StopSet{core::every_lane, stop, ""};
    REQUIRE(rig.run(rig.engine.submit(set)));
  }
  Rig rig(*world.journal, world.context, {policy_for("fraud", "production"), policy_for("risk", "production")});
  rig.run(rig.worker.start());
  rig.run_until_phase(rig.see("risk", "1").promotions.front(), "live");
  const auto held_back = rig.see("fraud", "1").promotions.front();
  rig.run_until_phase(held_back, "awaiting_window");
  core::Event lift = core::StopLifted{core::every_lane, "stp_1", "zoe", ""};
  REQUIRE(rig.run(rig.engine.submit(lift)));
  rig.clock.advance(31s);
  rig.run_until_phase(held_back, "live");
}

TEST_CASE("what was live when is kept, also across a rollback") {
  MemoryWorld world;
  Rig rig(*world.journal, world.context, {policy_for("fraud", "production")});
  rig.run(rig.worker.start());
  const core::LaneKey lane{"fraud", "production"};
  const auto first = rig.see("fraud", "1").promotions.front();
  rig.run_until_phase(first, "live");
  rig.clock.advance(1h);
  const auto second = rig.see("fraud", "2").promotions.front();
  rig.run_until_phase(second, "live");
  rig.clock.advance(1h);
  core::Event back = core::RollbackAsked{lane, "prm_back", "ann", {}, "errors", {}};
  REQUIRE(rig.run(rig.engine.submit(back)));
  CHECK(rig.phase("prm_back") == "live");
  CHECK(rig.phase(second) == "rolled_back");
  const auto spans = world.journal->live_spans(lane, std::nullopt, 10);
  REQUIRE(spans);
  REQUIRE(spans->size() == 3);
  CHECK((*spans)[0].promotion == "prm_back");
  CHECK((*spans)[0].version == "1");
  CHECK((*spans)[1].version == "2");
  CHECK((*spans)[1].until == (*spans)[0].since);
}

TEST_CASE("a candidate that was kept with credentials in an address is still read after a restart") {
  MemoryWorld world;
  core::CandidateId id;
  auto kept = candidate("m", "1");
  kept.git = core::GitRef{"https://ghp_1@github.com/a/b.git", std::string(40, 'c')};
  {
    Rig rig(*world.journal, world.context, {policy_for("*", "production")});
    engine::SeenCandidate seen{kept, "sue", "api", false, {}};
    id = rig.run(rig.engine.see(seen)).value().id;
  }
  Rig rig(*world.journal, world.context, {policy_for("*", "production")});
  CHECK(rig.run(rig.engine.candidate(id)).value() == kept);
}

TEST_CASE("a policy that cannot be read just now is no damage, and is read when the journal is back") {
  MemoryWorld world;
  core::PromotionId id;
  {
    Rig rig(*world.journal, world.context, {policy_for("m", "production")});
    id = rig.see("m", "1").promotions.front();
  }
  SlowJournal slow(*world.journal);
  slow.is_away = true;
  Rig rig(slow, world.context, {policy_for("m", "production")});
  const auto read = rig.run(rig.engine.promotion(id));
  REQUIRE_FALSE(read);
  CHECK(read.error().message == "the database is away");
  CHECK(read.error().transient);
  CHECK(rig.run(rig.engine.lane({"m", "production"})).error() == read.error());
  slow.is_away = false;
  CHECK(rig.phase(id) == "checking");
}

TEST_CASE("with a lane it is forgotten which promotions are in it, and read again") {
  MemoryWorld world;
  SlowJournal slow(*world.journal);
  Rig rig(slow, world.context, {policy_for("m", "production")});
  const auto id = rig.see("m", "1").promotions.front();
  slow.held = true;
  bool answered = false;
  const auto pin = [&]() -> asio::awaitable<void> {
    core::Event set = core::PinSet{{"m", "production"}, "ann", "audit", ""};
    const auto kept = co_await rig.engine.submit(std::move(set));
    CHECK_FALSE(kept);
    answered = true;
  };
  asio::co_spawn(world.context, pin(), asio::detached);
  rig.run_until([&] { return slow.waiting() == 1; });
  // The lane is forgotten, because it was changed by what was not kept.
  slow.release(true);
  rig.run_until([&] { return answered; });
  CHECK(slow.promotions_read == 0);
  REQUIRE(rig.run(rig.engine.submit(core::WithdrawalAsked{id, "sue", "typo"})));
  CHECK(slow.promotions_read == 1);
}

}  // namespace penstock::tests
