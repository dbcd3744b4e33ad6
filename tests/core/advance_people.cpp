#include "tests/catch.hpp"
#include "tests/core/story.hpp"

namespace penstock::tests {

TEST_CASE("two distinct people make a quorum of two") {
  Story story;
  story.sees('a').passes_all_gates('a').approves('a', "ann");
  CHECK(story.phase('a') == "awaiting_approval");
  CHECK(wait_of(story.of('a'))->what == "1 of 2 approvals by release-managers");
  story.approves('a', "bob");
  CHECK(story.phase('a') == "delivering");
}

TEST_CASE("a second approval by the same person does not count") {
  Story story;
  story.sees('a').passes_all_gates('a').approves('a', "ann").approves('a', "ann");
  CHECK(story.phase('a') == "awaiting_approval");
  CHECK(story.decision.ignored == "ann has approved already");
}

TEST_CASE("the submitter and the authors cannot approve, whichever of their names is used") {
  Story story;
  story.sees('a', "sue", {"author@example.com"}).passes_all_gates('a').approves('a', "sue");
  CHECK(story.refusal() == "not-allowed");
  CHECK(story.decision.refused->message ==
        "sue is the submitter of this candidate, and the policy fraud-production does not let the submitter approve "
        "for release-managers");
  story.approves('a', "art", {"release-managers"}, {"author@example.com"});
  CHECK(story.refusal() == "not-allowed");
  CHECK(story.of('a').approvals.empty());
}

TEST_CASE("somebody outside the groups cannot approve") {
  Story story;
  story.sees('a').passes_all_gates('a').approves('a', "max", {"data-scientists"});
  CHECK(story.decision.refused->message == "max is in none of the groups that approve here (release-managers)");
}

TEST_CASE("one person in two groups is counted for the rule that lacks others") {
  auto policy = plain_policy();
  policy->approvals = {{"release-managers", 1}, {"infosec", 1}};
  Story story(policy);
  // Ann could fill either rule; Bob only the first: Ann must move to infosec.
  story.sees('a')
      .passes_all_gates('a')
      .approves('a', "ann", {"release-managers", "infosec"})
      .approves('a', "bob", {"release-managers"});
  CHECK(story.phase('a') == "delivering");
}

TEST_CASE("one person never fills two places") {
  auto policy = plain_policy();
  policy->approvals = {{"release-managers", 1}, {"infosec", 1}};
  Story story(policy);
  story.sees('a').passes_all_gates('a').approves('a', "ann", {"release-managers", "infosec"});
  CHECK(story.phase('a') == "awaiting_approval");
}

TEST_CASE("an approval of another candidate or under another policy is stale") {
  Story story;
  story.sees('a').passes_all_gates('a');
  story.happens(ApprovalGiven{"pa", digest_of('b'), digest_of('9'), "ann", {"release-managers"}, {}, ""});
  CHECK(story.refusal() == "stale-decision");
  story.happens(ApprovalGiven{"pa", digest_of('a'), digest_of('8'), "ann", {"release-managers"}, {}, ""});
  CHECK(story.refusal() == "stale-decision");
  story.happens(RejectionGiven{"pa", digest_of('b'), digest_of('9'), "ann", {"release-managers"}, "no"});
  CHECK(story.refusal() == "stale-decision");
}

TEST_CASE("an approval before the gates have passed is refused") {
  Story story;
  story.sees('a').approves('a', "ann");
  CHECK(story.refusal() == "conflict");
}

TEST_CASE("approvals that do not come in time expire the promotion, and it says who was missing") {
  Story story;
  story.sees('a').passes_all_gates('a');
  REQUIRE(story.wants("timer/pa/approval"));
  story.approves('a', "ann").later(72h).happens(DeadlinePassed{"pa", "approval"});
  CHECK(story.phase('a') == "expired");
  CHECK(story.in<Expired>('a').what == "only 1 of 2 approvals by release-managers came in time");
}

TEST_CASE("the approval timer follows the rules that are not met yet") {
  auto policy = plain_policy();
  policy->approvals = {{"release-managers", 1, 1h}, {"infosec", 1, 10h}};
  Story story(policy);
  story.sees('a').passes_all_gates('a');
  const auto since = story.now;
  story.later(30min).approves('a', "ann");
  REQUIRE(story.wants("timer/pa/approval"));
  CHECK(std::get<SetTimer>(story.decision.commands[0]).due == since + 10h);
  // The first rule's old deadline has no meaning any more.
  story.later(30min).happens(DeadlinePassed{"pa", "approval"});
  CHECK(story.phase('a') == "awaiting_approval");
}

TEST_CASE("a rejection by a person of the groups ends it with the reason, even by the submitter") {
  Story story;
  story.sees('a', "sue").passes_all_gates('a');
  story.happens(RejectionGiven{"pa", digest_of('a'), digest_of('9'), "sue", {"release-managers"}, "wrong data"});
  CHECK(story.phase('a') == "rejected");
  CHECK(story.in<Rejected>('a') == Rejected{"sue", "wrong data"});
}

TEST_CASE("somebody outside the groups cannot reject") {
  Story story;
  story.sees('a').happens(RejectionGiven{"pa", digest_of('a'), digest_of('9'), "max", {}, "no"});
  CHECK(story.refusal() == "not-allowed");
}

TEST_CASE("a promotion can be withdrawn until its delivery begins") {
  Story story;
  story.sees('a').passes_all_gates('a').happens(WithdrawalAsked{"pa", "sue", "typo"});
  CHECK(story.phase('a') == "withdrawn");
  story.sees('b')
      .passes_all_gates('b')
      .approves('b', "ann")
      .approves('b', "bob")
      .happens(WithdrawalAsked{"pb", "sue", "typo"});
  CHECK(story.refusal() == "conflict");
  CHECK(story.phase('b') == "delivering");
}

}  // namespace penstock::tests
