#include "tests/intake/api_story.hpp"

namespace penstock::intake {
TEST_CASE("a stop is set by a person with a reason, listed, and lifted by name") {
  ApiStory story;
  CHECK(story.post("/v1/stops", "{}", ana).status == 400);
  const auto set = story.post("/v1/stops", R"({"environment": "production", "reason": "incident 12"})", ana);
  REQUIRE(set.status == 201);
  CHECK(body_of(set)["model"] == "*");
  CHECK(body_of(set)["by"] == "ana");
  const auto listed = story.get_json("/v1/stops")["stops"];
  REQUIRE(listed.size() == 1);
  CHECK(listed[0]["reason"] == "incident 12");
  CHECK(listed[0]["id"] == body_of(set)["id"]);
  const auto lift = "/v1/stops/" + listed[0]["id"].get<std::string>() + "/lift";
  const auto lifted = story.post(lift, "", eve);
  CHECK(lifted.status == 200);
  CHECK(body_of(lifted)["stops"].empty());
  CHECK(story.post(lift, "", eve).status == 404);
}

TEST_CASE("what is ready waits for a stop to be lifted, and says whose it is") {
  ApiStory story;
  story.post("/v1/stops", R"({"reason": "incident 12"})", ana);
  const auto id = story.submit("1");
  story.pass_gates(id);
  for (const auto& person : {ana, bo}) CHECK(story.decide(id, {{"decision", "approve"}}, person).status == 200);
  const auto waiting = story.get_json("/v1/promotions/" + id);
  CHECK(waiting["phase"] == "awaiting_window");
  CHECK(waiting["reason"] == "stopped by ana: incident 12");
}

}  // namespace penstock::intake
