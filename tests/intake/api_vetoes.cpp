// Vetoes, approvals that are taken back or conditional, and what is opened anew after an end.
#include "tests/intake/api_story.hpp"

namespace penstock::intake {
namespace {

const json approve{{"decision", "approve"}};
std::string retry_of(const std::string& id) { return "/v1/promotions/" + id + "/retry"; }

}  // namespace

TEST_CASE("a veto needs a reason, ends the promotion, and nothing opens the candidate again") {
  ApiStory story;
  const auto id = story.submit();
  CHECK(story.decide(id, {{"decision", "veto"}}, ana).status == 400);
  CHECK(story.decide(id, {{"decision", "veto"}, {"note", "it leaks"}}, eve).status == 403);
  CHECK(story.decide(id, {{"decision", "veto"}, {"note", "it leaks"}}, ci).status == 403);
  const auto vetoed = story.decide(id, {{"decision", "veto"}, {"reason", "it leaks"}}, ana);
  CHECK(vetoed.status == 200);
  CHECK(body_of(vetoed)["phase"] == "vetoed");
  const auto why = "this candidate was vetoed here by ana at 2026-11-21T00:00:00.000Z: it leaks";
  const auto retried = story.post(retry_of(id), "", bo);
  CHECK(retried.status == 409);
  CHECK(body_of(retried)["detail"] == why);
  auto again = ApiStory::candidate();
  again["again"] = true;
  const auto submitted = body_of(story.post("/v1/candidates", again.dump()));
  CHECK(submitted["ignored"] == why);
  CHECK(submitted["promotions"][0]["id"] == id);
  CHECK(story.phase(story.submit("8")) == "checking");
}

TEST_CASE("an approval is taken back by whoever gave it, and given again") {
  ApiStory story;
  const auto id = story.submit();
  story.pass_gates(id);
  CHECK(story.decide(id, {{"decision", "take-back"}}, ana).status == 409);
  story.decide(id, approve, ana);
  CHECK(story.decide(id, {{"decision", "take-back"}}, bo).status == 409);
  const auto taken = story.decide(id, {{"decision", "take-back"}, {"note", "wrong candidate"}}, ana);
  CHECK(taken.status == 200);
  const auto given = body_of(taken)["approvals"];
  CHECK(given["given"][0]["voided"] == "taken back by ana: wrong candidate");
  CHECK(given["rules"][0]["given_by"].empty());
  CHECK(story.decide(id, approve, ana).status == 200);
  CHECK(story.decide(id, approve, bo).status == 200);
  CHECK(story.phase(id) == "delivering");
  const auto late = story.decide(id, {{"decision", "take-back"}}, ana);
  CHECK(late.status == 409);
}

TEST_CASE("a condition is kept with its approval, and goes with nothing else") {
  ApiStory story;
  const auto id = story.submit();
  story.pass_gates(id);
  for (const auto* other : {"reject", "veto", "take-back"})
    CHECK(story.decide(id, {{"decision", other}, {"note", "x"}, {"condition", "10 %"}}, ana).status == 400);
  CHECK(story.decide(id, {{"decision", "approve"}, {"condition", 10}}, ana).status == 400);
  CHECK(story.decide(id, {{"decision", "approve"}, {"condition", "10 % of the traffic"}}, ana).status == 200);
  CHECK(story.get_json("/v1/promotions/" + id)["approvals"]["given"][0]["condition"] == "10 % of the traffic");
}

TEST_CASE("what the gates have found since is not what was decided on") {
  ApiStory story;
  const auto id = story.submit();
  const std::string before = story.get_json("/v1/promotions/" + id)["decide_on"];
  story.pass_gates(id);
  CHECK(story.decide(id, approve, ana, before).status == 412);
}

TEST_CASE("a retry opens the lane that was asked for, and leaves the others ended") {
  ApiStory story({story_policy("staging"), story_policy("production")});
  const auto ids = body_of(story.post("/v1/candidates", ApiStory::candidate().dump()))["promotions"];
  for (const auto& one : ids)
    REQUIRE(story.post(one["href"].get<std::string>() + "/withdraw", R"({"reason": "wrong data"})", ana).status == 200);
  const auto retried = story.post(retry_of(ids[1]["id"]), "", ana);
  CHECK(retried.status == 201);
  CHECK(body_of(retried)["environment"] == story.get_json(ids[1]["href"])["environment"]);
  CHECK(story.get_json("/v1/promotions?ended=false")["promotions"].size() == 1);
  // It is under way there already.
  const auto second = story.post(retry_of(ids[1]["id"]), "", ana);
  CHECK(second.status == 409);
  CHECK(body_of(second)["detail"] ==
        "this candidate is checking here already as " + body_of(retried)["id"].get<std::string>());
}

}  // namespace penstock::intake
