// Broken glass: who breaks it, what it lets pass, and what is owed afterwards.
#include "tests/catch.hpp"

#include "tests/core/story.hpp"

namespace penstock::tests {
namespace {

std::shared_ptr<Policy> policy() {
  auto made = plain_policy();
  made->stages = {{"data", {{"contract", "data-contract"}, {"scan", "security-signoff"}}}};
  made->approvals = {{"release-managers", 1}};
  made->deliveries = {{"serving", "webhook"}};
  made->windows = {{WindowKind::deny, "2026-11-01 - 2026-12-31", "UTC", "peak season"}};
  BreakGlassSpec glass;
  glass.group = "on-call";
  glass.gates = {"contract"};
  glass.skips = {Dispensable::approvals, Dispensable::windows};
  glass.reviewers = "infosec";
  made->break_glass = glass;
  return made;
}

Story& breaks(Story& story, const std::string& person, char letter = 'a',
              std::vector<std::string> groups = {"on-call"}) {
  return story.happens(BreakGlassAsked{Story::id(letter), digest_of(letter), digest_of('9'), person, std::move(groups),
                                       "the live model blocks all cards"});
}

Story& reviews(Story& story, const std::string& person, std::vector<std::string> groups = {"infosec"}) {
  return story.happens(ReviewFiled{eu_lane, person, std::move(groups), "it was right; the contract is mended", ""});
}

Story seen() {
  Story story(policy());
  story.sees('a');
  return story;
}

}  // namespace

TEST_CASE("two people break the glass, and what the policy lists is gone without") {
  auto story = seen();
  story.gate('a', "scan", Verdict::passed);
  breaks(story, "ann");
  CHECK(story.phase('a') == "checking");
  REQUIRE(story.notices().size() == 1);
  CHECK(story.notices()[0].to == std::vector<std::string>{"group:on-call"});
  breaks(story, "bob");
  CHECK(story.phase('a') == "delivering");
  REQUIRE(story.notices().size() == 1);
  CHECK(story.notices()[0].kind == NoticeKind::alarm);
  CHECK(story.notices()[0].to == std::vector<std::string>{"group:on-call", "group:infosec"});
  CHECK(story.of('a').glass->skipped == std::vector<std::string>{"gate contract", "approvals", "windows"});
  CHECK(story.confirms('a', "serving").phase('a') == "live");
  CHECK(story.of('a').glass->asked_by == "ann");
  CHECK(story.of('a').glass->confirmed_by == "bob");
}

TEST_CASE("a gate that the policy does not list is waited for behind broken glass, and its failure ends it") {
  auto story = seen();
  breaks(story, "ann");
  breaks(story, "bob");
  CHECK(story.phase('a') == "checking");
  story.gate('a', "scan", Verdict::failed);
  CHECK(story.phase('a') == "rejected");
}

TEST_CASE("one person alone does not break the glass, nor does somebody of another group") {
  auto story = seen();
  story.gate('a', "scan", Verdict::passed);
  CHECK(breaks(story, "max", 'a', {"release-managers"}).refusal() == "not-allowed");
  breaks(story, "ann");
  breaks(story, "ann");
  CHECK(!story.decision.ignored.empty());
  CHECK(story.phase('a') == "checking");
}

TEST_CASE("a second person who comes too late begins anew") {
  auto story = seen();
  story.gate('a', "scan", Verdict::passed);
  breaks(story, "ann");
  story.later(61min);
  breaks(story, "bob");
  CHECK(story.phase('a') == "checking");
  breaks(story, "ann");
  CHECK(story.phase('a') == "delivering");
}

TEST_CASE("what is found and may never be waived is not gone without") {
  auto story = seen();
  story.gate('a', "scan", Verdict::passed);
  breaks(story, "ann");
  auto answer = finding(Verdict::failed, "the digest differs");
  answer.details = {{"digest", Verdict::failed, "a", "b", "model.bin"}};
  answer.details[0].never_waivable = true;
  story.happens(CheckReported{"pa", "contract", 1, answer});
  CHECK(story.phase('a') == "rejected");
}

TEST_CASE("an answer that comes after its stage was left behind broken glass still counts") {
  auto story = seen();
  auto strict = std::make_shared<Policy>(*policy());
  strict->break_glass->skips.clear();
  story = Story(strict);
  story.sees('a').gate('a', "scan", Verdict::passed);
  breaks(story, "ann");
  breaks(story, "bob");
  CHECK(story.phase('a') == "awaiting_approval");
  auto answer = finding(Verdict::failed, "the digest differs");
  answer.details = {{"digest", Verdict::failed, "a", "b", "model.bin"}};
  answer.details[0].never_waivable = true;
  story.happens(CheckReported{"pa", "contract", 1, answer});
  CHECK(story.phase('a') == "checking");
  CHECK(story.wants("check/pa/contract/2"));
}

TEST_CASE("an approval that a late answer has made void is waited for again, by the rule's own time") {
  auto strict = std::make_shared<Policy>(*policy());
  strict->break_glass->skips.clear();
  strict->approvals = {{"release-managers", 1, 1h}, {"infosec", 1, 2h}};
  auto story = Story(strict);
  story.sees('a').gate('a', "scan", Verdict::passed);
  breaks(story, "ann");
  breaks(story, "bob");
  const auto due = [&] {
    const core::Command* found = nullptr;
    for (const auto& command : story.decision.commands)
      if (key_of(command) == "timer/pa/approval") found = &command;
    REQUIRE(found != nullptr);
    return std::get<SetTimer>(*found).due;
  };
  const auto one_hour = due();
  story.approves('a', "dora");
  CHECK(due() == one_hour + 1h);
  story.happens(CheckReported{"pa", "contract", 1, finding(Verdict::passed, "0 violations")});
  CHECK(story.phase('a') == "awaiting_approval");
  CHECK_FALSE(story.of('a').approvals[0].voided.empty());
  CHECK(due() == one_hour);
}

TEST_CASE("glass that has lapsed before the delivery began lets nothing pass") {
  auto waiting = policy();
  waiting->break_glass->skips = {Dispensable::approvals};
  Story story(waiting);
  story.sees('a').gate('a', "scan", Verdict::passed);
  breaks(story, "ann");
  breaks(story, "bob");
  CHECK(story.phase('a') == "awaiting_window");
  story.later(61min).deadline('a', "glass");
  CHECK(story.phase('a') == "checking");
  CHECK(story.wants("check/pa/contract/2"));
  story.gate('a', "contract", Verdict::passed, 2);
  CHECK(story.phase('a') == "awaiting_approval");
}

TEST_CASE("somebody who has left the group did not break the glass") {
  auto story = seen();
  People people{{"ann", {"on-call"}}, {"bob", {"on-call"}}};
  story.world.people = &people;
  breaks(story, "ann");
  breaks(story, "bob");
  people["bob"].clear();
  story.gate('a', "scan", Verdict::passed);
  CHECK(story.phase('a') == "checking");
}

TEST_CASE("a lane with broken glass takes up nothing until somebody else has filed the review") {
  auto story = seen();
  story.gate('a', "scan", Verdict::passed);
  breaks(story, "ann");
  breaks(story, "bob");
  story.confirms('a', "serving").sees('b');
  CHECK(story.phase('b') == "queued");
  const auto wait = wait_in(story.lane, story.of('b'));
  REQUIRE(wait);
  CHECK(wait->who == std::vector<std::string>{"group:infosec"});
  CHECK(reviews(story, "ann").refusal() == "not-allowed");
  CHECK(reviews(story, "max", {"on-call"}).refusal() == "not-allowed");
  CHECK(story.phase('b') == "queued");
  reviews(story, "ivy");
  CHECK(!story.lane.state.review);
  CHECK(story.phase('b') == "checking");
}

TEST_CASE("a review that is overdue is told every day until it is filed") {
  auto story = seen();
  story.gate('a', "scan", Verdict::passed);
  breaks(story, "ann");
  breaks(story, "bob");
  story.confirms('a', "serving");
  const auto timer = "review/fraud-eu/production";
  story.later(71h).happens(DeadlinePassed{"", timer, eu_lane});
  CHECK(story.notices().empty());
  story.later(2h).happens(DeadlinePassed{"", timer, eu_lane});
  REQUIRE(story.notices().size() == 1);
  CHECK(story.notices()[0].to == std::vector<std::string>{"group:infosec"});
  CHECK(story.wants(std::string("timer//") + timer));
  reviews(story, "ivy");
  story.later(24h).happens(DeadlinePassed{"", timer, eu_lane});
  CHECK(!story.decision.ignored.empty());
}

TEST_CASE("going back does not wait for a review") {
  auto open = policy();
  open->windows.clear();
  Story story(open);
  story.sees('a').passes_all_gates('a').approves('a', "ann").confirms('a', "serving");
  CHECK(story.phase('a') == "live");
  story.sees('b').gate('b', "scan", Verdict::passed);
  breaks(story, "ann", 'b');
  breaks(story, "bob", 'b');
  story.confirms('b', "serving");
  story.happens(RollbackAsked{eu_lane, "pr", "ann", {"release-managers"}, "worse", {}});
  CHECK(story.phase('r') == "delivering");
}

TEST_CASE("without a word of it in the policy there is no glass to break") {
  Story story;
  story.sees('a');
  CHECK(breaks(story, "ann").refusal() == "not-allowed");
}

}  // namespace penstock::tests
