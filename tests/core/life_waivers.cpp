// Waivers: whom they let pass, who may give them, and when they end.
#include <nlohmann/json.hpp>
#include "tests/catch.hpp"

#include "tests/core/story.hpp"

namespace penstock::tests {
namespace {

std::shared_ptr<Policy> policy() {
  auto made = plain_policy();
  made->stages = {{"data", {{"contract", "data-contract"}}}};
  made->approvals = {{"release-managers", 1}};
  made->deliveries = {{"serving", "webhook"}};
  return made;
}

Waiver wanted(Time now) {
  Waiver waiver;
  waiver.id = "w1";
  waiver.gate = "contract";
  waiver.candidate = digest_of('a');
  waiver.reason = "the reference data is late";
  waiver.control = "manual review of 200 rows";
  waiver.requester = "sue";
  waiver.ends = now + 24h;
  return waiver;
}

Story& grants(Story& story, const std::string& person = "ann") {
  return story.happens(WaiverGranted{eu_lane, "w1", person, {"release-managers"}, ""});
}

Story held() {
  Story story(policy());
  story.sees('a').gate('a', "contract", Verdict::inconclusive, 1, "no reference");
  return story;
}

}  // namespace

TEST_CASE("a promotion that is held for a gate goes on when the gate is waived") {
  auto story = held();
  story.happens(WaiverAsked{eu_lane, wanted(story.now), ""});
  CHECK(story.phase('a') == "held");
  grants(story);
  CHECK(story.phase('a') == "awaiting_approval");
  story.approves('a', "bob").confirms('a', "serving");
  CHECK(story.phase('a') == "live");
  REQUIRE(newest_check(story.of('a'), "contract")->waivers.size() == 1);
  CHECK(newest_check(story.of('a'), "contract")->waivers[0].granter == "ann");
  CHECK(newest_check(story.of('a'), "contract")->finding->verdict == Verdict::inconclusive);
  CHECK(story.lane.state.waivers[0].used == 1);
}

TEST_CASE("nobody grants a waiver to themselves, or without a say in the lane") {
  auto story = held();
  story.happens(WaiverAsked{eu_lane, wanted(story.now), ""});
  CHECK(grants(story, "sue").refusal() == "not-allowed");
  story.happens(WaiverGranted{eu_lane, "w1", "max", {"guests"}, ""});
  CHECK(story.refusal() == "not-allowed");
  CHECK(story.phase('a') == "held");
}

TEST_CASE("a waiver lasts ninety days at most, and says why and what is done instead") {
  Story story(policy());
  auto waiver = wanted(story.now);
  waiver.ends = story.now + 24h * 91;
  CHECK(story.happens(WaiverAsked{eu_lane, waiver, ""}).refusal() == "invalid-request");
  waiver = wanted(story.now);
  waiver.control.clear();
  CHECK(story.happens(WaiverAsked{eu_lane, waiver, ""}).refusal() == "invalid-request");
  waiver = wanted(story.now);
  waiver.versions = "1.*";
  CHECK(story.happens(WaiverAsked{eu_lane, waiver, ""}).refusal() == "invalid-request");
}

TEST_CASE("a waiver of one rule helps only when no other rule is open") {
  Story story(policy());
  auto waiver = wanted(story.now);
  waiver.rule = "age/minimum";
  story.happens(WaiverAsked{eu_lane, waiver, ""});
  grants(story);
  auto answer = finding(Verdict::failed, "2 rules");
  answer.details = {{"age/minimum", Verdict::failed, "-1", "0", "row 7"}};
  auto one = story;
  one.sees('a').happens(CheckReported{"pa", "contract", 1, answer});
  CHECK(one.phase('a') == "awaiting_approval");
  answer.details.push_back({"name/required", Verdict::failed, "null", "a value", "row 9"});
  auto two = story;
  two.sees('a').happens(CheckReported{"pa", "contract", 1, answer});
  CHECK(two.phase('a') == "rejected");
}

TEST_CASE("what must never be waived is not") {
  Story story(policy());
  story.happens(WaiverAsked{eu_lane, wanted(story.now), ""});
  grants(story);
  auto answer = finding(Verdict::failed, "digest");
  answer.details = {{"artifact/digest", Verdict::failed, "x", "y", "", true}};
  story.sees('a').happens(CheckReported{"pa", "contract", 1, answer});
  CHECK(story.phase('a') == "rejected");
}

TEST_CASE("no gate waives itself") {
  Story story(policy());
  story.sees('a').gate('a', "contract", Verdict::waived);
  CHECK(story.phase('a') == "held");
}

TEST_CASE("a waiver is for its candidate, or for the versions it names") {
  Story story(policy());
  auto waiver = wanted(story.now);
  waiver.candidate = {};
  waiver.versions = "b*";
  story.happens(WaiverAsked{eu_lane, waiver, ""});
  grants(story);
  story.sees('a').gate('a', "contract", Verdict::failed);
  CHECK(story.phase('a') == "rejected");
  story.sees('b').gate('b', "contract", Verdict::failed);
  CHECK(story.phase('b') == "awaiting_approval");
}

TEST_CASE("a waiver that ends while approval is waited for opens the gate again, and its people are told") {
  auto story = held();
  story.happens(WaiverAsked{eu_lane, wanted(story.now), ""});
  grants(story);
  CHECK(story.phase('a') == "awaiting_approval");
  story.later(25h).happens(DeadlinePassed{"", "waivers/fraud-eu/production", eu_lane});
  CHECK(story.phase('a') == "checking");
  CHECK(story.wants("check/pa/contract/2"));
  REQUIRE(story.notices().size() == 1);
  CHECK(story.notices()[0].to == std::vector<std::string>{"person:sue", "person:ann"});
  CHECK(story.notices()[0].text.find("was never used") != std::string::npos);
}

TEST_CASE("a retry goes on where a clock that was set back lets an ended waiver hold again") {
  Story story(policy());
  story.happens(WaiverAsked{eu_lane, wanted(story.now), ""});
  grants(story).later(25h).sees('a').gate('a', "contract", Verdict::errored);
  CHECK(story.phase('a') == "held");
  story.later(-2h).happens(RetryAsked{"pa", "ann"});
  CHECK(story.phase('a') == "awaiting_approval");
}

TEST_CASE("a waiver whose timer is late does not let anything be delivered") {
  auto story = held();
  story.happens(WaiverAsked{eu_lane, wanted(story.now), ""});
  grants(story);
  story.later(25h).approves('a', "bob");
  CHECK(story.phase('a') == "checking");
}

TEST_CASE("a waiver that ends while it is delivered is kept with what it let pass") {
  auto story = held();
  story.happens(WaiverAsked{eu_lane, wanted(story.now), ""});
  grants(story).approves('a', "bob");
  REQUIRE(story.phase('a') == "delivering");
  story.later(25h).happens(DeadlinePassed{"", "waivers/fraud-eu/production", eu_lane});
  REQUIRE(story.lane.state.waivers.empty());
  story.confirms('a', "serving");
  REQUIRE(story.phase('a') == "live");
  REQUIRE(newest_check(story.of('a'), "contract")->waivers.size() == 1);
  CHECK(newest_check(story.of('a'), "contract")->waivers[0].granter == "ann");
}

TEST_CASE("a gate that finds something else after it was opened again voids the approvals") {
  auto doubled = policy();
  doubled->approvals = {{"release-managers", 2}};
  Story story(doubled);
  story.sees('a').gate('a', "contract", Verdict::inconclusive, 1, "no reference");
  story.happens(WaiverAsked{eu_lane, wanted(story.now), ""});
  grants(story).approves('a', "bob");
  story.happens(WaiverRevoked{eu_lane, "w1", "ann", "the data came", ""});
  CHECK(story.phase('a') == "checking");
  story.gate('a', "contract", Verdict::passed, 2, "178 rows");
  CHECK(story.phase('a') == "awaiting_approval");
  CHECK(story.of('a').approvals[0].voided == "a gate has found something else since");
  REQUIRE(story.notices().size() == 1);
  CHECK(story.notices()[0].to == std::vector<std::string>{"person:bob"});
}

TEST_CASE("the state of a lane is stored and read back as it was") {
  auto story = held();
  story.happens(WaiverAsked{eu_lane, wanted(story.now), ""});
  grants(story).happens(PinSet{eu_lane, "ann", "audit", ""}).approves('a', "bob").confirms('a', "serving");
  story.lane.state.vetoes.push_back({digest_of('v'), "ann", "no", story.now});
  story.lane.state.former.push_back({"po", digest_of('o'), "o", story.now});
  const auto read = lane_state_from_json(to_json(story.lane.state).dump());
  REQUIRE(read);
  CHECK(*read == story.lane.state);
  CHECK(lane_state_from_json("")->waivers.empty());
  CHECK(lane_state_from_json("{]").has_error());
}

}  // namespace penstock::tests
