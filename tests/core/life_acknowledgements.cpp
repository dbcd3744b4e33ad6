// The audit log is kept elsewhere before anything is delivered, where the policy says so.
#include <nlohmann/json.hpp>

#include "daemon/core/codec.hpp"
#include "tests/catch.hpp"
#include "tests/core/story.hpp"

namespace penstock::tests {
namespace {

std::shared_ptr<Policy> audited() {
  auto policy = plain_policy();
  policy->stages = {{"data", {{"contract", "data-contract"}}}};
  policy->approvals = {{"release-managers", 1}};
  policy->deliveries = {{"serving", "webhook"}};
  policy->audit = {{"vault", "history"}, 2h};
  return policy;
}

Story approved(std::shared_ptr<const Policy> policy = audited()) {
  return Story(std::move(policy)).sees('a').gate('a', "contract", Verdict::passed).approves('a', "ann");
}

EntriesAcknowledged acknowledged(int number) { return {"pa", number, 40}; }

}  // namespace

TEST_CASE("what is approved waits until the audit log is kept elsewhere, and then goes on by itself") {
  auto story = approved();
  CHECK(story.phase('a') == "awaiting_window");
  CHECK(story.wants("acknowledge/pa/1"));
  CHECK(story.wants("timer/pa/window"));
  const auto wait = wait_of(story.of('a'));
  REQUIRE(wait);
  CHECK(wait->what == "vault and history to acknowledge the audit log's entries about it");
  CHECK(wait->until == story.now + 2h);
  story.later(1min).happens(acknowledged(1));
  CHECK(story.phase('a') == "delivering");
  CHECK(story.wants("deliver/pa/serving/1"));
  CHECK(story.wants("clear_timer/pa/window"));
  CHECK(story.of('a').acknowledgement->given_at == story.now);
  CHECK(story.of('a').acknowledgement->entries == 40);
  CHECK_FALSE(story.happens(acknowledged(1)).decision.ignored.empty());
}

TEST_CASE("an acknowledgement that was not asked for moves nothing") {
  auto story = approved();
  CHECK_FALSE(story.happens(acknowledged(2)).decision.ignored.empty());
  CHECK_FALSE(story.happens(acknowledged(0)).decision.ignored.empty());
  CHECK(story.phase('a') == "awaiting_window");
  auto plain = approved([] {
    auto policy = audited();
    policy->audit = {};
    return policy;
  }());
  CHECK(plain.phase('a') == "delivering");
  CHECK_FALSE(plain.happens(acknowledged(1)).decision.ignored.empty());
}

TEST_CASE("what is not acknowledged in time is held for a person, and a retry asks anew") {
  auto story = approved();
  story.later(2h).deadline('a', "window");
  REQUIRE(story.phase('a') == "held");
  CHECK(story.in<Held>('a').reason ==
        "the audit log's entries about it were not acknowledged by vault and history within 2h");
  // The sink comes back afterwards: the person who was asked still decides.
  CHECK(story.happens(acknowledged(1)).phase('a') == "held");
  story.happens(RetryAsked{"pa", "ann"});
  CHECK(story.phase('a') == "delivering");

  auto late = approved();
  late.later(2h).deadline('a', "window").later(1h).happens(RetryAsked{"pa", "ann"});
  CHECK(late.phase('a') == "awaiting_window");
  CHECK(late.wants("acknowledge/pa/2"));
  CHECK_FALSE(late.happens(acknowledged(1)).decision.ignored.empty());
  CHECK(late.happens(acknowledged(2)).phase('a') == "delivering");
}

TEST_CASE("a waiver does not release what is held for an acknowledgement") {
  auto story = approved();
  story.later(2h).deadline('a', "window");
  Waiver waiver{"w1", "contract", "", digest_of('a'), "", "r", "c", "sue", "", {}, story.now + 24h, 0};
  story.happens(WaiverAsked{story.lane.key, waiver, ""});
  story.happens(WaiverGranted{story.lane.key, "w1", "ann", {"release-managers"}, ""});
  CHECK(story.decision.refused == std::nullopt);
  CHECK(story.phase('a') == "held");
}

TEST_CASE("a policy without any stage is held and retried like the others") {
  auto policy = audited();
  policy->stages.clear();
  Story story(policy);
  story.sees('a').approves('a', "ann").later(2h).deadline('a', "window");
  REQUIRE(story.phase('a') == "held");
  CHECK(story.happens(RetryAsked{"pa", "ann"}).wants("acknowledge/pa/2"));
  CHECK(story.happens(acknowledged(2)).phase('a') == "delivering");
}

TEST_CASE("whatever is decided after it was asked for needs another acknowledgement") {
  auto story = approved();
  story.happens(ApprovalWithdrawn{"pa", "ann", "wait"});
  CHECK(story.phase('a') == "awaiting_approval");
  story.approves('a', "bob");
  CHECK(story.wants("acknowledge/pa/2"));
  CHECK_FALSE(story.happens(acknowledged(1)).decision.ignored.empty());
  CHECK(story.phase('a') == "awaiting_window");
  CHECK(story.happens(acknowledged(2)).phase('a') == "delivering");
}

TEST_CASE("it is asked for when a window is open, and is good until the next one") {
  auto policy = audited();
  policy->windows = {{WindowKind::deny, "2026-11-01 - 2026-12-31", "UTC", "year end"}};
  auto story = approved(policy);
  CHECK_FALSE(story.wants("acknowledge/pa/1"));
  CHECK_FALSE(story.in<AwaitingWindow>('a').acknowledgement);

  auto stopped = approved();
  const std::vector<Stop> stops{{"s1", "*", "*", "ann", "incident", {}}};
  stopped.world.stops = &stops;
  stopped.happens(acknowledged(1));
  CHECK(stopped.phase('a') == "awaiting_window");
  CHECK_FALSE(stopped.in<AwaitingWindow>('a').acknowledgement);
  stopped.world.stops = nullptr;
  stopped.later(30s).deadline('a', "window");
  CHECK(stopped.phase('a') == "delivering");
}

TEST_CASE("a place of a semaphore is asked for after the acknowledgement") {
  auto policy = audited();
  policy->semaphore = "tier-1";
  auto story = approved(policy);
  CHECK(story.lane.state.places.empty());
  story.happens(acknowledged(1));
  REQUIRE(story.lane.state.places.size() == 1);
  auto place = story.lane.state.places.front();
  CHECK(story.happens(PlaceGranted{story.lane.key, place, ""}).phase('a') == "delivering");
}

TEST_CASE("two people may go on without it in an emergency, where the policy says so") {
  auto policy = audited();
  policy->break_glass = BreakGlassSpec{"on-call", {}, {Dispensable::acknowledgements}, 1h, "infosec", 72h};
  auto story = approved(policy);
  story.happens(BreakGlassAsked{"pa", digest_of('a'), policy->digest, "bob", {"on-call"}, "errors"});
  CHECK(story.phase('a') == "awaiting_window");
  story.happens(BreakGlassAsked{"pa", digest_of('a'), policy->digest, "cem", {"on-call"}, "errors"});
  CHECK(story.phase('a') == "delivering");
  CHECK(story.of('a').glass->skipped == std::vector<std::string>{"acknowledgements"});

  auto held = approved(policy);
  held.later(2h).deadline('a', "window");
  for (const auto* person : {"bob", "cem"})
    held.happens(BreakGlassAsked{"pa", digest_of('a'), policy->digest, person, {"on-call"}, "errors"});
  CHECK(held.phase('a') == "delivering");
}

TEST_CASE("breaking the glass is itself a decision that must be acknowledged") {
  auto policy = audited();
  policy->break_glass = BreakGlassSpec{"on-call", {}, {Dispensable::windows}, 1h, "infosec", 72h};
  auto story = approved(policy);
  for (const auto* person : {"bob", "cem"})
    story.happens(BreakGlassAsked{"pa", digest_of('a'), policy->digest, person, {"on-call"}, "errors"});
  CHECK(story.phase('a') == "awaiting_window");
  CHECK(story.wants("acknowledge/pa/2"));
  CHECK(story.happens(acknowledged(2)).phase('a') == "delivering");
}

TEST_CASE("a rollback waits for no acknowledgement") {
  auto policy = audited();
  auto story = approved(policy).happens(acknowledged(1)).confirms('a', "serving");
  REQUIRE(story.phase('a') == "live");
  story.later(1h).sees('b').gate('b', "contract", Verdict::passed).approves('b', "ann");
  story.happens(EntriesAcknowledged{"pb", 1, 60}).confirms('b', "serving");
  REQUIRE(story.phase('b') == "live");
  story.happens(RollbackAsked{story.lane.key, "pr", "ann", {"release-managers"}, "errors", {}});
  CHECK(story.phase('r') == "delivering");
}

TEST_CASE("acknowledgements are stored and read back, and what was stored without any still is") {
  auto story = approved();
  const auto policy = story.of('a').policy;
  const auto back = [&](const Promotion& promotion) {
    return *decode_promotion(encode(promotion), [&](const Digest&) { return policy; });
  };
  CHECK(back(story.of('a')) == story.of('a'));
  CHECK(back(story.of('a')).acknowledgement->number == 1);
  story.happens(acknowledged(1));
  CHECK(back(story.of('a')) == story.of('a'));
  auto document = nlohmann::json::parse(encode(story.of('a')));
  document.erase("acknowledgement");
  CHECK_FALSE(decode_promotion(document.dump(), [&](const Digest&) { return policy; })->acknowledgement);
  const Command ask = AskAcknowledgement{"pa", 3};
  CHECK(*decode_command(encode(ask)) == ask);
  CHECK(policy_from_json(to_json(*audited()))->audit == audited()->audit);
  CHECK(to_json(*plain_policy()).contains("audit") == false);
  CHECK(to_json(story.of('a'))["acknowledgement"]["entries"] == 40);
}

}  // namespace penstock::tests
