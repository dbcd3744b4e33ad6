#include "daemon/engine/outbox_worker.hpp"

#include "tests/catch.hpp"
#include "tests/engine/among_several.hpp"
#include "tests/engine/rig.hpp"
#include "tests/engine/slow_journal.hpp"

namespace penstock::tests {
namespace {

// Takes so long that its lease ends, and another daemon claims the row.
class Overtaken : public engine::Performer {
 public:
  Overtaken(journal::Journal& journal, runtime::ManualClock& clock) : journal_(journal), clock_(clock) {}
  asio::awaitable<engine::Performed> perform(const core::Command&, const journal::OutboxRow&) override {
    clock_.advance(1h);
    taken = journal_.claim(clock_.now(), clock_.now() + 5min, 9)->size();
    co_return engine::TryAgain{clock_.now() + 1s};
  }
  std::size_t taken = 0;

 private:
  journal::Journal& journal_;
  runtime::ManualClock& clock_;
};

}  // namespace

TEST_CASE("what is due is carried out, and its answer moves the promotion") {
  MemoryWorld world;
  Rig rig(*world.journal, world.context, {policy_for("*", "production")});
  REQUIRE(rig.run(rig.worker.start()));
  const auto id = rig.see("m", "1").promotions[0];
  rig.run_until_phase(id, "live");
  CHECK(rig.performer.asked.at("check/" + id + "/gate/1") == 1);
  CHECK_FALSE(world.journal->next_due()->has_value());
}

TEST_CASE("what an earlier daemon had begun is carried out again by the next one") {
  MemoryWorld world;
  core::PromotionId id;
  {
    Rig first(*world.journal, world.context, {policy_for("*", "production")});
    // Its worker never starts: the row is leased to it, and then it is gone.
    id = first.see("m", "1").promotions[0];
  }
  Rig second(*world.journal, world.context, {policy_for("*", "production")});
  REQUIRE(second.run(second.worker.start()));
  second.run_until_phase(id, "live");
  CHECK(second.performer.asked.size() == 1);
}

TEST_CASE("a timer fires when its time has come, not before") {
  auto policy = policy_for("*", "production");
  policy->hold_for = 1h;
  MemoryWorld world;
  Rig rig(*world.journal, world.context, {policy});
  rig.performer.verdict = core::Verdict::inconclusive;
  REQUIRE(rig.run(rig.worker.start()));
  const auto id = rig.see("m", "1").promotions[0];
  rig.run_until_phase(id, "held");
  rig.clock.advance(59min);
  rig.context.restart();
  rig.context.run_for(50ms);
  CHECK(rig.phase(id) == "held");
  rig.clock.advance(2min);
  rig.run_until_phase(id, "expired");
}

TEST_CASE("a performer that throws does not take the row with it: it is tried again") {
  MemoryWorld world;
  Rig rig(*world.journal, world.context, {policy_for("*", "production")});
  rig.performer.throws = true;
  REQUIRE(rig.run(rig.worker.start()));
  const auto id = rig.see("m", "1").promotions[0];
  const auto key = "check/" + id + "/gate/1";
  rig.run_until([&] { return rig.performer.asked[key] >= 1; });
  rig.performer.throws = false;
  rig.clock.advance(31s);
  rig.run_until_phase(id, "live");
  CHECK(rig.performer.asked[key] == 2);
}

TEST_CASE("what is to be tried again, but was claimed by another daemon meanwhile, stays with that one") {
  MemoryWorld world;
  Rig rig(*world.journal, world.context, {policy_for("*", "production")});
  AmongSeveral daemon(rig.clock);
  Overtaken performer(*world.journal, rig.clock);
  engine::OutboxWorker worker({world.context.get_executor(),
                               rig.engine,
                               *world.journal,
                               rig.pool,
                               rig.clock,
                               daemon.claims,
                               {{"check", &performer}}});
  REQUIRE(rig.run(worker.start()));
  rig.see("m", "1");
  rig.run_until([&] { return performer.taken > 0 && worker.running() == 0; });
  CHECK(world.journal->claim(rig.clock.now() + 2s, rig.clock.now() + 1h, 9)->empty());
  rig.run(worker.stop(1s));
  world.context.restart();
  world.context.run_for(50ms);
}

TEST_CASE("an answer that comes too late is dropped with its row") {
  MemoryWorld world;
  Rig rig(*world.journal, world.context, {policy_for("*", "production")});
  const auto id = rig.see("m", "1").promotions[0];
  REQUIRE(rig.run(rig.engine.submit(core::WithdrawalAsked{id, "sue", "typo"})));
  core::Finding passed;
  passed.verdict = core::Verdict::passed;
  const auto outcome =
      rig.run(rig.engine.submit(core::CheckReported{id, "gate", 1, passed}, "check/" + id + "/gate/1"));
  REQUIRE(outcome);
  CHECK(core::phase_name(outcome->promotion.phase) == "withdrawn");
  CHECK_FALSE(world.journal->next_due()->has_value());
}

TEST_CASE("what is due is not carried out before whoever decided on it has its answer") {
  MemoryWorld world;
  SlowJournal slow(*world.journal);
  Rig rig(slow, world.context, {policy_for("*", "production")});
  slow.holds_answers = true;
  bool seen = false;
  const auto show = [&]() -> asio::awaitable<void> {
    engine::SeenCandidate candidate_seen{candidate("m", "1"), "sue", "api", false, {}};
    co_await rig.engine.see(candidate_seen);
    seen = true;
  };
  asio::co_spawn(world.context, show(), asio::detached);
  rig.run_until([&] { return world.journal->newest_seq().value() > 0; });
  // The lease that the decision gave has ended: whoever claims gets the row.
  rig.clock.advance(1h);
  REQUIRE(rig.run(rig.worker.start()));
  world.context.restart();
  world.context.run_for(100ms);
  CHECK(world.journal->claim(rig.clock.now(), rig.clock.now() + 1h, 9)->empty());
  CHECK(rig.performer.asked.empty());
  CHECK_FALSE(seen);
  slow.answer();
  rig.run_until([&] { return seen && !rig.performer.asked.empty(); });
}

namespace {

// Keeps what it was told to sleep, and sleeps longer than that: as the timers of a busy machine do.
class LateAlarm : public runtime::Alarm {
 public:
  LateAlarm(std::unique_ptr<runtime::Alarm> inner, std::vector<core::Duration>& asked)
      : inner_(std::move(inner)), asked_(asked) {}
  asio::awaitable<void> sleep(core::Duration pause) override {
    asked_.push_back(pause);
    co_await inner_->sleep(pause + 50ms);
  }
  void ring() override { inner_->ring(); }

 private:
  std::unique_ptr<runtime::Alarm> inner_;
  std::vector<core::Duration>& asked_;
};

}  // namespace

TEST_CASE("a stop waits once, for what is under way or for the grace, however late timers are") {
  MemoryWorld world;
  Rig rig(*world.journal, world.context, {policy_for("*", "production")});
  std::vector<core::Duration> asked;
  const auto late = [&asked](const asio::any_io_executor& executor) -> std::unique_ptr<runtime::Alarm> {
    return std::make_unique<LateAlarm>(runtime::real_alarm(executor), asked);
  };
  engine::OutboxWorker worker({.executor = world.context.get_executor(),
                               .engine = rig.engine,
                               .journal = *world.journal,
                               .pool = rig.pool,
                               .clock = rig.clock,
                               .claims = rig.claims,
                               .performers = {{"check", &rig.performer}, {"deliver", &rig.performer}},
                               .alarm = late});
  rig.performer.holds = true;
  REQUIRE(rig.run(worker.start()));
  rig.see("m", "1");
  rig.run_until([&] { return worker.running() == 1; });
  asked.clear();
  SECTION("what does not end is left") {
    rig.run(worker.stop(200ms));
    CHECK(asked == std::vector<core::Duration>{200ms});
    CHECK(worker.running() == 1);
  }
  SECTION("what ends ends the wait") {
    const auto end_soon = [&]() -> asio::awaitable<void> {
      rig.performer.holds = false;
      co_return;
    };
    asio::co_spawn(world.context, end_soon(), asio::detached);
    rig.run(worker.stop(1h));
    CHECK(asked == std::vector<core::Duration>{std::chrono::hours(1)});
    CHECK(worker.running() == 0);
  }
  rig.performer.holds = false;
  rig.run_until([&] { return worker.running() == 0; });
  world.context.restart();
  world.context.run_for(50ms);
}

TEST_CASE("a check that waits for others to end is answered at its deadline all the same") {
  constexpr std::size_t at_once = 8;  // the rig's
  auto policy = policy_for("*", "production");
  policy->stages[0].gates[0].deadline = 10min;
  MemoryWorld world;
  Rig rig(*world.journal, world.context, {policy});
  rig.performer.holds = true;
  REQUIRE(rig.run(rig.worker.start()));
  std::vector<core::PromotionId> ids;
  for (std::size_t i = 0; i <= at_once; ++i) ids.push_back(rig.see("m" + std::to_string(i), "1").promotions[0]);
  rig.run_until([&] { return rig.performer.asked.size() == at_once; });
  rig.clock.advance(10min - 1ms);
  world.context.restart();
  world.context.run_for(1100ms);
  CHECK(rig.performer.asked.size() == at_once);
  rig.clock.advance(1ms);
  rig.run_until([&] { return rig.performer.asked.size() > at_once; });
  CHECK(rig.worker.running() == at_once + 1);
  rig.performer.holds = false;
  for (const auto& id : ids) rig.run_until_phase(id, "live");
}

TEST_CASE("a hundred promotions at once all end, each gate asked once") {
  MemoryWorld world;
  Rig rig(*world.journal, world.context, {policy_for("*", "production")});
  REQUIRE(rig.run(rig.worker.start()));
  std::vector<core::PromotionId> ids;
  for (int i = 0; i < 100; ++i) ids.push_back(rig.see("m" + std::to_string(i), "1").promotions[0]);
  for (const auto& id : ids) rig.run_until_phase(id, "live");
  CHECK(rig.performer.asked.size() == 100);
  for (const auto& [key, count] : rig.performer.asked) CHECK(count == 1);
}

}  // namespace penstock::tests
