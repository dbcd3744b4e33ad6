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

}  // namespace penstock::intake
