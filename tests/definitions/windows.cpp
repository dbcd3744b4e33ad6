// What policies say of the time of delivery: windows, whose turn it is, the environment before.
#include "tests/definitions/life_story.hpp"

using namespace penstock;
using namespace penstock::definitions;
using namespace std::chrono_literals;

TEST_CASE("windows are read with their times, zone and reason") {
  const auto policy = LifeStory().policy(
      "  windows:\n    - {deny: FRI 16:00 - MON 08:00, reason: weekend freeze}\n    - {allow: 2026-12-01 - "
      "2026-12-20}\n"
      "  window_jitter: 30m\n  most_per_window: 3\n  order: newest-first\n  after: {environment: staging, soak: "
      "24h}\n");
  REQUIRE(policy.windows.size() == 2);
  CHECK(policy.windows[0] == core::Window{core::WindowKind::deny, "FRI 16:00 - MON 08:00", "UTC", "weekend freeze"});
  CHECK(policy.windows[1].kind == core::WindowKind::allow);
  CHECK(policy.window_jitter == 30min);
  CHECK(policy.most_per_window == 3);
  CHECK(policy.order == core::QueueOrder::newest_first);
  CHECK(policy.after == core::AfterSpec{"staging", 24h});
}

TEST_CASE("a gate whose answers grow old says so where it is used") {
  LifeStory story;
  const auto loaded = story.read("  rollback: {stages: [{name: again, gates: [{use: owner, max_age: 2h}]}]}\n");
  REQUIRE(loaded.lints.empty());
  CHECK(loaded.policies[0]->rollback.stages[0].gates[0].max_age == core::Duration(2h));
  CHECK_FALSE(loaded.policies[0]->stages[0].gates[0].max_age);
}

TEST_CASE("a window that cannot be understood is told with its place") {
  const LifeStory story;
  CHECK(story.problem("  windows: [{deny: sometimes}]\n")
            .starts_with("policies/p.yaml:10:20: error: spec.windows[0].deny:"));
  CHECK(story.problem("  windows: [{deny: 12-20 - 01-05, timezone: Europe/Atlantis}]\n").find("Europe/Atlantis") !=
        std::string::npos);
  CHECK(story.problem("  windows: [{reason: none}]\n").find("neither") != std::string::npos);
  CHECK(story.problem("  windows: [{deny: 12-20 - 01-05, allow: 12-20 - 01-05}]\n").find("both") != std::string::npos);
  CHECK(story.problem("  after: {environment: production}\n").find("cannot come after itself") != std::string::npos);
}

TEST_CASE("a policy that says nothing of windows keeps its digest") {
  const auto plain = LifeStory().policy("");
  CHECK(core::canonical_bytes(plain).find("window") == std::string::npos);
  CHECK(core::canonical_bytes(plain).find("order") == std::string::npos);
}
