// The semaphore that a policy names.
#include "tests/definitions/life_story.hpp"

using namespace penstock;
using namespace penstock::definitions;

TEST_CASE("a policy names a semaphore, and one that names none keeps its digest") {
  LifeStory story;
  story.options.semaphores = core::Semaphores{{"tier-1", 2}, {"tier-2", 5}};
  CHECK(story.policy("  semaphore: tier-1\n").semaphore == "tier-1");
  CHECK(core::canonical_bytes(story.policy("")).find("semaphore") == std::string::npos);
}

TEST_CASE("a semaphore that nobody declared is an error, once it is known which there are") {
  LifeStory story;
  CHECK(story.policy("  semaphore: teir-1\n").semaphore == "teir-1");
  story.options.semaphores = core::Semaphores{{"tier-1", 2}};
  CHECK(story.problem("  semaphore: teir-1\n") ==
        "policies/p.yaml:10:14: error: spec.semaphore: there is no semaphore `teir-1`, did you mean `tier-1`?");
  story.options.semaphores = core::Semaphores{};
  CHECK(story.problem("  semaphore: tier-1\n").find("declare it under `semaphores` of penstock.yaml") !=
        std::string::npos);
  CHECK(story.problem("  semaphore: Tier 1\n").find("spec.semaphore: `Tier 1` is no name") != std::string::npos);
}
