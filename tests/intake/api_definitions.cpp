// What is loaded, and what a policy that is sent would have decided.
#include "daemon/intake/api_definitions.hpp"

#include "tests/intake/api_story.hpp"

namespace penstock::intake {
namespace {

// A daemon whose reader gives what the test says: the real one is tested with the definitions.
class SimulationStory : public ApiStory {
 public:
  SimulationStory() {
    parts.definitions.loaded = [] { return json{{"policies", json::array()}, {"gates", json::array()}}; };
    parts.definitions.read = [this](const std::vector<SentFile>& files) {
      sent = files;
      return read;
    };
    parts.definitions.covering_with = [](std::shared_ptr<const core::Policy>) {
      return [](const std::string& model) { return model != "fraud-other"; };
    };
    read.good = true;
  }
  json simulate(std::shared_ptr<const core::Policy> policy, const json& more = json::object()) {
    read.policies = {std::move(policy)};
    json body{{"files", {{{"name", "p.yaml"}, {"text", "kind: Policy"}}}}};
    body.update(more);
    const auto response = post("/v1/simulations", body.dump());
    CHECK(response.status == 200);
    return json::parse(response.body);
  }

  ReadFiles read;
  std::vector<SentFile> sent;
};

}  // namespace

TEST_CASE("what is loaded is told to whoever has a token") {
  SimulationStory story;
  CHECK(story.get_json("/v1/definitions") == json{{"policies", json::array()}, {"gates", json::array()}});
}

TEST_CASE("a simulation tells what would have ended differently, and why, and changes nothing") {
  SimulationStory story;
  story.bring_live(story.submit("1"));
  const auto rejected = story.submit("2");
  story.answer(rejected, "contract", core::Verdict::failed, "3 violations");
  const auto under_way = story.submit("3");
  const auto before = story.journal->newest_seq().value();

  auto result = story.simulate(story_policy());
  CHECK(result["same"] == 2);
  CHECK(result["under_way"] == 1);
  CHECK(result["different"] == 0);
  CHECK(result["policy"] == "fraud-production");
  CHECK(story.sent.at(0).text == "kind: Policy");

  auto three = story_policy();
  three->approvals[0].count = 3;
  result = story.simulate(three);
  CHECK(result["same"] == 1);
  REQUIRE(result["different"] == 1);
  const auto& one = result["differing"][0];
  CHECK(one["version"] == "1");
  CHECK(one["was"] == "delivered");
  CHECK(one["would"] == "awaiting_approval");
  CHECK(one["why"].get<std::string>().find("2 of 3 approvals by release-managers") != std::string::npos);
  CHECK(story.get(one["href"]).status == 200);

  auto more = story_policy();
  more->stages[0].gates.push_back({"fairness", "executable"});
  result = story.simulate(more);
  CHECK(result["untold"] == 1);
  CHECK(result["unknown"][0]["why"] == "`fairness` was never asked");
  CHECK(result["unknown"][0]["would"].is_null());
  CHECK(result["same"] == 1);
  CHECK(story.journal->newest_seq().value() == before);
  CHECK(story.phase(under_way) == "checking");
}

TEST_CASE("a simulation is of the last promotions of the lanes that the policy would cover") {
  SimulationStory story;
  for (const auto* model : {"fraud", "fraud-other", "fraud-eu"}) {
    const auto response = story.post("/v1/candidates", json{{"model", model}, {"version", "1"}}.dump());
    story.answer(json::parse(response.body)["promotions"][0]["id"], "contract", core::Verdict::failed);
  }
  CHECK(story.simulate(story_policy())["looked_at"] == 2);
  CHECK(story.simulate(story_policy(), {{"last", 1}})["looked_at"] == 1);
}

TEST_CASE("what a simulation leaves out is noted") {
  SimulationStory story;
  auto policy = story_policy();
  CHECK(story.simulate(policy)["notes"].size() == 1);
  policy->watch.emplace();
  policy->most_per_window = 2;
  policy->approvals[0].excluded = {core::Excluded::editor};
  const auto notes = story.simulate(policy)["notes"];
  REQUIRE(notes.size() == 4);
  CHECK(notes[1].get<std::string>().find("the watch is left out") != std::string::npos);
  CHECK(notes[3].get<std::string>().find("nobody knows who edited") != std::string::npos);
}

TEST_CASE("files with problems are refused with every problem's place") {
  SimulationStory story;
  story.read.good = false;
  story.read.problems = json::array({{{"severity", "error"}, {"file", "p.yaml"}, {"line", 3}, {"column", 7}}});
  const auto response = story.post("/v1/simulations", R"({"files": [{"name": "p.yaml", "text": "x"}]})");
  CHECK(response.status == 400);
  CHECK(response.content_type == "application/problem+json");
  const auto problem = json::parse(response.body);
  CHECK(problem["code"] == "invalid-definitions");
  CHECK(problem["problems"][0]["line"] == 3);
}

TEST_CASE("of several policies one is named") {
  SimulationStory story;
  story.read.policies = {story_policy("staging"), story_policy("production")};
  const auto send = [&](const json& more) {
    json body{{"files", {{{"name", "p.yaml"}, {"text", ""}}}}};
    body.update(more);
    return story.post("/v1/simulations", body.dump());
  };
  CHECK(json::parse(send(json::object()).body)["detail"] ==
        "the files hold several policies: fraud-staging, fraud-production");
  CHECK(send({{"policy", "fraud"}}).status == 400);
  CHECK(json::parse(send({{"policy", "fraud-staging"}}).body)["environment"] == "staging");
  story.read.policies.clear();
  CHECK(json::parse(send(json::object()).body)["detail"] == "the files hold no policy");
}

TEST_CASE("bodies that cannot be meant are refused before anything is read") {
  SimulationStory story;
  story.read.policies = {story_policy()};
  const std::string file = R"({"name": "p", "text": "x"})";
  const auto refused = [&](const std::string& body) {
    const auto response = story.post("/v1/simulations", body);
    CHECK(response.status == 400);
    CHECK(story.sent.empty());
  };
  refused("");
  refused("[]");
  refused(R"({"files": []})");
  refused(R"({"files": {"name": "p", "text": "x"}})");
  refused(R"({"files": ["p"]})");
  refused(R"({"files": [{"name": "p"}]})");
  refused(R"({"files": [{"name": "", "text": "x"}]})");
  refused(R"({"files": [{"name": "p", "text": 1}]})");
  refused(R"({"files": [{"name": "p", "text": "x", "mode": 1}]})");
  refused(R"({"files": [)" + file + "," + file + "]}");
  refused(R"({"files": [)" + file + R"(], "last": 0})");
  refused(R"({"files": [)" + file + R"(], "last": 10001})");
  refused(R"({"files": [)" + file + R"(], "last": "10"})");
  refused(R"({"files": [)" + file + R"(], "polcy": "a"})");
  json many{{"files", json::array()}};
  for (int i = 0; i < 21; ++i) many["files"].push_back({{"name", std::to_string(i)}, {"text", ""}});
  refused(many.dump());
  refused(json{{"files", {{{"name", "p"}, {"text", std::string((1 << 20) + 1, 'x')}}}}}.dump());
  CHECK(story.post("/v1/simulations", R"({"files": [)" + file + "]}").status == 200);
}

}  // namespace penstock::intake
