// examples/executable-gate/fairness.py as the gate that it is: asked by Penstock, on good, bad and broken predictions.
#include "plugins/gates/executable.hpp"
#include "tests/plugins/gates/gate_world.hpp"

using namespace penstock;
using namespace penstock::gates::test;
using core::Verdict;
using nlohmann::json;

namespace {

struct FairnessStory : World {
  FairnessStory() {
    with["program"] = (fs::path(PENSTOCK_SOURCE_DIR) / "examples/executable-gate/fairness.py").string();
    with["input"] = {{"group", "region"}};
  }
  core::Result<sdk::GateAnswer> ask() { return check(gates::executable_kind(), with); }
  sdk::GateAnswer on(const std::string& predictions) {
    put("predictions.csv", predictions);
    auto answer = ask();
    REQUIRE(answer);
    check_told(*answer);
    return std::move(*answer);
  }
  json with;
};

// Each group has `rows` rows, of which so many are accepted.
std::string predictions(const std::vector<std::pair<std::string, int>>& groups, int rows = 50) {
  std::string text = "region,prediction\n";
  for (const auto& [group, accepted] : groups)
    for (int row = 0; row < rows; ++row) text += group + (row < accepted ? ",1\n" : ",0\n");
  return text;
}

}  // namespace

TEST_CASE("the fairness gate is taken when it is loaded") {
  FairnessStory story;
  CHECK(gates::executable_kind().verify(story.with, story.tools));
}

TEST_CASE("groups that are treated alike pass, down to the ratio itself") {
  FairnessStory story;
  const auto answer = story.on(predictions({{"north", 50}, {"south", 40}}));
  CHECK(answer.finding.verdict == Verdict::passed);
  CHECK(answer.finding.details.size() == 2);
  REQUIRE(answer.evidence.size() == 1);
  CHECK(json::parse(answer.evidence[0].content)["south"] == json{{"rows", 50}, {"accepted", 40}});
}

TEST_CASE("a group that falls behind fails, and is named") {
  FairnessStory story;
  const auto answer = story.on(predictions({{"north", 50}, {"south", 39}}));
  CHECK(answer.finding.verdict == Verdict::failed);
  CHECK(rules_of(answer)[1] == "group/south: failed, accepted 0.780, 0.78 of the highest rate, at least 0.80");
  story.with["input"]["minimum_ratio"] = 0.7;
  CHECK(story.ask()->finding.verdict == Verdict::passed);
}

TEST_CASE("predictions that are not among the files fail") {
  FairnessStory story;
  story.put("model.skops", "the model");
  CHECK(story.ask()->finding.verdict == Verdict::failed);
}

TEST_CASE("too few rows or groups cannot be judged") {
  FairnessStory story;
  CHECK(story.on(predictions({{"north", 20}, {"south", 20}}, 29)).finding.verdict == Verdict::inconclusive);
  CHECK(story.on(predictions({{"north", 20}})).finding.verdict == Verdict::inconclusive);
  CHECK(story.on("region,prediction\n").finding.verdict == Verdict::inconclusive);
}

TEST_CASE("predictions that are not understood are inconclusive, never a pass") {
  FairnessStory story;
  const auto good = predictions({{"north", 50}, {"south", 50}});
  CHECK(story.on(good).finding.verdict == Verdict::passed);
  for (const std::string& broken :
       {std::string(), std::string("\n"), "area" + good.substr(6), good + "south,maybe\n", good + "south,\n",
        good + "south\n", good + "south,1,1\n", good + "south,0.9\n", good + "south,\xFF\n",
        "region,prediction,prediction\n" + good.substr(18), good + "\"" + std::string(200'000, 'x') + "\",1\n",
        std::string(1000, '\x01'), std::string("{\"region\": 1}")}) {
    INFO(broken.substr(0, 20) + " ... " + broken.substr(broken.size() - std::min<std::size_t>(broken.size(), 20)));
    CHECK(story.on(broken).finding.verdict == Verdict::inconclusive);
  }
  // Less than the whole row: the last group has no name.
  CHECK(story.on("prediction,region\n1\n").finding.verdict == Verdict::inconclusive);
}

TEST_CASE("a fairness gate that was set up wrongly has no answer, and says why") {
  FairnessStory story;
  story.put("predictions.csv", predictions({{"north", 50}, {"south", 50}}));
  story.with["input"] = json::object();
  const auto without = story.ask();
  REQUIRE_FALSE(without);
  CHECK(without.error().message.find("names no `group`") != std::string::npos);
  story.with["input"] = {{"group", "region"}, {"predictions", "../definitions/x.csv"}};
  const auto outside = story.ask();
  REQUIRE_FALSE(outside);
  CHECK(outside.error().message.find("leaves the artifact") != std::string::npos);
}
