// What is told, to whom, and when: nothing before it is journalled, and only what concerns the one who waits.
#include "daemon/engine/feed.hpp"

#include "tests/catch.hpp"
#include "tests/engine/rig.hpp"
#include "tests/engine/slow_journal.hpp"

using namespace penstock;
using namespace penstock::tests;

namespace {

journal::EventRow event_of(std::int64_t seq, const core::PromotionId& promotion) {
  journal::EventRow row;
  row.seq = seq;
  row.promotion = promotion;
  return row;
}

}  // namespace

TEST_CASE("who waits for one promotion is not woken by what happens to another") {
  asio::io_context context;
  engine::Feed feed(context.get_executor());
  bool woken = false;
  const auto waiting = [&]() -> asio::awaitable<void> {
    co_await feed.wait_for("mine", 0, std::chrono::steady_clock::now() + 10s);
    woken = true;
  };
  asio::co_spawn(context, waiting(), asio::detached);
  context.poll();
  feed.publish({event_of(1, "another")});
  context.poll();
  CHECK_FALSE(woken);
  feed.publish({event_of(2, "mine")});
  context.poll();
  CHECK(woken);
}

TEST_CASE("an event that came before the wait began ends it at once") {
  asio::io_context context;
  engine::Feed feed(context.get_executor());
  feed.publish({event_of(1, "mine"), event_of(2, "another")});
  int ended = 0;
  const auto waiting = [&](std::int64_t seq) -> asio::awaitable<void> {
    co_await feed.wait_for("mine", seq, std::chrono::steady_clock::now() + 10s);
    ++ended;
  };
  asio::co_spawn(context, waiting(0), asio::detached);
  asio::co_spawn(context, waiting(1), asio::detached);
  context.poll();
  CHECK(ended == 1);
  feed.stop();
  context.poll();
  CHECK(ended == 2);
}

TEST_CASE("what could not be read while the journal was away comes into the feed without a further event") {
  MemoryWorld world;
  SlowJournal slow(*world.journal);
  Rig rig(slow, world.context, {policy_for("fraud", "production")});
  Rig other(*world.journal, world.context, {policy_for("fraud", "production")});
  other.see("fraud", "1");
  slow.is_away = true;
  rig.engine.catch_up();
  rig.run_until([&] { return slow.failed_reads > 0; });
  CHECK(rig.engine.feed().newest() == 0);
  slow.is_away = false;
  rig.run_until([&] { return rig.engine.feed().newest() == world.journal->newest_seq().value(); });
}

TEST_CASE("a feed that is stopped while the journal is away leaves nothing behind that waits") {
  MemoryWorld world;
  SlowJournal slow(*world.journal);
  slow.is_away = true;
  {
    Rig rig(slow, world.context, {policy_for("fraud", "production")});
    rig.engine.catch_up();
    rig.run_until([&] { return slow.failed_reads > 0; });
  }
  world.context.restart();
  world.context.poll();
  CHECK(world.context.stopped());
}

TEST_CASE("nobody is told what is not journalled yet") {
  MemoryWorld world;
  SlowJournal slow(*world.journal);
  auto policy = policy_for("fraud", "production");
  policy->approvals = {{"release-managers", 1}};
  Rig rig(slow, world.context, {policy});
  const auto id = rig.see("fraud", "1").promotions.front();
  rig.run(rig.worker.start());
  rig.run_until_phase(id, "awaiting_approval");

  slow.held = true;
  const auto promotion = rig.run(rig.engine.promotion(id));
  bool answered = false;
  const auto approve = [&]() -> asio::awaitable<void> {
    core::Event event = core::ApprovalGiven{id,
                                            promotion->candidate,
                                            promotion->policy->digest,
                                            "ann",
                                            {"release-managers"},
                                            {},
                                            "",
                                            "",
                                            engine::Engine::findings_digest(*promotion)};
    co_await rig.engine.submit(std::move(event));
    answered = true;
  };
  asio::co_spawn(world.context, approve(), asio::detached);
  CHECK(rig.phase(id) == "awaiting_approval");
  CHECK((*rig.run(rig.engine.lane({"fraud", "production"})))->promotions.front().approvals.empty());
  CHECK_FALSE(answered);
  slow.release();
  rig.run_until([&] { return answered; });
  CHECK(rig.phase(id) == "live");
}

TEST_CASE("a candidate that is shown again is known only when it is journalled") {
  MemoryWorld world;
  SlowJournal slow(*world.journal);
  Rig rig(slow, world.context, {policy_for("fraud", "production")});
  slow.held = true;
  int answered = 0;
  const auto show = [&]() -> asio::awaitable<void> {
    engine::SeenCandidate seen{candidate("fraud", "1"), "sue", "api", false, {}};
    const auto outcome = co_await rig.engine.see(seen);
    CHECK(outcome->promotions.size() == 1);
    ++answered;
  };
  asio::co_spawn(world.context, show(), asio::detached);
  asio::co_spawn(world.context, show(), asio::detached);
  world.context.run_for(50ms);
  CHECK(answered == 0);
  slow.release();
  rig.run_until([&] { return answered == 2; });
}

TEST_CASE("who comes second is not told that it is done when what came first did not reach the journal") {
  MemoryWorld world;
  SlowJournal slow(*world.journal);
  Rig rig(slow, world.context, {policy_for("fraud", "production")});
  slow.held = true;
  std::vector<core::Result<engine::SeenOutcome>> answers;
  const auto show = [&]() -> asio::awaitable<void> {
    engine::SeenCandidate seen{candidate("fraud", "1"), "sue", "api", false, {}};
    answers.push_back(co_await rig.engine.see(seen));
  };
  asio::co_spawn(world.context, show(), asio::detached);
  asio::co_spawn(world.context, show(), asio::detached);
  world.context.run_for(50ms);
  slow.release(true);
  rig.run_until([&] { return answers.size() == 2; });
  CHECK(answers[0].error().code == "journal-full");
  REQUIRE(answers[1]);
  CHECK(answers[1]->created);
  CHECK(world.journal->candidate(answers[1]->id)->has_value());
}

TEST_CASE("a lane is not what it was before a decision that was on its way when it was read") {
  MemoryWorld world;
  SlowJournal slow(*world.journal);
  Rig rig(slow, world.context, {policy_for("fraud", "production")});
  const core::LaneKey key{"fraud", "production"};
  const auto first = rig.see("fraud", "1").promotions.front();
  core::Event away = core::WithdrawalAsked{first, "ann", "second thoughts"};
  REQUIRE(rig.run(rig.engine.submit(std::move(away))));

  slow.held = true;
  int ended = 0;
  const auto show = [&](std::string version) -> asio::awaitable<void> {
    engine::SeenCandidate seen{candidate("fraud", version), "sue", "api", false, {}};
    co_await rig.engine.see(seen);
    ++ended;
  };
  const auto look = [&]() -> asio::awaitable<void> {
    co_await rig.engine.lane(key);
    ++ended;
  };
  asio::co_spawn(world.context, show("2"), asio::detached);
  asio::co_spawn(world.context, show("1"), asio::detached);  // which the journal knows, and will refuse
  rig.run_until([&] { return slow.waiting() == 2; });
  slow.fail_first();
  rig.run_until([&] { return ended == 1; });
  // The lane is forgotten, and read by two: one gets it late, the other one decides on it.
  slow.holds_a_read = true;
  asio::co_spawn(world.context, look(), asio::detached);
  world.context.restart();
  world.context.run_for(20ms);
  asio::co_spawn(world.context, show("3"), asio::detached);
  rig.run_until([&] { return slow.waiting() >= 2; });
  slow.release();
  world.context.restart();
  world.context.run_for(20ms);
  slow.lets_read_go = true;
  rig.run_until([&] { return ended == 4; });
  const auto lane = rig.run(rig.engine.lane(key)).value();
  CHECK(lane->promotions.size() == 1);
  CHECK(lane->version == world.journal->lane(key)->version);
}
