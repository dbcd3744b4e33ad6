// What a version would have to pass, told before there is a promotion.
#include "daemon/runtime/time_zones.hpp"
#include "tests/intake/api_story.hpp"

namespace penstock::intake {
namespace {

const std::string plan_of = "/v1/lanes/fraud/production/plan?version=";

}  // namespace

TEST_CASE("a plan tells gates, approvals, deliveries and what is open, and writes nothing") {
  ApiStory story;
  const auto before = story.journal->newest_seq().value();
  const auto plan = story.get_json(plan_of + "7");
  CHECK(plan["known"] == false);
  CHECK(plan["candidate"].is_null());
  CHECK(plan["phase"] == "checking");
  CHECK(plan["policy"]["name"] == "fraud-production");
  REQUIRE(plan["stages"].size() == 2);
  CHECK(plan["stages"][1]["gates"][1] ==
        json{{"name", "style"}, {"uses", "executable"}, {"blocking", false}, {"deadline", "10m"}, {"attempts", 1}});
  CHECK(plan["approvals"] == json::array({{{"group", "release-managers"},
                                           {"needed", 2},
                                           {"required", true},
                                           {"expires", "3d"},
                                           {"not", {"submitter", "author"}}}}));
  CHECK(plan["deliveries"][0]["uses"] == "webhook");
  CHECK(plan["window"]["open"] == true);
  CHECK(plan["after"].is_null());
  CHECK(plan["pin"].is_null());
  CHECK(plan["veto"].is_null());
  CHECK(plan["queue"]["behind"] == json::array());
  CHECK(story.journal->newest_seq().value() == before);
  CHECK(story.journal->lanes()->empty());
}

TEST_CASE("a plan of a version that was seen tells who is kept away from approving it") {
  ApiStory story;
  const auto id = story.submit("7", ana);
  story.pass_gates(id);
  story.decide(id, {{"decision", "reject"}, {"note", "no"}}, bo);
  const auto plan = story.get_json(plan_of + "7");
  CHECK(plan["known"] == true);
  CHECK(plan["candidate"] == story.get_json("/v1/promotions/" + id)["candidate"]);
  CHECK(plan["excluded"] == json{{"submitter", {"ana"}}, {"author", {"mia@example.com"}}});
  CHECK(plan["ignored"] == "");
}

TEST_CASE("a plan tells what a version would wait for: its turn, the pin, a stop") {
  ApiStory story;
  const auto first = story.submit("1");
  auto plan = story.get_json(plan_of + "2");
  CHECK(plan["phase"] == "queued");
  REQUIRE(plan["queue"]["behind"].size() == 1);
  CHECK(plan["queue"]["behind"][0]["id"] == first);
  REQUIRE(story.post("/v1/lanes/fraud/production/pin", R"({"reason": "audit"})", ana).status == 200);
  REQUIRE(story.post("/v1/stops", R"({"model": "fraud", "reason": "incident 12"})", ana).status == 201);
  plan = story.get_json(plan_of + "2");
  CHECK(plan["pin"]["by"] == "ana");
  CHECK(plan["window"]["open"] == false);
  CHECK(plan["window"]["reason"] == "stopped by ana: incident 12");
  CHECK(plan["window"]["stops"].size() == 1);
}

TEST_CASE("a plan tells who would give way") {
  auto policy = story_policy();
  policy->queue = core::QueueMode::cancel_running;
  ApiStory story({policy});
  const auto first = story.submit("1");
  const auto plan = story.get_json(plan_of + "2");
  REQUIRE(plan["queue"]["supersedes"].size() == 1);
  CHECK(plan["queue"]["supersedes"][0]["id"] == first);
  CHECK(plan["queue"]["supersedes"][0]["phase"] == "checking");
  CHECK(plan["queue"]["mode"] == "cancel-running");
  CHECK(story.phase(first) == "checking");
}

TEST_CASE("a plan of what was vetoed, or is there already, says that nothing would be opened") {
  ApiStory story;
  const auto first = story.submit("1");
  CHECK(story.get_json(plan_of + "1")["ignored"].get<std::string>().find("is checking here already") !=
        std::string::npos);
  story.pass_gates(first);
  story.decide(first, {{"decision", "veto"}, {"note", "it leaks"}}, ana);
  const auto plan = story.get_json(plan_of + "1");
  CHECK(plan["ignored"].get<std::string>().find("was vetoed here by ana") != std::string::npos);
  CHECK(plan["veto"]["reason"] == "it leaks");
  CHECK(plan["phase"].is_null());
  CHECK(plan["stages"].size() == 2);
}

TEST_CASE("a plan of a lane that follows another tells when the version comes to it") {
  auto production = story_policy();
  production->after = core::AfterSpec{"staging", 24h};
  ApiStory story({story_policy("staging"), production});
  auto after = story.get_json(plan_of + "1")["after"];
  CHECK(after ==
        json{{"environment", "staging"}, {"soak", "1d"}, {"live_there_since", nullptr}, {"comes_at", nullptr}});
  story.bring_live(story.submit("1"));
  after = story.get_json(plan_of + "1")["after"];
  CHECK(after["live_there_since"] == "2026-11-21T00:00:00.000Z");
  CHECK(after["comes_at"] == "2026-11-22T00:00:00.000Z");
  CHECK(story.get_json(plan_of + "2")["after"]["live_there_since"].is_null());
}

TEST_CASE("a waiver that lets a gate by is told with the gate") {
  ApiStory story;
  story.submit("1");
  const json ask{{"gate", "scan"}, {"versions", "2*"}, {"for", "24h"}, {"reason", "x"}, {"control", "y"}};
  const auto asked = story.post("/v1/lanes/fraud/production/waivers", ask.dump(), ana);
  REQUIRE(asked.status == 201);
  const std::string id = json::parse(asked.body)["id"];
  CHECK_FALSE(story.get_json(plan_of + "2")["stages"][1]["gates"][0].contains("waived_by"));
  REQUIRE(story.post("/v1/lanes/fraud/production/waivers/" + id + "/grant", "{}", bo).status == 200);
  CHECK(story.get_json(plan_of + "2")["stages"][1]["gates"][0]["waived_by"] == json::array({id}));
  CHECK_FALSE(story.get_json(plan_of + "3")["stages"][1]["gates"][0].contains("waived_by"));
}

TEST_CASE("a lane without a policy, and a plan without a version, are refused") {
  ApiStory story;
  CHECK(story.get("/v1/lanes/fraud/nowhere/plan?version=1").status == 422);
  CHECK(story.get("/v1/lanes/spam/production/plan?version=1").status == 422);
  CHECK(story.get("/v1/lanes/*/*/plan?version=1").status == 422);
  CHECK(story.get("/v1/lanes/fraud/production/plan").status == 400);
  CHECK(story.get(plan_of + std::string(201, 'x')).status == 400);
}

}  // namespace penstock::intake
