// Going on with a delivery that is held: it begins again, under the conditions of its first beginning.
#include "tests/catch.hpp"
#include "tests/core/story.hpp"

namespace penstock::tests {
namespace {

std::shared_ptr<Policy> policy() {
  auto made = plain_policy();
  made->stages = {{"data", {{"contract", "data-contract"}}}};
  made->approvals = {{"release-managers", 1}};
  made->deliveries = {{"serving", "webhook"}, {"registry", "mlflow-alias"}};
  return made;
}

// 2026-11-21 is a Saturday.
std::shared_ptr<Policy> open_on_saturdays() {
  auto made = policy();
  made->windows = {{WindowKind::allow, "SAT 00:00 - SUN 00:00", "UTC", ""}};
  return made;
}

Story& refuses(Story& story, int round = 1) {
  return story.happens(DeliveryRefused{"pa", "serving", round, "410 Gone", "ask the receiver"});
}

Story held(const std::shared_ptr<Policy>& made) {
  Story story(made);
  story.sees('a').gate('a', "contract", Verdict::passed).approves('a', "ann");
  return refuses(story);
}

Story& retries(Story& story) { return story.happens(RetryAsked{"pa", "bob"}); }

// Nothing has changed, and why is said: so its hold ends when it would have.
void check_refused(Story& story, const std::string& observed, const std::string& hint) {
  const auto before = story.lane;
  retries(story);
  REQUIRE(story.refusal() == "conflict");
  CHECK(story.decision.refused->message == "pa may not be delivered again now: " + observed);
  CHECK(story.decision.refused->hint == hint);
  CHECK(story.lane == before);
  CHECK(story.commands().empty());
  CHECK(story.phase('a') == "held");
}

const std::string anew = "reject it and retry it then, which promotes the candidate anew";

}  // namespace

TEST_CASE("what is held is not delivered again while deliveries are stopped, and is when the stop is lifted") {
  auto story = held(policy());
  std::vector<Stop> stops{{"s1", "fraud-*", "*", "zoe", "incident 12", {}}};
  story.world.stops = &stops;
  check_refused(story, "stopped by zoe: incident 12", "retry when deliveries are open");
  auto late = story;
  CHECK(late.later(24h * 7).deadline('a', "hold").phase('a') == "expired");
  stops.clear();
  retries(story);
  CHECK(story.phase('a') == "delivering");
  CHECK(story.commands() == std::vector<std::string>{"clear_timer/pa/hold", "deliver/pa/serving/2"});
}

TEST_CASE("a later delivery of the same promotion is not retried against a stop either") {
  Story story(policy());
  story.sees('a').gate('a', "contract", Verdict::passed).approves('a', "ann").confirms('a', "serving");
  story.happens(DeliveryRefused{"pa", "registry", 1, "409", "look"});
  const std::vector<Stop> stops{{"s1", "*", "*", "zoe", "incident 12", {}}};
  story.world.stops = &stops;
  check_refused(story, "stopped by zoe: incident 12", "retry when deliveries are open");
}

TEST_CASE("what is held is delivered again only while a window is open, and says when that is") {
  auto story = held(open_on_saturdays());
  auto same_day = story;
  CHECK(retries(same_day.later(23h)).phase('a') == "delivering");
  const auto next = story.now + 24h * 7;
  story.later(25h);
  retries(story);
  REQUIRE(story.refusal() == "conflict");
  CHECK(story.decision.refused->message.find("; deliveries open at " + to_text(next)) != std::string::npos);
  CHECK(story.decision.refused->hint == "retry when deliveries are open");
  CHECK(story.phase('a') == "held");
}

TEST_CASE("a delivery that is retried in the window it began in counts once there") {
  auto made = open_on_saturdays();
  made->most_per_window = 1;
  auto story = held(made);
  CHECK(retries(story.later(1h)).phase('a') == "delivering");
  CHECK(retries(refuses(story, 2)).phase('a') == "delivering");
  story.confirms('a', "serving", 3).confirms('a', "registry");
  story.sees('b').gate('b', "contract", Verdict::passed).approves('b', "ann");
  CHECK(story.in<AwaitingWindow>('b').reason.find("1 deliveries have begun in this window") != std::string::npos);
}

TEST_CASE("a delivery that began in an earlier window counts in the one in which it is retried") {
  auto made = open_on_saturdays();
  made->most_per_window = 1;
  made->hold_for = 24h * 30;
  auto story = held(made);
  CHECK(retries(story.later(24h * 7)).phase('a') == "delivering");
  story.confirms('a', "serving", 2).confirms('a', "registry");
  story.sees('b').gate('b', "contract", Verdict::passed).approves('b', "ann");
  CHECK(story.phase('b') == "awaiting_window");
}

TEST_CASE("the approval of somebody who has left since does not carry a retry") {
  auto story = held(policy());
  People people{{"ann", {"release-managers"}}, {"bob", {"release-managers"}}};
  story.world.people = &people;
  auto stayed = story;
  CHECK(retries(stayed).phase('a') == "delivering");
  people["ann"] = {"guests"};
  check_refused(story, "0 of 1 approvals by release-managers are there: ann is no longer in release-managers", anew);
  people.erase("ann");
  check_refused(story, "0 of 1 approvals by release-managers are there: ann is not known any more", anew);
  people["ann"] = {"release-managers"};
  CHECK(retries(story).phase('a') == "delivering");
}

TEST_CASE("an approval that a retry does not need is void all the same when its giver has left") {
  auto made = policy();
  made->approvals = {{"release-managers", 1}, {"infosec", 1}};
  made->approvals[1].required = false;
  Story story(made);
  story.sees('a').gate('a', "contract", Verdict::passed).approves('a', "dora", {"infosec"}).approves('a', "ann");
  refuses(story);
  People people{{"ann", {"release-managers"}}};
  story.world.people = &people;
  retries(story);
  CHECK(story.phase('a') == "delivering");
  REQUIRE(story.notices().size() == 1);
  CHECK(story.notices()[0].to == std::vector<std::string>{"person:dora"});
}

TEST_CASE("a waiver that has ended since does not carry a retry, and a new one does") {
  Story story(policy());
  Waiver waiver;
  waiver.id = "w1";
  waiver.gate = "contract";
  waiver.candidate = digest_of('a');
  waiver.reason = "the reference data is late";
  waiver.control = "manual review of 200 rows";
  waiver.requester = "sue";
  waiver.ends = story.now + 24h;
  const auto waive = [&] {
    story.happens(WaiverAsked{eu_lane, waiver, ""});
    story.happens(WaiverGranted{eu_lane, waiver.id, "ann", {"release-managers"}, ""});
  };
  story.sees('a').gate('a', "contract", Verdict::inconclusive);
  waive();
  refuses(story.approves('a', "ann"));
  CHECK(retries(story).phase('a') == "delivering");
  CHECK(story.lane.state.waivers[0].used == 1);
  refuses(story, 2).later(25h);
  check_refused(story, "gate contract inconclusive, and is not waived", "retry when it is waived; or " + anew);
  story.happens(DeadlinePassed{"", "waivers/fraud-eu/production", eu_lane});
  check_refused(story, "gate contract inconclusive, and is not waived", "retry when it is waived; or " + anew);
  waiver.id = "w2";
  waiver.ends = story.now + 24h;
  waive();
  CHECK(story.phase('a') == "held");
  CHECK(retries(story).phase('a') == "delivering");
  // What was delivered until then was delivered by the first one.
  const auto& kept = newest_check(story.of('a'), "contract")->waivers;
  REQUIRE(kept.size() == 2);
  CHECK(kept[0].id == "w1");
  CHECK(kept[1].id == "w2");
  CHECK(story.lane.state.waivers[0].used == 1);
}

TEST_CASE("an answer that has grown too old by the time of a retry does not carry it") {
  auto made = policy();
  made->stages[0].gates[0].max_age = Duration(24h);
  auto story = held(made);
  const auto asked = to_text(story.of('a').checks[0].asked_at);
  CHECK(retries(story.later(23h)).phase('a') == "delivering");
  refuses(story, 2).later(2h);
  check_refused(story, "gate contract was asked at " + asked + ", and its answers hold for 1d", anew);
}

TEST_CASE("what broken glass had let pass is demanded of a retry when the glass has lapsed") {
  auto made = policy();
  made->approvals = {{"release-managers", 2}};
  BreakGlassSpec glass;
  glass.group = "on-call";
  glass.skips = {Dispensable::approvals};
  glass.reviewers = "infosec";
  made->break_glass = glass;
  Story story(made);
  story.sees('a').gate('a', "contract", Verdict::passed);
  for (const auto* person : {"ann", "bob"})
    story.happens(BreakGlassAsked{"pa", digest_of('a'), digest_of('9'), person, {"on-call"}, "all cards are blocked"});
  refuses(story);
  auto soon = story;
  CHECK(retries(soon).phase('a') == "delivering");
  CHECK(soon.of('a').glass->skipped == std::vector<std::string>{"approvals"});
  story.later(glass.lasts);
  check_refused(story, "0 of 2 approvals by release-managers are there", anew);
}

TEST_CASE("a rollback is retried through stops, as it is delivered, and not without what the short way demands") {
  auto made = policy();
  made->deliveries = {{"serving", "webhook"}};
  made->windows = {{WindowKind::allow, "SAT 00:00 - SUN 00:00", "UTC", ""}};
  made->rollback.approvals = {{"release-managers", 1}};
  Story story(made);
  for (const char letter : {'a', 'b'})
    story.sees(letter).gate(letter, "contract", Verdict::passed).approves(letter, "ann").confirms(letter, "serving");
  story.happens(RollbackAsked{eu_lane, "pr", "zoe", {"release-managers"}, "errors", {}}).approves('r', "ann");
  story.happens(DeliveryRefused{"pr", "serving", 1, "410", "ask"}).later(25h);
  REQUIRE(story.phase('r') == "held");
  const std::vector<Stop> stops{{"s1", "*", "*", "zoe", "incident 12", {}}};
  story.world.stops = &stops;
  auto left = story;
  CHECK(story.happens(RetryAsked{"pr", "zoe"}).phase('r') == "delivering");
  const People people{{"zoe", {"release-managers"}}};
  left.world.people = &people;
  left.happens(RetryAsked{"pr", "zoe"});
  CHECK(left.refusal() == "conflict");
  CHECK(left.phase('r') == "held");
}

}  // namespace penstock::tests
