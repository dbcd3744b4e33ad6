// What people may do while a promotion waits for them, and what time does.
#include "daemon/core/codec.hpp"
#include "tests/catch.hpp"
#include "tests/core/story.hpp"

namespace penstock::tests {
namespace {

std::shared_ptr<Policy> one_gate(std::vector<ApprovalRule> rules) {
  auto policy = plain_policy();
  policy->stages = {{"data", {{"contract", "data-contract"}}}};
  policy->approvals = std::move(rules);
  policy->deliveries = {{"serving", "webhook"}};
  return policy;
}

ApprovalRule rule(std::string group, int count = 1) {
  ApprovalRule made;
  made.group = std::move(group);
  made.count = count;
  return made;
}

Story waiting(const std::shared_ptr<Policy>& policy) {
  Story story(policy);
  story.sees('a').gate('a', "contract", Verdict::passed, 1, "178 rows");
  return story;
}

}  // namespace

TEST_CASE("an optional rule is shown and never waited for") {
  auto optional = rule("infosec");
  optional.required = false;
  auto story = waiting(one_gate({rule("release-managers"), optional}));
  CHECK(wait_of(story.of('a'))->who == std::vector<std::string>{"group:release-managers"});
  story.approves('a', "ann");
  CHECK(story.phase('a') == "delivering");
}

TEST_CASE("a person in two groups is not taken from a required rule by an optional one") {
  auto optional = rule("infosec");
  optional.required = false;
  auto story = waiting(one_gate({optional, rule("release-managers")}));
  story.approves('a', "ann", {"infosec", "release-managers"});
  CHECK(story.phase('a') == "delivering");
}

TEST_CASE("whoever a rule excludes does not count for it because another rule lets them approve") {
  auto strict = rule("release-managers");
  strict.excluded = {Excluded::submitter};
  auto open = rule("infosec");
  open.excluded = {};
  auto story = Story(one_gate({strict, open}));
  story.sees('a', "ann@example.com").gate('a', "contract", Verdict::passed);
  story.approves('a', "ann", {"release-managers", "infosec"}, {"ann@example.com"});
  story.approves('a', "ina", {"infosec"});
  CHECK(story.phase('a') == "awaiting_approval");
  CHECK(wait_of(story.of('a'))->who == std::vector<std::string>{"group:release-managers"});
  CHECK(story.approves('a', "bob").phase('a') == "delivering");
}

TEST_CASE("the last editor of the policy cannot approve under it") {
  auto editors = rule("release-managers");
  editors.excluded = {Excluded::editor};
  auto policy = one_gate({editors});
  policy->editor = "ann@example.com";
  auto story = waiting(policy);
  story.approves('a', "ann", {"release-managers"}, {"ann@example.com"});
  CHECK(story.refusal() == "not-allowed");
  CHECK(story.decision.refused->message.find("the last editor of the policy") != std::string::npos);
  CHECK(story.approves('a', "bob").phase('a') == "delivering");
}

TEST_CASE("an approval that was taken back does not count, and can be given again") {
  auto story = waiting(one_gate({rule("release-managers", 2)}));
  story.approves('a', "ann").happens(ApprovalWithdrawn{"pa", "ann", "wrong tab"});
  story.approves('a', "bob");
  CHECK(story.phase('a') == "awaiting_approval");
  story.approves('a', "ann");
  CHECK(story.phase('a') == "delivering");
  story.happens(ApprovalWithdrawn{"pa", "ann", "too late"});
  CHECK(story.refusal() == "conflict");
}

TEST_CASE("an approval given for other findings is stale") {
  auto story = waiting(one_gate({rule("release-managers")}));
  auto seen = findings_digest(story.of('a'), story.world);
  Promotion other = story.of('a');
  auto finding = *other.checks.front().finding;
  finding.observed = "12 rows";
  other.checks.front().finding = finding;
  CHECK(findings_digest(other, story.world) != seen);
  story.happens(ApprovalGiven{"pa",
                              digest_of('a'),
                              digest_of('9'),
                              "ann",
                              {"release-managers"},
                              {},
                              "",
                              "",
                              findings_digest(other, story.world)});
  CHECK(story.refusal() == "stale-decision");
}

TEST_CASE("whoever has left the group by the time the last approval is given does not count, and is told") {
  auto story = waiting(one_gate({rule("release-managers", 2)}));
  People people{{"ann", {"release-managers"}}, {"bob", {"release-managers"}}, {"cem", {"release-managers"}}};
  story.world.people = &people;
  story.approves('a', "ann");
  people["ann"] = {"guests"};
  story.approves('a', "bob");
  CHECK(story.phase('a') == "awaiting_approval");
  REQUIRE(story.notices().size() == 1);
  CHECK(story.notices()[0].kind == NoticeKind::approval_void);
  CHECK(story.notices()[0].to == std::vector<std::string>{"person:ann"});
  CHECK(story.of('a').approvals[0].voided == "ann is no longer in release-managers");
  people.erase("bob");
  story.approves('a', "cem");
  CHECK(story.phase('a') == "awaiting_approval");
}

TEST_CASE("a group is reminded, and another one may answer after a time") {
  auto patient = rule("release-managers");
  patient.remind = 8h;
  patient.escalate = Escalation{20h, "directors"};
  auto story = waiting(one_gate({patient}));
  story.approves('a', "dora", {"directors"});
  CHECK(story.refusal() == "not-allowed");
  story.later(8h).deadline('a', "approval");
  REQUIRE(story.notices().size() == 1);
  CHECK(story.notices()[0].kind == NoticeKind::reminder);
  story.later(1h).deadline('a', "approval");
  CHECK(story.notices().empty());
  story.later(7h).deadline('a', "approval");
  CHECK(story.notices().size() == 1);
  story.later(4h).deadline('a', "approval");
  REQUIRE(story.notices().size() == 1);
  CHECK(story.notices()[0].kind == NoticeKind::escalation);
  CHECK(story.notices()[0].to == std::vector<std::string>{"group:directors"});
  CHECK(story.approves('a', "dora", {"directors"}).phase('a') == "delivering");
}

TEST_CASE("what members of the other group approved before escalation counts from then on") {
  auto patient = rule("infosec");
  patient.escalate = Escalation{20h, "release-managers"};
  auto optional = rule("release-managers");
  optional.required = false;
  auto story = waiting(one_gate({patient, optional}));
  story.approves('a', "ann");
  CHECK(story.phase('a') == "awaiting_approval");
  story.later(20h).deadline('a', "approval");
  CHECK(story.phase('a') == "delivering");
}

TEST_CASE("who approved because a rule had escalated still counts when the window opens") {
  auto patient = rule("release-managers");
  patient.escalate = Escalation{20h, "directors"};
  auto policy = std::make_shared<Policy>(*one_gate({patient}));
  policy->windows = {{WindowKind::deny, "2026-11-01 - 2026-11-25", "UTC", "freeze"}};
  auto story = waiting(policy);
  story.world.zones = &utc;
  story.later(20h).deadline('a', "approval");
  REQUIRE(story.approves('a', "dora", {"directors"}).phase('a') == "awaiting_window");
  story.lane.promotions[0] = *decode_promotion(encode(story.lane.promotions[0]), [&](const Digest&) { return policy; });
  story.now = *parse_time("2026-11-26T00:00:00Z");
  CHECK(story.deadline('a', "window").phase('a') == "delivering");
  CHECK(all_met(progress(story.lane.promotions[0])));
}

TEST_CASE("a clock that jumps by years neither reminds twice nor waits for ever") {
  auto patient = rule("release-managers");
  patient.remind = 8h;
  auto story = waiting(one_gate({patient}));
  story.later(-24h * 365).deadline('a', "approval");
  CHECK(story.phase('a') == "awaiting_approval");
  CHECK(story.notices().empty());
  CHECK(story.wants("timer/pa/approval"));
  story.later(24h * 365 * 2).deadline('a', "approval");
  CHECK(story.phase('a') == "expired");
  CHECK(story.notices().empty());
}

TEST_CASE("what an approver demands besides is kept in words") {
  auto story = waiting(one_gate({rule("release-managers")}));
  story.happens(ApprovalGiven{"pa",
                              digest_of('a'),
                              digest_of('9'),
                              "ann",
                              {"release-managers"},
                              {},
                              "",
                              "only with 10 % of the traffic",
                              findings_digest(story.of('a'), story.world)});
  CHECK(story.of('a').approvals[0].condition == "only with 10 % of the traffic");
}

TEST_CASE("a vetoed candidate never comes back to this lane") {
  auto story = waiting(one_gate({rule("release-managers")}));
  story.happens(VetoGiven{"pa", digest_of('a'), digest_of('9'), "max", {"guests"}, "no"});
  CHECK(story.refusal() == "not-allowed");
  story.happens(VetoGiven{"pa", digest_of('a'), digest_of('9'), "ann", {"release-managers"}, "trained on stolen data"});
  CHECK(story.phase('a') == "vetoed");
  story.sees('a');
  CHECK(story.decision.ignored.find("vetoed here by ann") != std::string::npos);
  CHECK(story.sees('b').phase('b') == "checking");
}

}  // namespace penstock::tests
