// Semaphores: how many lanes promote at once.
#include <nlohmann/json.hpp>

#include "daemon/core/codec.hpp"
#include "tests/catch.hpp"
#include "tests/core/story.hpp"

namespace penstock::tests {
namespace {

std::shared_ptr<Policy> tier_1() {
  auto policy = plain_policy();
  policy->stages = {{"data", {{"contract", "data-contract"}}}};
  policy->approvals = {{"release-managers", 1}};
  policy->deliveries = {{"serving", "webhook"}};
  policy->semaphore = "tier-1";
  return policy;
}

// Two lanes, and the lane of all lanes between them: wishes become events of the other lane at once.
class Lanes {
 public:
  explicit Lanes(int limit, std::shared_ptr<Policy> policy = tier_1()) : fraud(policy), risk(policy) {
    risk.lane.key = {"risk", "production"};
    every.lane.key = every_lane;
    allow(limit);
  }
  void allow(int limit) { limits(std::make_shared<Semaphores>(Semaphores{{"tier-1", limit}})); }
  void limits(std::shared_ptr<const Semaphores> semaphores) {
    every.world.semaphores = fraud.world.semaphores = risk.world.semaphores = semaphores;
  }
  // Carries out what the last decision of a lane wished of places, and what follows from that.
  void settle(Story& story) {
    const auto commands = story.decision.commands;
    for (const auto& command : commands) {
      if (const auto* ask = std::get_if<AskPlace>(&command)) tell_all(PlaceAsked{every_lane, ask->place, ""});
      if (const auto* back = std::get_if<ReturnPlace>(&command)) tell_all(PlaceReturned{every_lane, back->place, ""});
      const auto* grant = std::get_if<GrantPlace>(&command);
      if (grant == nullptr) continue;
      auto& to = grant->place.lane == fraud.lane.key ? fraud : risk;
      to.happens(PlaceGranted{grant->place.lane, grant->place, ""});
      settle(to);
    }
  }
  void tell_all(const Event& event) {
    every.now = std::max(fraud.now, risk.now);
    every.happens(event);
    fraud.world.places = risk.world.places = &every.lane.state.places;
    settle(every);
  }
  void approved(Story& story, char letter) {
    story.sees(letter).gate(letter, "contract", Verdict::passed).approves(letter, "ann");
    settle(story);
  }
  void confirmed(Story& story, char letter) {
    story.confirms(letter, "serving");
    settle(story);
  }
  std::size_t held() const {
    return places_of("tier-1", every.lane.state.places, every.world.semaphores.get()).held.size();
  }

  Story fraud, risk, every;
};

}  // namespace

TEST_CASE("no more lanes deliver at once than the semaphore has places; the next one goes when a place comes back") {
  Lanes lanes(1);
  lanes.approved(lanes.fraud, 'a');
  CHECK(lanes.fraud.phase('a') == "delivering");
  lanes.approved(lanes.risk, 'b');
  REQUIRE(lanes.risk.phase('b') == "awaiting_window");
  const auto wait = *wait_of(lanes.risk.of('b'));
  CHECK(wait.what.find("semaphore tier-1") != std::string::npos);
  CHECK(wait.what.find("held, by fraud-eu in production") != std::string::npos);
  CHECK(wait.until == lanes.risk.now + lanes.risk.of('b').policy->window_for);
  lanes.confirmed(lanes.fraud, 'a');
  CHECK(lanes.fraud.phase('a') == "live");
  CHECK(lanes.risk.phase('b') == "delivering");
  CHECK(lanes.held() == 1);
  lanes.confirmed(lanes.risk, 'b');
  CHECK(lanes.every.lane.state.places.empty());
  CHECK(lanes.risk.lane.state.places.empty());
}

TEST_CASE("a place is kept while what was delivered is watched, and while the delivery is held") {
  auto policy = tier_1();
  policy->watch = WatchSpec{.gates = {{"watch/errors", "smoke-test"}}};
  Lanes lanes(1, policy);
  lanes.approved(lanes.fraud, 'a');
  lanes.fraud.happens(DeliveryRefused{"pa", "serving", 1, "410", "ask"});
  lanes.settle(lanes.fraud);
  CHECK(lanes.held() == 1);
  lanes.fraud.happens(RetryAsked{"pa", "ann"});
  lanes.fraud.confirms('a', "serving", 2);
  lanes.settle(lanes.fraud);
  CHECK(lanes.fraud.phase('a') == "watching");
  CHECK(lanes.held() == 1);
  lanes.fraud.later(24h).deadline('a', "watch");
  lanes.settle(lanes.fraud);
  CHECK(lanes.held() == 0);
}

TEST_CASE("a lane that watches what it delivered uses its own place for the next candidate") {
  auto policy = tier_1();
  policy->watch = WatchSpec{.gates = {{"watch/errors", "smoke-test"}}};
  Lanes lanes(1, policy);
  lanes.approved(lanes.fraud, 'a');
  lanes.confirmed(lanes.fraud, 'a');
  lanes.approved(lanes.fraud, 'b');
  CHECK(lanes.fraud.phase('b') == "delivering");
  lanes.fraud.happens(DeliveryRefused{"pb", "serving", 1, "410", "ask"});
  lanes.fraud.happens(WithdrawalAsked{"pb", "ann", "no"});
  lanes.settle(lanes.fraud);
  CHECK(lanes.fraud.phase('a') == "watching");
  CHECK(lanes.held() == 1);
}

TEST_CASE("whoever ends while waiting for a place is passed over, and a place that comes too late goes back") {
  Lanes lanes(1);
  lanes.approved(lanes.fraud, 'a');
  lanes.approved(lanes.risk, 'b');
  const auto late = lanes.risk.lane.state.places.front();
  lanes.risk.happens(WithdrawalAsked{"pb", "ann", "not now"});
  CHECK(lanes.risk.wants("place/return/risk/production/tier-1/1"));
  auto given = late;
  given.since = lanes.risk.now;
  lanes.risk.happens(PlaceGranted{lanes.risk.lane.key, given, ""});
  CHECK(lanes.risk.wants("place/return/risk/production/tier-1/1"));
  lanes.settle(lanes.risk);
  lanes.confirmed(lanes.fraud, 'a');
  CHECK(lanes.every.lane.state.places.empty());
}

TEST_CASE("a candidate that supersedes the one that waits asks for a place of its own, after the others") {
  auto policy = tier_1();
  policy->queue = QueueMode::cancel_running;
  Lanes lanes(1, policy);
  lanes.approved(lanes.fraud, 'a');
  lanes.approved(lanes.risk, 'b');
  lanes.risk.later(1s).sees('c');
  lanes.settle(lanes.risk);
  CHECK(lanes.risk.phase('b') == "superseded");
  CHECK(lanes.every.lane.state.places.size() == 1);
  lanes.risk.gate('c', "contract", Verdict::passed).approves('c', "ann");
  lanes.settle(lanes.risk);
  CHECK(lanes.every.lane.state.places.back().number == 2);
  lanes.confirmed(lanes.fraud, 'a');
  CHECK(lanes.risk.phase('c') == "delivering");
}

TEST_CASE("when the place comes everything else is looked at again, and the place goes back if something is not so") {
  Lanes lanes(1);
  lanes.approved(lanes.fraud, 'a');
  lanes.approved(lanes.risk, 'b');
  SECTION("somebody who approved has left") {
    People people{{"ann", {"guests"}}};
    lanes.risk.world.people = &people;
    lanes.confirmed(lanes.fraud, 'a');
    CHECK(lanes.risk.phase('b') == "awaiting_approval");
  }
  SECTION("deliveries were stopped meanwhile") {
    std::vector<Stop> stops{{"s1", "*", "*", "zoe", "incident", {}}};
    lanes.risk.world.stops = &stops;
    lanes.confirmed(lanes.fraud, 'a');
    REQUIRE(lanes.risk.phase('b') == "awaiting_window");
    CHECK(lanes.risk.in<AwaitingWindow>('b').reason.find("stopped by zoe") != std::string::npos);
    CHECK(lanes.risk.in<AwaitingWindow>('b').semaphore.empty());
    stops.clear();
    lanes.risk.later(30s).deadline('b', "window");
    lanes.settle(lanes.risk);
    CHECK(lanes.risk.phase('b') == "delivering");
    return;
  }
  CHECK(lanes.every.lane.state.places.empty());
}

TEST_CASE("a wait for a place ends at its deadline") {
  Lanes lanes(1);
  lanes.approved(lanes.fraud, 'a');
  lanes.approved(lanes.risk, 'b');
  lanes.risk.later(24h * 14).deadline('b', "window");
  lanes.settle(lanes.risk);
  CHECK(lanes.risk.phase('b') == "expired");
  CHECK(lanes.risk.in<Expired>('b').what.starts_with("no place became free within 14d: 1 of 1 places"));
  CHECK(lanes.every.lane.state.places.size() == 1);
}

TEST_CASE("a limit that is raised lets those go on who wait; one that is lowered takes nothing away") {
  Lanes lanes(1);
  lanes.approved(lanes.fraud, 'a');
  lanes.approved(lanes.risk, 'b');
  CHECK_FALSE(lanes.every.happens(LimitsChanged{every_lane, ""}).decision.ignored.empty());
  lanes.allow(2);
  lanes.tell_all(LimitsChanged{every_lane, ""});
  CHECK(lanes.risk.phase('b') == "delivering");
  lanes.allow(1);
  CHECK(lanes.held() == 2);
  lanes.confirmed(lanes.fraud, 'a');
  lanes.approved(lanes.fraud, 'c');
  CHECK(lanes.fraud.phase('c') == "awaiting_window");
  lanes.confirmed(lanes.risk, 'b');
  CHECK(lanes.fraud.phase('c') == "delivering");
}

TEST_CASE("a semaphore that is declared no more gives out no place, and says so") {
  Lanes lanes(1);
  lanes.limits(std::make_shared<Semaphores>());
  lanes.approved(lanes.fraud, 'a');
  REQUIRE(lanes.fraud.phase('a') == "awaiting_window");
  CHECK(wait_of(lanes.fraud.of('a'))->what.find("no semaphore tier-1 is declared") != std::string::npos);
}

TEST_CASE("a rollback waits for no place") {
  Lanes lanes(1);
  lanes.approved(lanes.fraud, 'a');
  lanes.confirmed(lanes.fraud, 'a');
  lanes.approved(lanes.fraud, 'b');
  lanes.confirmed(lanes.fraud, 'b');
  lanes.approved(lanes.risk, 'c');
  CHECK(lanes.held() == 1);
  lanes.fraud.happens(RollbackAsked{lanes.fraud.lane.key, "pr", "ann", {"release-managers"}, "errors", {}});
  CHECK(lanes.fraud.phase('r') == "delivering");
  CHECK(lanes.fraud.lane.state.places.empty());
}

TEST_CASE("broken glass goes without a place where the policy says so, and says so") {
  auto policy = tier_1();
  policy->break_glass = BreakGlassSpec{"on-call", {}, {Dispensable::semaphores}, 1h, "infosec", 72h};
  Lanes lanes(1, policy);
  lanes.approved(lanes.fraud, 'a');
  lanes.approved(lanes.risk, 'b');
  for (const auto* person : {"bob", "cem"})
    lanes.risk.happens(BreakGlassAsked{"pb", digest_of('b'), policy->digest, person, {"on-call"}, "errors"});
  lanes.settle(lanes.risk);
  CHECK(lanes.risk.phase('b') == "delivering");
  CHECK(lanes.risk.of('b').glass->skipped == std::vector<std::string>{"semaphores"});
  CHECK(lanes.held() == 1);
  CHECK(lanes.risk.lane.state.places.empty());
}

TEST_CASE("what is asked, granted or given back twice happens once") {
  Lanes lanes(2);
  lanes.approved(lanes.fraud, 'a');
  const auto place = lanes.fraud.lane.state.places.front();
  CHECK_FALSE(lanes.every.happens(PlaceAsked{every_lane, place, ""}).decision.ignored.empty());
  CHECK_FALSE(lanes.fraud.happens(PlaceGranted{lanes.fraud.lane.key, place, ""}).decision.ignored.empty());
  lanes.every.happens(PlaceReturned{every_lane, place, ""});
  CHECK(lanes.held() == 0);
  CHECK_FALSE(lanes.every.happens(PlaceReturned{every_lane, place, ""}).decision.ignored.empty());
}

TEST_CASE("places and their wishes are stored and read back, and states without any still are") {
  Lanes lanes(1);
  lanes.approved(lanes.fraud, 'a');
  lanes.approved(lanes.risk, 'b');
  for (const auto* state : {&lanes.every.lane.state, &lanes.risk.lane.state})
    CHECK(*lane_state_from_json(to_json(*state).dump()) == *state);
  CHECK(lane_state_from_json("{\"notices\":3}")->places.empty());
  const auto place = lanes.every.lane.state.places.front();
  for (const Command& command : {Command(AskPlace{place}), Command(GrantPlace{place}), Command(ReturnPlace{place})})
    CHECK(*decode_command(encode(command)) == command);
  const auto& waiting = lanes.risk.of('b');
  const auto policy = waiting.policy;
  CHECK(*decode_promotion(encode(waiting), [&](const Digest&) { return policy; }) == waiting);
  CHECK(policy_from_json(to_json(*tier_1()))->semaphore == "tier-1");
}

}  // namespace penstock::tests
