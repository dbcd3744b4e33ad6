#include "daemon/engine/claims.hpp"

#include "tests/catch.hpp"
#include "tests/engine/among_several.hpp"

namespace penstock::tests {

using namespace std::chrono_literals;

namespace {

struct Story {
  runtime::ManualClock clock{core::Time(1'795'219'200'000ms)};
  AmongSeveral daemon{clock};
  engine::Claims& claims = daemon.claims;
};

}  // namespace

TEST_CASE("what a daemon carries out is its own while it is in force and its lease does not end soon") {
  Story story;
  const auto row = story.daemon.claimed("deliver/prm_1/serving/1", 1min);
  CHECK_FALSE(story.claims.is_ours(row.key));
  story.claims.begin(row);
  CHECK(story.claims.is_ours(row.key));
  story.daemon.in_force.holds = false;
  CHECK_FALSE(story.claims.is_ours(row.key));
  story.daemon.in_force.holds = true;
  story.clock.advance(44s);
  CHECK(story.claims.is_ours(row.key));
  story.clock.advance(1s);
  CHECK_FALSE(story.claims.is_ours(row.key));
  story.claims.renewed(story.daemon.claimed(row.key, 5min));
  CHECK(story.claims.is_ours(row.key));
  CHECK(story.claims.end(row.key) == story.clock.now() + 5min);
  CHECK_FALSE(story.claims.is_ours(row.key));
  CHECK_FALSE(story.claims.end(row.key));
}

TEST_CASE("leases are renewed before they end, and not when they have ended: somebody else may have the row") {
  Story story;
  story.claims.begin(story.daemon.claimed("ended", 1min));
  story.clock.advance(1min);
  story.claims.begin(story.daemon.claimed("soon", 1min));
  story.claims.begin(story.daemon.claimed("later", 5min));
  const auto ending = story.claims.ending_within(2min);
  REQUIRE(ending.size() == 1);
  CHECK(ending.front().key == "soon");
  // What is not carried out has no lease to be moved.
  story.claims.renewed(story.daemon.claimed("unknown"));
  CHECK(story.claims.ending_within(1h).size() == 2);
}

TEST_CASE("to a daemon that has the journal to itself everything it has claimed belongs") {
  runtime::ManualClock clock{core::Time(1'795'219'200'000ms)};
  const engine::Claims claims(nullptr, clock);
  const auto row = AmongSeveral(clock).claimed("check/prm_1/gate/1", 1min);
  clock.advance(1h);
  CHECK(claims.alone());
  CHECK(claims.in_force());
  CHECK(claims.lasts(row));
  CHECK(claims.is_ours(row.key));
}

}  // namespace penstock::tests
