// Whether what was delivered is still there, as policies say it.
#include "tests/definitions/life_story.hpp"

using namespace penstock;
using namespace penstock::definitions;
using namespace std::chrono_literals;

TEST_CASE("drift is looked for as often as the policy says, and only then") {
  const LifeStory story;
  CHECK(story.policy("  drift: {every: 5m, repair: true}\n").drift == core::DriftSpec{5min, true});
  CHECK(story.policy("  drift: {}\n").drift == core::DriftSpec{10min, false});
  CHECK_FALSE(story.policy("").drift);
  CHECK(core::canonical_bytes(story.policy("")).find("drift") == std::string::npos);
  CHECK(story.problem("  drift: {every: 1s}\n") ==
        "policies/p.yaml:10:18: error: spec.drift.every: is 1s, needs at least 10s");
  CHECK(story.problem("  drift: {repare: true}\n").find("did you mean `repair`?") != std::string::npos);
}
