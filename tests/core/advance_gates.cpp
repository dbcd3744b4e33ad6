#include "tests/catch.hpp"
#include "tests/core/story.hpp"

namespace penstock::tests {

TEST_CASE("a candidate in an empty lane is taken up at once and its first stage is asked") {
  Story story;
  story.sees('a');
  CHECK(story.phase('a') == "checking");
  CHECK(story.commands() == std::vector<std::string>{"check/pa/contract/1"});
  CHECK(wait_of(story.of('a'))->what == "the answers of contract (stage data)");
  CHECK(wait_of(story.of('a'))->until == story.now + 10min);
}

TEST_CASE("the gates of a stage run side by side, the stages one after another") {
  Story story;
  story.sees('a').gate('a', "contract", Verdict::passed);
  CHECK(story.commands() == std::vector<std::string>{"check/pa/scan/1", "check/pa/smoke/1"});
  story.gate('a', "smoke", Verdict::passed);
  CHECK(story.phase('a') == "checking");
  story.gate('a', "scan", Verdict::passed);
  CHECK(story.phase('a') == "awaiting_approval");
}

TEST_CASE("a blocking gate that failed rejects, but only when its whole stage has answered") {
  Story story;
  story.sees('a').gate('a', "contract", Verdict::passed).gate('a', "scan", Verdict::failed, 1, "2 unsafe files");
  CHECK(story.phase('a') == "checking");
  story.gate('a', "smoke", Verdict::failed, 1, "status 500");
  CHECK(story.phase('a') == "rejected");
  CHECK(story.in<Rejected>('a').by == "gates of stage security");
  CHECK(story.in<Rejected>('a').reason == "scan failed: 2 unsafe files; smoke failed: status 500");
  CHECK(story.wants("call_off/pa"));
}

TEST_CASE("an inconclusive finding holds, and never counts as a pass") {
  Story story;
  story.sees('a').gate('a', "contract", Verdict::inconclusive, 1, "3 rules not understood");
  CHECK(story.phase('a') == "held");
  CHECK(story.in<Held>('a').reason == "contract inconclusive: 3 rules not understood");
  CHECK(story.commands() == std::vector<std::string>{"timer/pa/hold"});
  CHECK(wait_of(story.of('a'))->until == story.now + 24h * 7);
}

TEST_CASE("an errored check is repeated as often as the policy says, after a pause, and then holds") {
  auto policy = plain_policy();
  policy->stages[0].gates[0].attempts = 3;
  Story story(policy);
  story.sees('a').gate('a', "contract", Verdict::errored, 1, "timeout");
  REQUIRE(story.commands() == std::vector<std::string>{"check/pa/contract/2"});
  CHECK(std::get<RunCheck>(story.decision.commands[0]).due == story.now + 5s);
  CHECK(std::get<RunCheck>(story.decision.commands[0]).deadline == story.now + 5s + 10min);
  story.gate('a', "contract", Verdict::errored, 2, "timeout");
  CHECK(std::get<RunCheck>(story.decision.commands[0]).due == story.now + 10s);
  story.gate('a', "contract", Verdict::errored, 3, "timeout");
  CHECK(story.phase('a') == "held");
  CHECK(story.in<Held>('a').reason == "contract errored: timeout");
}

TEST_CASE("failed outranks errored: what is known to be wrong rejects even when another gate could not find out") {
  Story story;
  story.sees('a')
      .gate('a', "contract", Verdict::passed)
      .gate('a', "scan", Verdict::errored)
      .gate('a', "smoke", Verdict::failed);
  CHECK(story.phase('a') == "rejected");
}

TEST_CASE("an advisory gate is recorded and never stops a promotion") {
  for (const auto verdict : {Verdict::failed, Verdict::errored, Verdict::inconclusive}) {
    auto policy = plain_policy();
    policy->stages[0].gates[0].blocking = false;
    Story story(policy);
    story.sees('a').gate('a', "contract", verdict);
    CHECK(story.phase('a') == "checking");
    CHECK(newest_check(story.of('a'), "contract")->finding->verdict == verdict);
  }
}

TEST_CASE("a finding that comes twice, late, or unasked changes nothing") {
  Story story;
  story.sees('a').gate('a', "contract", Verdict::passed);
  const auto before = story.lane;
  story.gate('a', "contract", Verdict::failed);
  CHECK(story.decision.ignored == "attempt 1 of contract has been answered");
  story.gate('a', "scan", Verdict::passed, 2);
  CHECK(story.decision.ignored == "nobody asked for attempt 2 of scan");
  story.gate('x', "scan", Verdict::passed);
  CHECK(story.decision.ignored == "no open promotion px in fraud-eu in production");
  CHECK(story.lane == before);
}

TEST_CASE("a person's retry asks again exactly the gates that were not passed, with all their attempts") {
  auto policy = plain_policy();
  policy->stages[1].gates[0].attempts = 2;
  Story story(policy);
  story.sees('a')
      .gate('a', "contract", Verdict::passed)
      .gate('a', "scan", Verdict::inconclusive)
      .gate('a', "smoke", Verdict::passed);
  REQUIRE(story.phase('a') == "held");
  story.happens(RetryAsked{"pa", "ann"});
  CHECK(story.phase('a') == "checking");
  CHECK(story.commands() == std::vector<std::string>{"clear_timer/pa/hold", "check/pa/scan/2"});
  story.gate('a', "scan", Verdict::errored, 2);
  CHECK(story.commands() == std::vector<std::string>{"check/pa/scan/3"});
  story.gate('a', "scan", Verdict::passed, 3);
  CHECK(story.phase('a') == "awaiting_approval");
}

TEST_CASE("a held promotion that nobody decides on expires, and says so") {
  Story story;
  story.sees('a').gate('a', "contract", Verdict::inconclusive).later(24h * 7).happens(DeadlinePassed{"pa", "hold"});
  CHECK(story.phase('a') == "expired");
  CHECK(story.in<Expired>('a').what == "nobody decided within 7d what to do: contract inconclusive");
}

TEST_CASE("a policy without stages, approvals and deliveries is live at once") {
  auto policy = plain_policy();
  policy->stages.clear();
  policy->approvals.clear();
  policy->deliveries.clear();
  Story story(policy);
  story.sees('a');
  CHECK(story.phase('a') == "live");
}

}  // namespace penstock::tests
