#include "daemon/intake/replay.hpp"

#include "tests/intake/api_story.hpp"

namespace penstock::intake {
namespace {

bool remembers(ApiStory& story, std::vector<std::string> keys, const std::string& answer) {
  const auto kept = story.run(story.replay.remember(std::move(keys), answer));
  REQUIRE(kept);
  return *kept;
}
std::string found(ApiStory& story, std::vector<std::string> keys) {
  const auto answer = story.run(story.replay.find(std::move(keys)));
  REQUIRE(answer);
  return answer->value_or("(nothing)");
}

}  // namespace

TEST_CASE("an answer is found under any of its keys, and the first one stays") {
  ApiStory story;
  CHECK(found(story, {"hook/git/1"}) == "(nothing)");
  CHECK(remembers(story, {"hook/git/sha256:a", "hook/git/1"}, "first"));
  CHECK_FALSE(remembers(story, {"hook/git/sha256:b", "hook/git/1"}, "second"));
  CHECK(found(story, {"hook/git/2", "hook/git/1"}) == "first");
}

TEST_CASE("an answer is forgotten after a day, far beyond any signature's time stamp") {
  ApiStory story;
  CHECK(remembers(story, {"hook/git/1"}, "first"));
  story.clock.advance(24h - 1ms);
  CHECK(found(story, {"hook/git/1"}) == "first");
  story.clock.advance(1ms);
  CHECK(found(story, {"hook/git/1"}) == "(nothing)");
}

TEST_CASE("a key's turn is taken by one at a time and given back") {
  ApiStory story;
  {
    auto turn = story.replay.take_turn("request/ci/1");
    CHECK(turn);
    CHECK_FALSE(story.replay.take_turn("request/ci/1"));
    CHECK(story.replay.take_turn("request/ana/1"));
    const auto moved = std::move(turn);
    CHECK_FALSE(story.replay.take_turn("request/ci/1"));
  }
  CHECK(story.replay.take_turn("request/ci/1"));
}

}  // namespace penstock::intake
