#include "tests/intake/api_story.hpp"

namespace penstock::intake {
namespace {

const std::string back = fraud_lane + "/rollback";

std::shared_ptr<core::Policy> with_a_way_back() {
  auto policy = story_policy();
  policy->rollback.stages = {{"integrity", {{"digest", "digest-check"}}}};
  policy->rollback.approvals = {{"release-managers", 1}};
  policy->digest = runtime::sha256(core::canonical_bytes(*policy));
  return policy;
}

// Version 1 was live, version 2 is.
struct Replaced : ApiStory {
  explicit Replaced(std::shared_ptr<core::Policy> policy = story_policy()) : ApiStory({std::move(policy)}) {
    first = submit("1");
    bring_live(first);
    clock.advance(1s);
    second = submit("2");
    bring_live(second);
    clock.advance(1s);
  }
  json lane_now() { return get_json(fraud_lane); }
  std::string candidate_of(const std::string& promotion) {
    return get_json("/v1/promotions/" + promotion)["candidate"];
  }
  std::string first, second;
};

std::string detail_of(const Response& response) { return body_of(response).value("detail", ""); }

}  // namespace

TEST_CASE("a lane that is held takes up nothing until it is released") {
  ApiStory story;
  story.bring_live(story.submit("1"));
  const auto held = story.post(fraud_lane + "/pin", R"({"reason": "audit"})", eve);
  CHECK(held.status == 200);
  CHECK(body_of(held)["pin"]["by"] == "eve");
  const auto id = story.submit("2");
  const auto waiting = story.get_json("/v1/promotions/" + id);
  CHECK(waiting["phase"] == "queued");
  CHECK(waiting["wait"]["what"] ==
        "the release of fraud in production, which eve holds since 2026-11-21T00:00:00.000Z (audit)");
  CHECK(waiting["wait"]["who"] == json{"any person"});
  const auto released = story.post(fraud_lane + "/release", "{}", ana);
  CHECK(released.status == 200);
  CHECK(body_of(released)["pin"].is_null());
  CHECK(body_of(released)["under_way"]["id"] == id);
}

TEST_CASE("a lane that is held or free already says so") {
  ApiStory story;
  story.submit();
  CHECK(body_of(story.post(fraud_lane + "/release", "", ana))["ignored"] == "nobody holds the lane");
  story.post(fraud_lane + "/pin", R"({"reason": "audit"})", ana);
  const auto second = body_of(story.post(fraud_lane + "/pin", R"({"reason": "other"})", bo));
  CHECK(second["ignored"] == "ana holds the lane already: audit");
  CHECK(second["pin"]["reason"] == "audit");
}

TEST_CASE("holding needs a person, a reason and a lane that was seen") {
  ApiStory story;
  story.submit();
  CHECK(story.post(fraud_lane + "/pin", R"({"reason": "audit"})", ci).status == 403);
  CHECK(story.post(fraud_lane + "/release", "", ci).status == 403);
  CHECK(story.post(fraud_lane + "/pin", R"({"reason": ""})", ana).status == 400);
  CHECK(story.post(fraud_lane + "/pin", "", ana).status == 400);
  CHECK(story.post(fraud_lane + "/release", R"({"reason": "x"})", ana).status == 400);
  CHECK(story.post("/v1/lanes/fraud/prodution/pin", R"({"reason": "audit"})", ana).status == 404);
  CHECK(story.get("/v1/lanes/fraud/prodution").status == 404);
}

TEST_CASE("a rollback is a promotion of what was live before, and holds the lane") {
  Replaced story;
  const auto response = story.post(back, R"({"reason": "it is slow"})", ana);
  CHECK(response.status == 201);
  const auto opened = body_of(response);
  const std::string id = opened["id"];
  CHECK(opened["version"] == "1");
  CHECK(opened["takes_back"] == story.second);
  CHECK(opened["phase"] == "delivering");
  CHECK(response.headers.back() == std::pair<std::string, std::string>{"Location", "/v1/promotions/" + id});
  core::Event confirmed = core::DeliveryConfirmed{id, "serving", 1, "204"};
  REQUIRE(story.run(story.engine.submit(std::move(confirmed))));
  CHECK(story.phase(story.second) == "rolled_back");
  const auto now = story.lane_now();
  CHECK(now["live"]["id"] == id);
  CHECK(now["pin"]["reason"] == "going back to version 1: it is slow");
  CHECK(story.get_json(fraud_lane + "/history")["history"].size() == 3);
}

TEST_CASE("a plan of a rollback tells what it would do, and does nothing") {
  Replaced story(with_a_way_back());
  const auto third = story.submit("3");
  const auto waiting = story.submit("4");
  const auto before = story.lane_now();
  const auto response = story.post(back, R"({"reason": "it is slow", "plan": true})", ana);
  CHECK(response.status == 200);
  const auto plan = body_of(response);
  CHECK(plan["takes_back"]["id"] == story.second);
  CHECK(plan["takes_back"]["decide_on"] == before["live"]["decide_on"]);
  CHECK(plan["target"] == json{{"candidate", story.candidate_of(story.first)}, {"version", "1"}});
  REQUIRE(plan["stages"].size() == 1);
  CHECK(plan["stages"][0]["gates"][0]["name"] == "digest");
  CHECK(plan["approvals"] == json::array({{{"group", "release-managers"},
                                           {"needed", 1},
                                           {"required", true},
                                           {"expires", "3d"},
                                           {"not", {"submitter", "author"}}}}));
  REQUIRE(plan["deliveries"].size() == 1);
  CHECK(plan["deliveries"][0]["name"] == "serving");
  REQUIRE(plan["supersedes"].size() == 1);
  CHECK(plan["supersedes"][0]["id"] == third);
  CHECK(plan["pin"]["by"] == "ana");
  CHECK(plan["phase"] == "checking");
  CHECK(plan["window"]["open"] == true);
  CHECK(story.lane_now() == before);
  CHECK(story.phase(waiting) == "queued");

  // And so it happens.
  const auto opened = body_of(story.post(back, R"({"reason": "it is slow"})", ana));
  CHECK(opened["phase"] == plan["phase"]);
  CHECK(opened["candidate"] == plan["target"]["candidate"]);
  CHECK(story.phase(third) == "superseded");
}

TEST_CASE("a rollback goes to a candidate that is named, by its version or its digest") {
  Replaced story;
  story.bring_live(story.submit("3"));
  const auto planned = [&](const std::string& candidate) {
    return body_of(story.post(back, json{{"reason", "slow"}, {"candidate", candidate}, {"plan", true}}.dump(), ana));
  };
  CHECK(planned("1")["target"]["version"] == "1");
  CHECK(planned(story.candidate_of(story.first))["target"]["version"] == "1");
  CHECK(planned("2")["target"]["version"] == "2");
  const auto unknown = planned("9");
  CHECK(unknown["status"] == 409);
  CHECK(unknown["detail"] == "no version `9` was live in fraud in production before");
  CHECK(unknown["hint"].get<std::string>().find("those that were: 2 (") == 0);
  CHECK(planned(runtime::sha256("x").text())["status"] == 409);
}

TEST_CASE("a version that several candidates had is not guessed at") {
  ApiStory story;
  auto body = ApiStory::candidate("1");
  story.bring_live(story.submit("1"));
  body["labels"] = {{"build", "2"}};
  const auto again = json::parse(story.post("/v1/candidates", body.dump()).body)["promotions"][0]["id"];
  story.bring_live(again);
  story.bring_live(story.submit("3"));
  const auto response = story.post(back, R"({"reason": "slow", "candidate": "1"})", ana);
  CHECK(response.status == 409);
  CHECK(detail_of(response) == "several candidates of version `1` were live in fraud in production");
}

TEST_CASE("a rollback is asked for by those who decide, with a reason, where there is something to go back to") {
  ApiStory story;
  CHECK(story.post(back, R"({"reason": "slow"})", ana).status == 404);
  const auto first = story.submit("1");
  CHECK(detail_of(story.post(back, R"({"reason": "slow"})", ana)) == "nothing is live in fraud in production");
  story.bring_live(first);
  CHECK(story.post(back, R"({"reason": "slow"})", ana).status == 409);
  story.bring_live(story.submit("2"));
  CHECK(story.post(back, R"({"reason": "slow"})", eve).status == 403);
  CHECK(story.post(back, R"({"reason": "slow"})", ci).status == 403);
  CHECK(story.post(back, R"({"reason": "slow", "plan": true})", eve).status == 403);
  for (const auto* body : {"", "{}", R"({"reason": ""})", R"({"reason": "x", "plan": "yes"})",
                           R"({"reason": "x", "candidate": 7})", R"({"reason": "x", "candidates": "1"})"})
    CHECK(story.post(back, body, ana).status == 400);
  CHECK(story.get_json(fraud_lane)["under_way"].is_null());
}

TEST_CASE("a second rollback is told which one goes back already") {
  Replaced story;
  const auto id = body_of(story.post(back, R"({"reason": "slow"})", ana))["id"];
  const auto second = story.post(back, R"({"reason": "slow"})", bo);
  CHECK(second.status == 200);
  CHECK(body_of(second)["id"] == id);
  CHECK(body_of(second)["ignored"] == id.get<std::string>() + " is taking it back already");
  CHECK(body_of(story.post(back, R"({"reason": "slow", "plan": true})", bo)).contains("ignored"));
}

TEST_CASE("a rollback with If-Match takes back nothing but what was seen") {
  Replaced story;
  const auto with = [&](const std::string& tag) {
    return story.call("POST", back, R"({"reason": "slow"})", {{{"if-match", tag}}, ana});
  };
  const auto seen = "\"" + story.lane_now()["live"]["decide_on"].get<std::string>() + "\"";
  const auto third = story.submit("3");
  story.bring_live(third);
  CHECK(with(seen).status == 412);
  CHECK(with("*").status == 412);
  CHECK(story.phase(third) == "live");
  CHECK(with("\"" + story.lane_now()["live"]["decide_on"].get<std::string>() + "\"").status == 201);
}

TEST_CASE("a way back that has ended is not opened as an ordinary promotion") {
  Replaced story(with_a_way_back());
  const std::string id = body_of(story.post(back, R"({"reason": "slow"})", ana))["id"];
  story.answer(id, "digest", core::Verdict::failed, "another digest");
  CHECK(story.phase(id) == "rejected");
  const auto retried = story.post("/v1/promotions/" + id + "/retry", "", ana);
  CHECK(retried.status == 409);
  CHECK(body_of(retried)["hint"] == "roll the lane back again");
}

}  // namespace penstock::intake
