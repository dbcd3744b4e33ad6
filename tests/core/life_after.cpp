// After delivery: watching what is live, going back, holding a lane.
#include "tests/catch.hpp"
#include "tests/core/story.hpp"

namespace penstock::tests {
namespace {

std::shared_ptr<Policy> simple() {
  auto policy = plain_policy();
  policy->stages = {{"data", {{"contract", "data-contract"}}}};
  policy->approvals = {};
  policy->deliveries = {{"serving", "webhook"}};
  return policy;
}

std::shared_ptr<Policy> watched(OnFailure on_failure, int failures = 2, int of = 3) {
  auto policy = simple();
  policy->watch = WatchSpec{24h, 5min, {{"watch/errors", "smoke-test"}}, failures, of, on_failure};
  return policy;
}

Story live(const std::shared_ptr<Policy>& policy, const std::string& letters) {
  Story story(policy);
  for (const char letter : letters) story.later(1h).sees(letter).passes_all_gates(letter).confirms(letter, "serving");
  return story;
}

RollbackAsked back(CandidateId to = {}) {
  return {{"fraud-eu", "production"}, "pr", "ann", {"release-managers"}, "errors", to};
}

Story& look(Story& story, int round, Verdict verdict) {
  story.gate('b', "watch/errors", verdict, round, "5 % errors");
  return story;
}

}  // namespace

TEST_CASE("going back promotes what was live before, without its gates, and pins the lane") {
  auto story = live(simple(), "ab");
  story.happens(back());
  const auto& rollback = story.of('r');
  CHECK(rollback.candidate == digest_of('a'));
  CHECK(rollback.takes_back == "pb");
  CHECK(rollback.checks.empty());
  CHECK(story.phase('r') == "delivering");
  CHECK(story.phase('b') == "live");
  story.confirms('r', "serving");
  CHECK(story.phase('r') == "live");
  CHECK(story.in<RolledBack>('b').by == "pr");

  story.sees('c');
  CHECK(story.phase('c') == "queued");
  story.happens(PinReleased{{"fraud-eu", "production"}, "ann", ""});
  CHECK(story.phase('c') == "checking");
}

TEST_CASE("a rollback that is asked for twice is one, also when it is live by then") {
  auto story = live(simple(), "ab");
  story.happens(back());
  CHECK(advance(story.lane, back(), story.now, story.world).ignored == "pr was asked for already");
  story.confirms('r', "serving");
  const auto again = advance(story.lane, back(), story.now, story.world);
  CHECK(again.ignored == "pr was asked for already");
  CHECK(again.lane == story.lane);
}

TEST_CASE("a rollback goes to a named candidate, and to none that was never live here") {
  auto story = live(simple(), "abc");
  story.happens(back(digest_of('x')));
  CHECK(story.refusal() == "conflict");
  story.happens(back(digest_of('a')));
  CHECK(story.of('r').candidate == digest_of('a'));
}

TEST_CASE("what was rolled back is not what the next rollback goes to") {
  auto story = live(simple(), "abc");
  story.happens(back()).confirms('r', "serving");
  CHECK(story.of('r').candidate == digest_of('b'));
  story.happens(RollbackAsked{{"fraud-eu", "production"}, "ps", "ann", {}, "worse", {}});
  CHECK(story.of('s').candidate == digest_of('a'));
}

TEST_CASE("nothing live, or nothing before it: there is nothing to go back to") {
  Story empty(simple());
  CHECK(empty.happens(back()).refusal() == "conflict");
  auto first = live(simple(), "a");
  CHECK(first.happens(back()).refusal() == "conflict");
}

TEST_CASE("what is under way gives way to a rollback, by name; what is being delivered does not") {
  auto story = live(simple(), "ab");
  story.sees('c').happens(back());
  CHECK(story.in<Superseded>('c').by == "pr");
  auto late = live(simple(), "ab");
  late.sees('c').passes_all_gates('c').happens(back());
  CHECK(late.refusal() == "conflict");
}

TEST_CASE("a timer of an earlier wait ends nothing before its time, and is set again") {
  Story story(simple());
  story.sees('a').gate('a', "contract", Verdict::inconclusive).later(24h * 6);
  story.happens(RetryAsked{"pa", "ann"}).gate('a', "contract", Verdict::inconclusive, 2);
  story.later(24h).deadline('a', "hold");
  CHECK(story.phase('a') == "held");
  CHECK(story.wants("timer/pa/hold"));
  CHECK(story.later(24h * 6).deadline('a', "hold").phase('a') == "expired");
}

TEST_CASE("a newer candidate does not get in the way of a rollback, whatever the queue mode") {
  auto policy = simple();
  policy->queue = QueueMode::cancel_running;
  policy->rollback.approvals = {{"release-managers", 1}};
  auto story = live(policy, "ab");
  story.happens(back()).sees('c');
  CHECK(story.phase('r') == "awaiting_approval");
  CHECK(story.phase('c') == "queued");
}

TEST_CASE("what is replaced in the decision that made it live is not watched") {
  auto story = Story(watched(OnFailure::alarm));
  story.sees('a').gate('a', "contract", Verdict::passed);
  auto open = std::make_shared<Policy>();
  open->digest = digest_of('0');
  story.happens(CandidateSeen{"pb", digest_of('b'), "b", {}, "api", "api", open});
  story.confirms('a', "serving");
  CHECK(story.phase('a') == "replaced");
  CHECK(story.phase('b') == "live");
  CHECK_FALSE(story.wants("check/pa/watch/errors/1"));
  CHECK_FALSE(story.wants("timer/pa/watch"));
}

TEST_CASE("nobody goes back to what was vetoed since it was live") {
  auto story = live(watched(OnFailure::roll_back, 1, 1), "ab");
  story.sees('a').happens(VetoGiven{"pa", digest_of('a'), digest_of('9'), "ann", {}, "stolen data"});
  story.happens(back());
  CHECK(story.refusal() == "conflict");
  story.happens(back(digest_of('a')));
  CHECK(story.refusal() == "conflict");
  look(story, 1, Verdict::failed);
  CHECK(under_way_in(story.lane) == nullptr);
}

TEST_CASE("a rollback asks for what the policy's short way demands") {
  auto policy = simple();
  policy->rollback.stages = {{"integrity", {{"digest", "security-signoff"}}}};
  policy->rollback.approvals = {{"release-managers", 1}};
  auto story = live(policy, "ab");
  story.happens(back());
  CHECK(story.phase('r') == "checking");
  story.gate('r', "digest", Verdict::passed);
  CHECK(story.phase('r') == "awaiting_approval");
  CHECK(story.approves('r', "bob").phase('r') == "delivering");
}

TEST_CASE("a rollback that does not work is held, with an alarm") {
  auto story = live(simple(), "ab");
  story.happens(back()).happens(DeliveryRefused{"pr", "serving", 1, "410", "ask"});
  CHECK(story.phase('r') == "held");
  REQUIRE(story.notices().size() == 1);
  CHECK(story.notices()[0].kind == NoticeKind::alarm);
  CHECK(story.phase('b') == "live");
}

TEST_CASE("a lane that somebody holds takes up nothing until it is released") {
  Story story(simple());
  story.happens(PinSet{{"fraud-eu", "production"}, "ann", "audit", ""}).sees('a');
  CHECK(story.phase('a') == "queued");
  story.happens(PinSet{{"fraud-eu", "production"}, "bob", "too", ""});
  CHECK(story.decision.ignored.find("ann") != std::string::npos);
  CHECK(story.happens(PinReleased{{"fraud-eu", "production"}, "bob", ""}).phase('a') == "checking");
}

TEST_CASE("a watch asks its gates round after round, and ends as live") {
  auto story = live(watched(OnFailure::alarm), "ab");
  CHECK(story.phase('b') == "watching");
  CHECK(live_in(story.lane)->id == "pb");
  look(story, 1, Verdict::passed);
  story.later(5min).deadline('b', "watch");
  CHECK(story.wants("check/pb/watch/errors/2"));
  look(story, 2, Verdict::passed);
  story.later(24h).deadline('b', "watch");
  CHECK(story.phase('b') == "live");
}

TEST_CASE("only as many failures as the policy names raise an alarm") {
  auto story = live(watched(OnFailure::alarm), "ab");
  look(story, 1, Verdict::failed);
  CHECK(story.notices().empty());
  story.later(5min).deadline('b', "watch");
  look(story, 2, Verdict::passed);
  story.later(5min).deadline('b', "watch");
  look(story, 3, Verdict::failed);
  REQUIRE(story.notices().size() == 1);
  CHECK(story.notices()[0].kind == NoticeKind::alarm);
  CHECK(story.phase('b') == "watching");
}

TEST_CASE("a watch that fails goes back by itself where the policy says so") {
  auto story = live(watched(OnFailure::roll_back, 1, 1), "ab");
  look(story, 1, Verdict::failed);
  const auto* rollback = under_way_in(story.lane);
  REQUIRE(rollback != nullptr);
  CHECK(rollback->candidate == digest_of('a'));
  CHECK(rollback->submitter == "watch");
  CHECK(story.lane.state.pin);
  const auto id = rollback->id;
  story.happens(DeliveryConfirmed{id, "serving", 1, "204"});
  CHECK(story.in<RolledBack>('b').by == id);
}

TEST_CASE("a watch that cannot see says so once, and brings nothing down") {
  auto story = live(watched(OnFailure::roll_back, 1, 1), "ab");
  look(story, 1, Verdict::errored);
  CHECK(story.notices().size() == 1);
  CHECK(under_way_in(story.lane) == nullptr);
  story.later(5min).deadline('b', "watch");
  look(story, 2, Verdict::inconclusive);
  CHECK(story.notices().empty());
}

TEST_CASE("a watch with nothing to go back to raises the alarm and stays") {
  auto story = live(watched(OnFailure::roll_back, 1, 1), "b");
  look(story, 1, Verdict::failed);
  CHECK(story.phase('b') == "watching");
  REQUIRE(story.notices().size() == 2);
  CHECK(story.notices()[1].text.find("nothing to go back to") != std::string::npos);
}

TEST_CASE("a watch keeps only the rounds that still count") {
  auto story = live(watched(OnFailure::alarm), "ab");
  for (int round = 1; round < 100; ++round) {
    look(story, round, Verdict::passed);
    story.later(5min).deadline('b', "watch");
  }
  CHECK(story.of('b').checks.size() < 8);
}

}  // namespace penstock::tests
