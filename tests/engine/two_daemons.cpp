// Two engines with a journal each on one real PostgreSQL, as two daemons have them.
#include "daemon/journal/postgres.hpp"
#include "daemon/journal/shared.hpp"
#include "tests/catch.hpp"
#include "tests/engine/rig.hpp"
#include "tests/journal/postgres_server.hpp"

namespace penstock::tests {
namespace {

struct Pair {
  asio::io_context context{1};
  std::string schema = journal::testing::PostgresServer::shared().fresh_schema();
  std::unique_ptr<journal::Journal> first_journal = open();
  std::unique_ptr<journal::Journal> second_journal = open();
  Rig one{*first_journal, context, {policy_for("*", "production")}};
  Rig two{*second_journal, context, {policy_for("*", "production")}};

  // Each one's journal may have a word for it on the context, and the other one runs that to its end.
  ~Pair() {
    one.stop();
    two.stop();
  }

  std::unique_ptr<journal::Journal> open() {
    journal::PostgresOptions options;
    options.connection = journal::testing::PostgresServer::shared().connection();
    options.schema = schema;
    auto post = [this](std::function<void()> done) { asio::post(context, std::move(done)); };
    return journal::open_postgres(options, post).value();
  }
  static core::Event withdrawal(const core::PromotionId& id) {
    return core::WithdrawalAsked{id, "ann", "second thoughts"};
  }
};

}  // namespace

TEST_CASE("what one daemon decides the other one shows at once") {
  Pair pair;
  // The lane is in the second daemon's memory, empty.
  const core::LaneKey key{"m", "production"};
  CHECK((*pair.two.run(pair.two.engine.lane(key)))->promotions.empty());
  const auto id = pair.one.see("m", "1").promotions.front();
  CHECK((*pair.two.run(pair.two.engine.lane(key)))->promotions.size() == 1);
  CHECK(pair.two.phase(id) == "checking");
  REQUIRE(pair.one.run(pair.one.engine.submit(Pair::withdrawal(id))));
  CHECK(pair.two.phase(id) == "withdrawn");
  CHECK((*pair.two.run(pair.two.engine.lane(key)))->promotions.empty());
}

TEST_CASE("a decision on a lane that another daemon has moved is made again") {
  Pair pair;
  pair.one.see("m", "1");
  pair.two.see("m", "2");
  pair.one.see("m", "3");
  pair.two.see("m", "4");
  CHECK((*pair.one.run(pair.one.engine.lane({"m", "production"})))->promotions.size() == 4);
  const auto again = pair.one.see("m", "4");
  CHECK_FALSE(again.created);
  CHECK(again.promotions.size() == 1);
}

TEST_CASE("nothing is built on a decision that another daemon came before") {
  Pair pair;
  const auto first = pair.one.see("m", "1").promotions.front();
  const auto second = pair.two.see("m", "2").promotions.front();
  // The first daemon does not know of that. Of two decisions that it makes at once, the one that comes too late would
  // have given the lane the version that the lane has now.
  int ended = 0;
  core::PromotionId third;
  const auto withdraw = [&]() -> asio::awaitable<void> {
    const auto kept = co_await pair.one.engine.submit(Pair::withdrawal(first));
    CHECK(kept);
    ++ended;
  };
  const auto show = [&]() -> asio::awaitable<void> {
    engine::SeenCandidate seen{candidate("m", "3"), "sue", "api", false, {}};
    const auto outcome = co_await pair.one.engine.see(seen);
    third = outcome.value().promotions.front();
    ++ended;
  };
  asio::co_spawn(pair.context, withdraw(), asio::detached);
  asio::co_spawn(pair.context, show(), asio::detached);
  pair.one.run_until([&] { return ended == 2; });
  CHECK(pair.one.phase(second) == "checking");
  CHECK(pair.one.phase(third) == "queued");
}

TEST_CASE("nothing is built on a stop that another daemon came before") {
  Pair pair;
  auto at_once = policy_for("*", "production");
  at_once->stages.clear();
  at_once->digest = runtime::sha256(core::canonical_bytes(*at_once));
  pair.one.reload({at_once});
  REQUIRE(pair.one.phase(pair.one.see("other", "1").promotions.front()) == "live");
  // The other one's stop gives the lane of what holds everywhere the version that this one's would have given it.
  core::Event set = core::StopSet{core::every_lane, {"stp_2", "m", "*", "ann", "incident", {}}, ""};
  REQUIRE(pair.two.run(pair.two.engine.submit(set)));
  int ended = 0;
  core::PromotionId shown;
  const auto stop = [&]() -> asio::awaitable<void> {
    core::Event late = core::StopSet{core::every_lane, {"stp_1", "elsewhere", "*", "bob", "a move", {}}, ""};
    const auto kept = co_await pair.one.engine.submit(std::move(late));
    CHECK(kept);
    ++ended;
  };
  const auto show = [&]() -> asio::awaitable<void> {
    engine::SeenCandidate seen{candidate("m", "1"), "sue", "api", false, {}};
    const auto outcome = co_await pair.one.engine.see(seen);
    shown = outcome.value().promotions.front();
    ++ended;
  };
  asio::co_spawn(pair.context, stop(), asio::detached);
  asio::co_spawn(pair.context, show(), asio::detached);
  pair.one.run_until([&] { return ended == 2; });
  CHECK(pair.one.phase(shown) == "awaiting_window");
  CHECK(pair.one.run(pair.one.engine.world({"m", "production"}))->stops->size() == 2);
}

TEST_CASE("nothing is refused because of what another daemon has changed since") {
  Pair pair;
  pair.two.see("m", "1");
  const auto id = pair.one.see("m", "2").promotions.front();
  // The second daemon has the lane in memory, without this promotion.
  const auto withdrawn = pair.two.run(pair.two.engine.submit(Pair::withdrawal(id)));
  REQUIRE(withdrawn);
  CHECK(withdrawn->ignored.empty());
  const auto late = pair.one.run(pair.one.engine.submit(Pair::withdrawal(id)));
  REQUIRE(late);
  CHECK_FALSE(late->ignored.empty());
}

TEST_CASE("a stop that one daemon sets holds at the other one from its next decision on") {
  Pair pair;
  pair.two.see("other", "1");  // so that the second daemon knows what holds everywhere
  const core::Stop stop{"stp_1", "m", "*", "ann", "incident", {}};
  core::Event set = core::StopSet{core::every_lane, stop, ""};
  REQUIRE(pair.one.run(pair.one.engine.submit(set)));
  REQUIRE(pair.two.run(pair.two.worker.start()));
  const auto id = pair.two.see("m", "1").promotions.front();
  pair.two.run_until_phase(id, "awaiting_window");
  core::Event lift = core::StopLifted{core::every_lane, "stp_1", "ann", ""};
  REQUIRE(pair.one.run(pair.one.engine.submit(lift)));
  const auto world = pair.two.run(pair.two.engine.world({"m", "production"}));
  REQUIRE(world);
  CHECK(world->stops->empty());
}

TEST_CASE("whoever has claimed a command learns that another daemon has claimed one in the same lane") {
  Pair pair;
  const core::LaneKey lane{"m", "production"};
  const auto elsewhere = [&](Rig& rig) { return rig.run(rig.engine.lane_to_act_in(lane, "check")).value() == nullptr; };
  CHECK_FALSE(elsewhere(pair.two));
  // The check is due at once, and leased to the daemon that has decided so.
  pair.one.see("m", "1");
  CHECK(elsewhere(pair.two));
  CHECK_FALSE(elsewhere(pair.one));
}

TEST_CASE("what takes longer than its lease stays with the daemon that carries it out") {
  Pair pair;
  const core::LaneKey lane{"m", "production"};
  pair.one.performer.holds = true;
  REQUIRE(pair.one.run(pair.one.worker.start()));
  const auto id = pair.one.see("m", "1").promotions.front();
  pair.one.run_until([&] { return !pair.one.performer.asked.empty(); });
  const auto is_claimed = [&](core::Time at) {
    const auto standings = pair.second_journal->shared()->standings({{lane, "check"}}, at);
    return standings.value().front().claimed_elsewhere;
  };
  auto ends = pair.one.clock.now();
  while (is_claimed(ends)) ends += 1min;
  pair.one.clock.advance(ends - pair.one.clock.now() - 1min - 1s);
  pair.one.run_until([&] { return is_claimed(ends + 1min); });
  pair.one.performer.holds = false;
  pair.one.run_until_phase(id, "live");
  CHECK(pair.one.performer.asked.size() == 1);
}

TEST_CASE("each daemon's feed tells what both wrote, once and in the journal's order") {
  Pair pair;
  pair.first_journal->shared()->listen({[&] { pair.one.engine.catch_up(); }, {}});
  pair.second_journal->shared()->listen({[&] { pair.two.engine.catch_up(); }, {}});
  for (int i = 0; i < 5; ++i) {
    pair.one.see("a" + std::to_string(i), "1");
    pair.two.see("b" + std::to_string(i), "1");
  }
  for (auto* rig : {&pair.one, &pair.two}) {
    rig->run_until([&] { return rig->engine.feed().newest() == 10; });
    const auto events = rig->engine.feed().after(0);
    REQUIRE(events);
    REQUIRE(events->size() == 10);
    for (std::size_t i = 0; i < events->size(); ++i) CHECK(events->at(i).seq == static_cast<std::int64_t>(i + 1));
  }
}

TEST_CASE("what is due is carried out by one daemon, whichever it is") {
  Pair pair;
  REQUIRE(pair.one.run(pair.one.worker.start()));
  REQUIRE(pair.two.run(pair.two.worker.start()));
  std::vector<core::PromotionId> ids;
  for (int i = 0; i < 10; ++i)
    for (auto* rig : {&pair.one, &pair.two})
      ids.push_back(rig->see("m" + std::to_string(ids.size()), "1").promotions.front());
  for (const auto& id : ids) pair.one.run_until_phase(id, "live");
  std::map<std::string, int> asked = pair.one.performer.asked;
  for (const auto& [key, times] : pair.two.performer.asked) asked[key] += times;
  CHECK(asked.size() == ids.size());
  for (const auto& [key, times] : asked) CHECK(times == 1);
}

}  // namespace penstock::tests
