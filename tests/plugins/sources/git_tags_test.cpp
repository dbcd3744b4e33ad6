#include "tests/plugins/sources/git_story.hpp"

using namespace penstock;
using namespace penstock::sources::test;

TEST_CASE("GTO tags are versions, with what artifacts.yaml and candidate.yaml say") {
  GitStory story;
  story.settings["gto"] = true;
  story.settings["branches"] = nlohmann::json::array();
  story.write("artifacts.yaml",
              "fraud:\n  type: model\n  path: models/fraud\n  labels: [nlp, fast]\nfile-model: {path: one.bin}\ndvc: "
              "{path: away.bin}\n");
  story.write("models/fraud/weights", "1");
  story.write("one.bin", "single");
  story.write("sub/artifacts.yaml", "inner: {path: data}\n");
  story.write("sub/data/x", "x");
  story.write("churn/candidate.yaml", "model: churn\nmetrics: {auc: 0.7}\n");
  const auto commit = story.push();
  for (const auto* name : {"fraud@v1.0.0", "file-model@v0.1.0", "dvc@v1.0.0", "sub=inner@v2.0.0", "fraud@v1.0.0!",
                           "fraud#prod#1", "fraud@1.2.3", "v7"})
    story.tag(name);
  story.tag("churn@v1.0.0-rc.1", false);
  const auto poll = story.poll();
  CHECK(poll.problems.empty());
  std::map<std::string, sdk::Sighting> found;
  for (const auto& sighting : poll.sightings)
    found[sighting.candidate.model + " " + sighting.candidate.version] = sighting;
  REQUIRE(found.size() == 5);
  const auto& fraud = found.at("fraud v1.0.0");
  CHECK(fraud.candidate.artifact->uri == "models/fraud");
  CHECK(fraud.candidate.labels.at("gto.type") == "model");
  CHECK(fraud.candidate.labels.at("gto.labels") == "nlp,fast");
  CHECK(fraud.candidate.git->commit == commit);
  CHECK(fraud.submitter == "tagger@example.org");
  CHECK(found.at("churn v1.0.0-rc.1").candidate.metrics.at("auc") == 0.7);
  CHECK(found.at("churn v1.0.0-rc.1").candidate.artifact->uri == "churn");
  CHECK(found.at("sub:inner v2.0.0").candidate.artifact->uri == "sub/data");
  CHECK_FALSE(found.at("dvc v1.0.0").candidate.artifact);
  CHECK(found.at("dvc v1.0.0").candidate.labels.at("gto.path") == "away.bin");
  const auto copy = story.empty_folder("copy");
  REQUIRE(why(story.fetch(found.at("file-model v0.1.0").candidate, copy)) == "");
  CHECK(read_file(copy / "one.bin") == "single");
  CHECK(story.poll(poll.cursor).sightings.empty());
}

TEST_CASE("a tag that matches is a version by its name, and a tag of no commit is told") {
  GitStory story;
  story.settings["branches"] = nlohmann::json::array();
  story.settings["tags"] = {"v*"};
  story.write("candidate.yaml", "model: m\n");
  story.push();
  story.tag("v1");
  story.tag("nightly");
  story.git("tag vblob $(git rev-parse HEAD:candidate.yaml)");
  story.git("push -q " + story.bare.string() + " vblob");
  const auto poll = story.poll();
  REQUIRE(poll.sightings.size() == 1);
  CHECK(poll.sightings[0].candidate.version == "v1");
  REQUIRE(poll.problems.size() == 1);
  CHECK(poll.problems[0].code == "not-a-commit");
  CHECK(story.poll(poll.cursor).problems.empty());
}
