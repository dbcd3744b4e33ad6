// Delegations: who may stand in for whom, for what, and until when.
#include "tests/catch.hpp"

#include "tests/core/story.hpp"

namespace penstock::tests {
namespace {

std::shared_ptr<Policy> policy(int count = 1) {
  auto made = plain_policy();
  made->stages.clear();
  made->approvals = {{"release-managers", count}};
  made->deliveries = {{"serving", "webhook"}};
  return made;
}

// Ann is a release manager and away; Max stands in for her. The delegations are those of every lane, as the engine
// hands them in.
struct Away {
  explicit Away(std::shared_ptr<const Policy> policy) : story(std::move(policy)) {
    story.world.people = &people;
    story.world.delegations = &given;
    given.push_back(
        {"d1", "ann", {"ann@example.com"}, "max", "release-managers", "on leave", story.now, story.now + 24h * 7});
    story.sees('a');
  }
  People people{{"ann", {"release-managers"}}, {"bob", {"release-managers"}}, {"max", {"guests"}}};
  std::vector<Delegation> given;
  Story story;
};

}  // namespace

TEST_CASE("whoever stands in for a member approves in their stead") {
  Away away(policy());
  away.story.approves('a', "max", {"guests"});
  CHECK(away.story.phase('a') == "delivering");
  CHECK(away.story.of('a').approvals[0].on_behalf_of == "ann");
  CHECK(away.story.of('a').approvals[0].groups == std::vector<std::string>{"release-managers"});
}

TEST_CASE("a vote counts once, given by whoever holds it or by whoever stands in") {
  Away away(policy(2));
  away.story.approves('a', "max", {"guests"}).approves('a', "ann");
  CHECK(away.story.refusal() == "conflict");
  CHECK(away.story.phase('a') == "awaiting_approval");
  away.story.approves('a', "bob");
  CHECK(away.story.phase('a') == "delivering");
}

TEST_CASE("whoever stands in for an author counts as the author") {
  Away away(policy());
  away.given[0].aliases = {"author@example.com"};
  CHECK(away.story.approves('a', "max", {"guests"}).refusal() == "not-allowed");
}

TEST_CASE("a delegation that has ended, or of a group that its principal has left, lets nobody approve") {
  Away away(policy());
  SECTION("ended") { away.story.later(24h * 7); }
  SECTION("left") { away.people["ann"] = {"guests"}; }
  SECTION("taken back") { away.given.clear(); }
  CHECK(away.story.approves('a', "max", {"guests"}).refusal() == "not-allowed");
}

TEST_CASE("what a stand-in approved is void when the delegation has ended before the delivery") {
  Away away(policy(2));
  away.story.approves('a', "max", {"guests"});
  away.given.clear();
  away.story.approves('a', "bob");
  CHECK(away.story.phase('a') == "awaiting_approval");
  CHECK(!away.story.of('a').approvals[0].voided.empty());
  REQUIRE(away.story.notices().size() == 1);
  CHECK(away.story.notices()[0].to == std::vector<std::string>{"person:max"});
}

TEST_CASE("nobody hands on what was handed to them") {
  Away away(policy());
  away.given.push_back({"d2", "max", {}, "eve", "", "r", away.story.now, away.story.now + 24h});
  away.people["eve"] = {};
  CHECK(away.story.approves('a', "eve", {}).refusal() == "not-allowed");
}

TEST_CASE("a stand-in may say no as well") {
  Away away(policy());
  away.story.happens(RejectionGiven{"pa", digest_of('a'), digest_of('9'), "max", {"guests"}, "not now"});
  CHECK(away.story.phase('a') == "rejected");
}

TEST_CASE("a delegation is for somebody else, for ninety days at most, and for a group that one is in") {
  Story story;
  story.lane.key = every_lane;
  People people{{"ann", {"release-managers"}}, {"max", {}}};
  story.world.people = &people;
  Delegation wanted{"d1", "ann", {}, "max", "release-managers", "on leave", {}, story.now + 24h};
  const auto given = [&](Delegation delegation) {
    Story next = story;
    next.happens(DelegationGiven{every_lane, std::move(delegation), ""});
    return next;
  };
  CHECK(given(wanted).refusal().empty());
  auto other = wanted;
  other.to = "ann";
  CHECK(given(other).refusal() == "invalid-request");
  other = wanted;
  other.to = "nobody";
  CHECK(given(other).refusal() == "invalid-request");
  other = wanted;
  other.group = "infosec";
  CHECK(given(other).refusal() == "invalid-request");
  other = wanted;
  other.until = story.now + 24h * 91;
  CHECK(given(other).refusal() == "invalid-request");
  other = wanted;
  other.reason.clear();
  CHECK(given(other).refusal() == "invalid-request");
}

TEST_CASE("a delegation ends by itself, or when one of the two says so, and both are told") {
  Story story;
  story.lane.key = every_lane;
  story.happens(
      DelegationGiven{every_lane, {"d1", "ann", {}, "max", "release-managers", "on leave", {}, story.now + 24h}, ""});
  CHECK(story.wants("timer//delegations/*/*"));
  SECTION("one of the two") {
    CHECK(story.happens(DelegationEnded{every_lane, "d1", "eve", ""}).refusal() == "not-allowed");
    story.happens(DelegationEnded{every_lane, "d1", "max", ""});
  }
  SECTION("by itself") {
    story.later(23h).happens(DeadlinePassed{"", "delegations/*/*", every_lane});
    CHECK(story.lane.state.delegations.size() == 1);
    story.later(1h).happens(DeadlinePassed{"", "delegations/*/*", every_lane});
  }
  CHECK(story.lane.state.delegations.empty());
  REQUIRE(story.notices().size() == 1);
  CHECK(story.notices()[0].to == std::vector<std::string>{"person:max", "person:ann"});
}

}  // namespace penstock::tests
