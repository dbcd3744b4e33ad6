#include "tests/intake/api_story.hpp"

namespace penstock::intake {

TEST_CASE("a lane shows what is live, under way and waiting") {
  ApiStory story;
  const auto live = story.submit("1");
  story.bring_live(live);
  const auto under_way = story.submit("2");
  const auto waiting = story.submit("3");
  const auto lane = story.get_json("/v1/lanes/fraud/production");
  CHECK(lane["live"]["id"] == live);
  CHECK(lane["under_way"]["id"] == under_way);
  REQUIRE(lane["waiting"].size() == 1);
  CHECK(lane["waiting"][0]["id"] == waiting);
  CHECK(lane["waiting"][0]["wait"]["what"].get<std::string>().find("its turn") == 0);
}

TEST_CASE("a lane of which nothing was ever seen is 404") {
  ApiStory story;
  CHECK(story.get("/v1/lanes/fraud/production").status == 404);
}

TEST_CASE("lanes are listed with what is in them, filtered and in pages") {
  ApiStory story({story_policy("staging"), story_policy("production")});
  for (const auto* model : {"fraud-a", "fraud-b", "fraud c"})
    REQUIRE(story.post("/v1/candidates", json{{"model", model}, {"version", "1"}}.dump()).status == 201);
  const auto all = story.get_json("/v1/lanes")["lanes"];
  CHECK(all.size() == 6);
  CHECK(all[0]["under_way"]["phase"] == "checking");
  CHECK(all[0]["live"].is_null());
  CHECK(story.get(all[0]["href"]).status == 200);
  CHECK(story.get_json("/v1/lanes?environment=staging")["lanes"].size() == 3);
  CHECK(story.get_json("/v1/lanes?model=fraud-a&environment=staging")["lanes"].size() == 1);

  std::vector<std::string> listed;
  std::string cursor;
  for (int pages = 0; pages < 6; ++pages) {
    const auto page = story.get_json("/v1/lanes?limit=4" + cursor);
    for (const auto& lane : page["lanes"]) listed.push_back(lane["href"]);
    if (!page.contains("next")) break;
    cursor = "&cursor=" + page["next"].get<std::string>();
  }
  CHECK(listed.size() == 6);
  CHECK(std::set<std::string>(listed.begin(), listed.end()).size() == 6);
}

TEST_CASE("a lane shows who holds it, what was vetoed, and where it could go back to") {
  ApiStory story;
  story.bring_live(story.submit("1"));
  const auto second = story.submit("2");
  story.bring_live(second);
  const auto third = story.submit("3");
  story.decide(third, {{"decision", "veto"}, {"note", "it leaks"}}, ana);
  const auto candidate = story.get_json("/v1/promotions/" + third)["candidate"];
  auto lane = story.get_json("/v1/lanes/fraud/production");
  CHECK(lane["pin"].is_null());
  CHECK(lane["waivers"] == json::array());
  REQUIRE(lane["vetoes"].size() == 1);
  CHECK(lane["vetoes"][0]["candidate"] == candidate);
  CHECK(lane["vetoes"][0]["by"] == "ana");
  CHECK(lane["vetoes"][0]["reason"] == "it leaks");
  REQUIRE(lane["former"].size() == 1);
  CHECK(lane["former"][0]["version"] == "1");
  CHECK_FALSE(lane.contains("notices"));
  REQUIRE(story.post("/v1/lanes/fraud/production/pin", R"({"reason": "audit"})", bo).status == 200);
  lane = story.get_json("/v1/lanes/fraud/production");
  CHECK(lane["pin"] == json{{"by", "bo"}, {"reason", "audit"}, {"since", "2026-11-21T00:00:00.000Z"}});
}

TEST_CASE("a lane tells what was live at a time, and its history newest first") {
  ApiStory story;
  const auto first = story.submit("1");
  story.clock.advance(1h);
  story.bring_live(first);
  story.clock.advance(1h);
  const auto second = story.submit("2");
  story.bring_live(second);
  const auto at = [&](const std::string& time) {
    return story.get_json("/v1/lanes/fraud/production?at=" + time)["live"];
  };
  CHECK(at("2026-11-21T00:59:59.999Z").is_null());
  CHECK(at("2026-11-21T01:00:00Z")["promotion"] == first);
  CHECK(at("2026-11-21T01:59:59Z")["until"] == "2026-11-21T02:00:00.000Z");
  CHECK(at("2026-11-21T02:00:00Z")["promotion"] == second);
  CHECK(at("2026-11-21T03:00:00%2B01:00")["version"] == "2");
  const auto history = story.get_json("/v1/lanes/fraud/production/history")["history"];
  REQUIRE(history.size() == 2);
  CHECK(history[0]["promotion"] == second);
  CHECK(history[0]["until"].is_null());
  CHECK(history[1]["since"] == "2026-11-21T01:00:00.000Z");
  CHECK(history[1]["href"] == "/v1/promotions/" + first);
  CHECK(story.get_json("/v1/lanes/fraud/production/history?limit=1")["history"].size() == 1);
}

TEST_CASE("a lane's history is read in pages, which what becomes live meanwhile does not move") {
  ApiStory story;
  std::vector<std::string> live;
  for (const auto* version : {"1", "2", "3"}) {
    live.push_back(story.submit(version));
    story.clock.advance(1h);
    story.bring_live(live.back());
  }
  const std::string target = "/v1/lanes/fraud/production/history";
  const auto first = story.get(target + "?limit=2");
  const auto document = json::parse(first.body);
  CHECK(document["history"].size() == 2);
  CHECK(document["history"][1]["promotion"] == live[1]);
  REQUIRE(document.contains("next"));
  REQUIRE(first.headers.size() == 1);
  CHECK(first.headers[0].second.find("rel=\"next\"") != std::string::npos);
  story.bring_live(story.submit("4"));
  const auto next = story.get_json(target + "?limit=2&cursor=" + document["next"].get<std::string>());
  REQUIRE(next["history"].size() == 1);
  CHECK(next["history"][0]["promotion"] == live[0]);
  CHECK_FALSE(next.contains("next"));
  CHECK_FALSE(story.get_json(target + "?limit=4").contains("next"));
  CHECK(story.get(target + "?cursor=00").status == 400);
  const auto foreign = runtime::hex("history:one");
  CHECK(story.get(target + "?cursor=" + foreign).status == 400);
  CHECK(story.get(target + "?cursor=" + runtime::hex("lanes:1")).status == 400);
}

TEST_CASE("a time that is none, or still to come, and a lane that is none have no past") {
  ApiStory story;
  story.bring_live(story.submit());
  for (const auto* time : {"yesterday", "2026-11-21", "2026-11-22T00:00:00Z"})
    CHECK(story.get("/v1/lanes/fraud/production?at=" + std::string(time)).status == 400);
  CHECK(story.get("/v1/lanes/fraud/staging?at=2026-11-20T00:00:00Z").status == 404);
  CHECK(story.get("/v1/lanes/fraud/staging/history").status == 404);
  for (const auto* limit : {"0", "501", "x"})
    CHECK(story.get("/v1/lanes/fraud/production/history?limit=" + std::string(limit)).status == 400);
}

TEST_CASE("what holds for all lanes is no lane") {
  ApiStory story;
  story.submit();
  core::Event stop = core::StopSet{core::every_lane, {"stp_1", "*", "*", "ana", "fire", {}}, ""};
  REQUIRE(story.run(story.engine.submit(std::move(stop))));
  CHECK(story.get_json("/v1/lanes")["lanes"].size() == 1);
  CHECK(story.get("/v1/lanes/*/*").status == 404);
  CHECK(story.post("/v1/lanes/*/*/pin", R"({"reason": "x"})", ana).status == 404);
}

}  // namespace penstock::intake
