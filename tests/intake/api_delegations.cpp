// Delegations over the API: given for oneself, listed, used, and ended by one of the two.
#include "tests/intake/api_story.hpp"

namespace penstock::intake {
namespace {

const std::string wanted = R"({"to": "eve", "group": "release-managers", "reason": "on leave", "for": "48h"})";

const core::People people{{"ana", {"release-managers"}}, {"bo", {"release-managers"}}, {"eve", {"interns"}}};

}  // namespace

TEST_CASE("a delegation is given for oneself with a reason and an end, and ended by one of the two") {
  ApiStory story({story_policy()}, {}, people);
  CHECK(story.post("/v1/delegations", R"({"to": "eve", "reason": "on leave"})", ana).status == 400);
  CHECK(story.post("/v1/delegations", R"({"to": "eve", "for": "48h"})", ana).status == 400);
  CHECK(story.post("/v1/delegations", R"({"to": "nobody", "reason": "x", "for": "48h"})", ana).status == 400);
  const auto given = story.post("/v1/delegations", wanted, ana);
  REQUIRE(given.status == 201);
  CHECK(body_of(given)["from"] == "ana");
  auto listed = story.get_json("/v1/delegations")["delegations"];
  REQUIRE(listed.size() == 1);
  CHECK(listed[0]["can"]["end"]["why"] == "ci is a service: only people end delegations");
  listed[0].erase("can");
  CHECK(listed[0] == body_of(given));
  const auto end = "/v1/delegations/" + listed[0]["id"].get<std::string>() + "/end";
  CHECK(story.post(end, "", bo).status == 403);
  CHECK(body_of(story.post(end, "", eve))["delegations"].empty());
  CHECK(story.post(end, "", eve).status == 404);
}

TEST_CASE("whoever stands in approves in the other's stead, and it is shown") {
  ApiStory story({story_policy()}, {}, people);
  const auto id = story.submit();
  story.pass_gates(id);
  const json approve{{"decision", "approve"}};
  CHECK(story.decide(id, approve, eve).status == 403);
  story.post("/v1/delegations", wanted, ana);
  CHECK(story.decide(id, {{"decision", "approve"}, {"on_behalf_of", "bo"}}, eve).status == 403);
  REQUIRE(story.decide(id, {{"decision", "approve"}, {"on_behalf_of", "ana"}}, eve).status == 200);
  const auto seen = story.get_json("/v1/promotions/" + id)["approvals"]["given"][0];
  CHECK(seen["person"] == "eve");
  CHECK(seen["on_behalf_of"] == "ana");
  CHECK(story.decide(id, approve, ana).status == 409);
  CHECK(story.decide(id, approve, bo).status == 200);
  CHECK(story.phase(id) == "delivering");
}

TEST_CASE("a delegation that has ended is neither listed nor used") {
  ApiStory story({story_policy()}, {}, people);
  story.post("/v1/delegations", wanted, ana);
  story.clock.advance(49h);
  CHECK(story.get_json("/v1/delegations")["delegations"].empty());
  const auto id = story.submit();
  story.pass_gates(id);
  CHECK(story.decide(id, {{"decision", "approve"}}, eve).status == 403);
}

}  // namespace penstock::intake
