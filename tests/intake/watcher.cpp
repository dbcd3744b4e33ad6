#include "daemon/intake/watcher.hpp"

#include <future>

#include "tests/intake/watcher_story.hpp"

namespace penstock::intake {
namespace {

const core::Problem away{"unreachable", "the registry is away", "", "", true};

}  // namespace

TEST_CASE("a version that a source shows becomes a candidate with the digest of its files") {
  Watching story;
  story.script->polls = {poll_of({sighting("7"), sighting("8")}, "c1")};
  story.watcher->start();
  story.until_polls("worked", 1);
  const auto rows = story.get_json("/v1/candidates")["candidates"];
  REQUIRE(rows.size() == 2);
  const auto candidate = story.get_json("/v1/candidates?version=7")["candidates"][0];
  CHECK(candidate["submitter"] == "mia");
  CHECK(candidate["trigger"] == "poll");
  CHECK(story.get_json("/v1/candidates?version=8")["candidates"][0]["submitter"] == "source:registry");
  const auto digest =
      core::Digest::parse(story.get_json(candidate["href"])["candidate"]["artifact"]["digest"].get<std::string>());
  REQUIRE(digest);
  CHECK(story.store->tree(*digest));
  CHECK(story.cursor() == "c1");
}

TEST_CASE("the next poll goes on from the journalled cursor, also after a restart") {
  Watching story;
  REQUIRE(story.run(story.engine.set_cursor("registry", "c9")));
  story.script->polls = {poll_of({}, "c9")};
  story.watcher->start();
  story.until_polls("worked", 1);
  CHECK(story.script->cursors == std::vector<std::string>{"c9"});
}

TEST_CASE("a nudge brings the poll at once, and names the hook as the trigger") {
  Watching story;
  story.script->polls = {poll_of({}, "c1"), poll_of({sighting("7")}, "c2")};
  story.watcher->start();
  story.until_polls("worked", 1);
  CHECK(story.watcher->nudge("registry", "mlflow"));
  story.until_polls("worked", 2);
  CHECK(story.get_json("/v1/candidates")["candidates"][0]["trigger"] == "hook:mlflow");
  CHECK_FALSE(story.watcher->nudge("no-such-source"));
}

TEST_CASE("a storm of nudges while a poll goes on brings one more poll") {
  Watching story;
  story.script->polls = {poll_of({}, "c1")};
  story.script->on_poll = [&story, first = std::make_shared<bool>(true)] {
    if (!std::exchange(*first, false)) return;
    // The nudges come on the engine's thread while this poll is under way on its own.
    std::promise<void> nudged;
    asio::post(story.context, [&] {
      for (int i = 0; i < 1000; ++i) story.watcher->nudge("registry", "storm");
      nudged.set_value();
    });
    nudged.get_future().wait();
  };
  story.watcher->start();
  story.until_polls("worked", 2);
  story.until_idle();
  CHECK(story.script->polled() == 2);
  CHECK(story.metrics.value("penstock_nudges_total", {{"source", "registry"}, {"result", "joined"}}) == 999);
}

TEST_CASE("a source is polled again at its interval") {
  Watching story(10ms);
  story.script->polls = {poll_of({}, "c1")};
  story.watcher->start();
  story.until_polls("worked", 3);
}

TEST_CASE("a source that has more is asked again at once") {
  Watching story;
  story.script->polls = {poll_of({sighting("1")}, "c1", true), poll_of({sighting("2")}, "c2", true),
                         poll_of({}, "c2", true)};
  story.watcher->start();
  story.until_polls("worked", 3);
  story.until_idle();
  // The third said more without getting on: that is not believed.
  CHECK(story.script->polled() == 3);
  CHECK(story.get_json("/v1/candidates")["candidates"].size() == 2);
}

TEST_CASE("a poll that fails is told, shown, and never ends the watching") {
  Watching story;
  story.script->polls = {away, poll_of({sighting("7")}, "c1")};
  story.watcher->start();
  story.until_polls("failed", 1);
  CHECK(story.watcher->states()[0].failures == 1);
  CHECK(story.watcher->states()[0].problem_code == "unreachable");
  CHECK(story.told == std::vector<std::string>{"registry: unreachable"});
  story.until_polls("worked", 1);
  CHECK(story.watcher->states()[0].failures == 0);
  CHECK(story.watcher->states()[0].last_success);
  CHECK(story.sightings("new") == 1);
}

TEST_CASE("a source that throws is a source that fails") {
  Watching story;
  story.script->polls = {poll_of({}, "c1")};
  story.script->throws = true;
  story.watcher->start();
  story.until_polls("failed", 1);
  CHECK(story.watcher->states()[0].problem_code == "source-broke");
}

TEST_CASE("a version whose files cannot be fetched now is fetched by the next poll, the others only once") {
  Watching story;
  story.script->polls = {poll_of({sighting("1"), sighting("2"), sighting("3")}, "c1")};
  story.script->fetch_faults["2"] = {away};
  story.watcher->start();
  story.until_polls("failed", 1);
  CHECK(story.cursor() == "(none)");
  CHECK(story.sightings("new") == 2);
  story.watcher->nudge("registry");
  story.until_polls("worked", 1);
  CHECK(story.cursor() == "c1");
  CHECK(story.script->fetched == std::vector<std::string>{"1", "2", "3", "2"});
  CHECK(story.get_json("/v1/candidates")["candidates"].size() == 3);
}

TEST_CASE("a version whose files can never be taken is told once and passed by") {
  Watching story;
  story.script->polls = {poll_of({sighting("1"), sighting("2")}, "c1")};
  story.script->fetch_faults["1"] = {core::Problem{"too-large", "it has 99 GB"}};
  story.watcher->start();
  story.until_polls("worked", 1);
  CHECK(story.cursor() == "c1");
  CHECK(story.told == std::vector<std::string>{"registry: too-large"});
  CHECK(story.sightings("refused") == 1);
  CHECK(story.get_json("/v1/candidates")["candidates"].size() == 1);
}

TEST_CASE("files that are not what the source announced are refused") {
  Watching story;
  auto announced = sighting("1");
  announced.candidate.artifact->digest = runtime::sha256("something else");
  story.script->polls = {poll_of({announced}, "c1")};
  story.watcher->start();
  story.until_polls("worked", 1);
  CHECK(story.told == std::vector<std::string>{"registry: digest-mismatch"});
  CHECK(story.get_json("/v1/candidates")["candidates"].empty());
}

TEST_CASE("nothing is fetched for a model that no policy covers") {
  Watching story;
  story.script->polls = {poll_of({sighting("1", "churn")}, "c1")};
  story.watcher->start();
  story.until_polls("worked", 1);
  CHECK(story.script->fetched.empty());
  CHECK(story.sightings("not_covered") == 1);
  CHECK(story.cursor() == "c1");
}

TEST_CASE("versions that a source cannot read are told and counted") {
  Watching story;
  auto poll = poll_of({}, "c1");
  poll.problems = {core::Problem{"invalid-document", "candidate.yaml:3:1: unknown key"}};
  story.script->polls = {poll};
  story.watcher->start();
  story.until_polls("worked", 1);
  CHECK(story.told == std::vector<std::string>{"registry: invalid-document"});
  CHECK(story.metrics.value("penstock_source_problems_total",
                            {{"source", "registry"}, {"problem", "invalid-document"}}) == 1);
}

TEST_CASE("a failing source rests longer each time, at most five minutes, and not all rest alike") {
  CHECK(rest_after(0, 0.5) == 0ms);
  CHECK(rest_after(1, 0) == 500ms);
  CHECK(rest_after(1, 1) == 1000ms);
  CHECK(rest_after(4, 1) == 8000ms);
  CHECK(rest_after(9, 1) == 256s);
  CHECK(rest_after(10, 1) == 5min);
  CHECK(rest_after(1000, 1) == 5min);
  CHECK(rest_after(1000, 0) == 150s);
}

}  // namespace penstock::intake
