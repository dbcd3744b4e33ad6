// Who must have acknowledged the audit log before deliveries begin.
#include "tests/definitions/life_story.hpp"

using namespace penstock;
using namespace penstock::definitions;
using namespace std::chrono_literals;

TEST_CASE("a policy names sinks and witnesses, and one that names none keeps its digest") {
  LifeStory story;
  story.options.acknowledgers = {"vault", "w1"};
  const auto policy = story.policy("  audit: {acknowledged_by: [vault, w1], within: 6h}\n");
  CHECK(policy.audit.acknowledged_by == std::vector<std::string>{"vault", "w1"});
  CHECK(policy.audit.within == 6h);
  CHECK(story.policy("  audit: {acknowledged_by: [vault]}\n").audit.within == 24h);
  CHECK(core::canonical_bytes(story.policy("")).find("audit") == std::string::npos);
}

TEST_CASE("a sink that nobody declared is an error, once it is known which there are") {
  LifeStory story;
  CHECK(story.policy("  audit: {acknowledged_by: [valut]}\n").audit.acknowledged_by.front() == "valut");
  story.options.acknowledgers = {"vault"};
  CHECK(story.problem("  audit: {acknowledged_by: [valut]}\n") ==
        "policies/p.yaml:10:29: error: spec.audit.acknowledged_by[0]: the audit log has no sink or witness `valut`, "
        "did you mean `vault`?");
  story.options.acknowledgers = std::vector<std::string>();
  CHECK_THAT(story.problem("  audit: {acknowledged_by: [vault]}\n"),
             Catch::Contains("declare it under `audit` of penstock.yaml"));
  story.options.acknowledgers = {"vault"};
  CHECK_THAT(story.problem("  audit: {acknowledged_by: [vault, vault]}\n"), Catch::Contains("is there already"));
  CHECK_THAT(story.problem("  audit: {acknowledged_by: []}\n"), Catch::Contains("acknowledged_by"));
  CHECK_THAT(story.problem("  audit: {within: 1h}\n"), Catch::Contains("acknowledged_by"));
}

TEST_CASE("what a policy can go without in an emergency may be all that there is") {
  LifeStory story;
  CHECK(story
            .policy("  break_glass: {group: on-call, skip: [approvals, windows, stops, semaphores, acknowledgements], "
                    "reviewers: infosec}\n")
            .break_glass->skips.size() == 5);
}
