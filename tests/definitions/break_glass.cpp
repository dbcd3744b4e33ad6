// What a policy lets people go without in an emergency.
#include "tests/definitions/life_story.hpp"

using namespace penstock;
using namespace penstock::definitions;
using namespace std::chrono_literals;

TEST_CASE("broken glass is read with what it goes without, and the review it demands") {
  const auto policy = LifeStory().policy(
      "  break_glass:\n    group: on-call\n    gates: [owner]\n    skip: [approvals, windows, stops]\n    for: 30m\n"
      "    reviewers: infosec\n    review_within: 48h\n");
  REQUIRE(policy.break_glass);
  CHECK(*policy.break_glass ==
        core::BreakGlassSpec{"on-call",
                             {"owner"},
                             {core::Dispensable::approvals, core::Dispensable::windows, core::Dispensable::stops},
                             30min,
                             "infosec",
                             48h});
  const auto stored = core::policy_from_json(core::to_json(policy));
  REQUIRE(stored);
  CHECK(stored->break_glass == policy.break_glass);
}

TEST_CASE("a policy without a word of it knows no break-glass, and neither does its way back") {
  CHECK(!LifeStory().policy("").break_glass);
  const auto policy = LifeStory().policy("  break_glass: {group: on-call, gates: [owner], reviewers: infosec}\n");
  CHECK(policy.break_glass->lasts == 1h);
  CHECK(policy.break_glass->review == 72h);
  CHECK(!core::rollback_policy(policy).break_glass);
}

TEST_CASE("glass behind which nothing can be gone without is told") {
  LifeStory story;
  CHECK(story.problem("  break_glass: {group: on-call, reviewers: infosec}\n") ==
        "policies/p.yaml:10:24: error: spec.break_glass.group: nothing is gone without behind the glass; write which "
        "`gates`, or what else to `skip`");
  CHECK(story.problem("  break_glass: {group: on-call, reviewers: infosec, gates: [scan]}\n") ==
        "policies/p.yaml:10:61: error: spec.break_glass.gates[0]: no stage of this policy asks a gate `scan`");
}

TEST_CASE("a gate that proves integrity is never gone without") {
  LifeStory story;
  story.options.kinds.gates["fields"].proves_integrity = true;
  CHECK(story.problem("  break_glass: {group: on-call, reviewers: infosec, gates: [owner]}\n")
            .starts_with("policies/p.yaml:10:61: error: spec.break_glass.gates[0]: `owner` proves that the files are"));
}

TEST_CASE("groups that are too small to break the glass, or to review it, are told") {
  LifeStory story;
  story.options.people_in_group = {{"on-call", 1}, {"infosec", 1}};
  CHECK(story.problem("  break_glass: {group: on-call, reviewers: infosec, gates: [owner]}\n") ==
        "policies/p.yaml:10:24: error: spec.break_glass.group: 2 people of `on-call` must break the glass, and it has "
        "1");
  story.options.people_in_group = {{"on-call", 2}};
  CHECK(story.problem("  break_glass: {group: on-call, reviewers: infosec, gates: [owner]}\n")
            .starts_with("policies/p.yaml:10:44: error: spec.break_glass.reviewers: 1 person of `infosec` must"));
}
