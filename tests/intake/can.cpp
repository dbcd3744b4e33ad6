#include "daemon/intake/can.hpp"

#include "tests/intake/api_story.hpp"

namespace penstock::intake {
namespace {

json can_of(ApiStory& story, const std::string& id, const Caller& caller) {
  return json::parse(story.call("GET", "/v1/promotions/" + id, "", {{}, caller}).body)["can"];
}
json lane_can(ApiStory& story, const Caller& caller) {
  return json::parse(story.call("GET", "/v1/lanes/fraud/production", "", {{}, caller}).body)["can"];
}
std::set<std::string> allowed(const json& can) {
  std::set<std::string> verbs;
  for (const auto& [verb, answer] : can.items())
    if (answer["may"]) verbs.insert(verb);
  return verbs;
}
using Verbs = std::set<std::string>;

}  // namespace

TEST_CASE("every caller is told what they may do, and for the rest why not") {
  ApiStory story;
  const auto id = story.submit("7", bo);
  CHECK(allowed(can_of(story, id, ana)) == Verbs{"reject", "veto", "withdraw"});
  story.pass_gates(id);
  auto can = can_of(story, id, ana);
  CHECK(allowed(can) == Verbs{"approve", "reject", "veto", "withdraw"});
  CHECK(can["take-back"]["why"] == "ana has given no approval of " + id + " that counts");
  CHECK(can["retry"]["why"] == id + " is awaiting_approval, not held: there is nothing to retry");
  CHECK(can["retry"]["next"] == "only a held promotion waits for a retry");
  can = can_of(story, id, bo);
  CHECK(allowed(can) == Verbs{"reject", "veto", "withdraw"});
  CHECK(can["approve"]["why"].get<std::string>().find("bo is the submitter of this candidate") == 0);
  can = can_of(story, id, eve);
  CHECK(allowed(can) == Verbs{"withdraw"});
  CHECK(can["approve"]["why"] == "eve is in none of the groups that approve here (release-managers)");
  can = can_of(story, id, ci);
  CHECK(allowed(can).empty());
  CHECK(can["approve"]["why"] == "ci is a service: only people decide");
  CHECK(can["withdraw"]["why"] == "ci is a service and did not submit this candidate");
}

TEST_CASE("what was given can be taken back, what is held can be retried, and what is live rolled back") {
  ApiStory story;
  const auto first = story.submit("1");
  story.pass_gates(first);
  story.decide(first, {{"decision", "approve"}}, ana);
  auto can = can_of(story, first, ana);
  CHECK(can["take-back"]["may"] == true);
  CHECK(can["approve"]["why"] == "ana has approved already");
  CHECK_FALSE(can.contains("rollback"));
  story.decide(first, {{"decision", "approve"}}, bo);
  core::Event confirmed = core::DeliveryConfirmed{first, "serving", 1, "204"};
  REQUIRE(story.run(story.engine.submit(std::move(confirmed))));
  CHECK(can_of(story, first, ana)["rollback"]["why"] ==
        "nothing else was live in fraud in production before that was not vetoed since");
  const auto second = story.submit("2");
  story.bring_live(second);
  CHECK(allowed(can_of(story, second, ana)) == Verbs{"rollback"});
  CHECK(can_of(story, second, eve)["rollback"]["may"] == false);
  const auto third = story.submit("3");
  story.answer(third, "contract", core::Verdict::inconclusive, "the file is gone");
  CHECK(can_of(story, third, eve)["retry"]["may"] == true);
  CHECK(can_of(story, third, ci)["retry"]["may"] == false);
}

TEST_CASE("what has ended can be opened anew, unless it was vetoed or is under way again") {
  ApiStory story;
  const auto first = story.submit("1");
  story.decide(first, {{"decision", "reject"}, {"note", "drift"}}, ana);
  CHECK(allowed(can_of(story, first, ana)) == Verbs{"retry"});
  story.post("/v1/promotions/" + first + "/retry", "", ana);
  CHECK(can_of(story, first, ana)["retry"]["why"].get<std::string>().find("this candidate is checking here already") ==
        0);
  const auto second = story.submit("2");
  story.decide(second, {{"decision", "veto"}, {"note", "it leaks"}}, ana);
  CHECK(allowed(can_of(story, second, ana)).empty());
}

TEST_CASE("what can be done to a lane is told with it") {
  ApiStory story;
  story.bring_live(story.submit("1"));
  CHECK(allowed(lane_can(story, eve)) == Verbs{"pin"});
  CHECK(lane_can(story, ci)["pin"]["why"] == "ci is a service: only people hold a lane");
  story.bring_live(story.submit("2"));
  CHECK(allowed(lane_can(story, ana)) == Verbs{"pin", "rollback"});
  CHECK(allowed(lane_can(story, eve)) == Verbs{"pin"});
  story.post("/v1/lanes/fraud/production/pin", R"({"reason": "audit"})", ana);
  CHECK(allowed(lane_can(story, eve)) == Verbs{"release"});
}

TEST_CASE("asking what one may do writes nothing") {
  ApiStory story;
  const auto id = story.submit();
  story.pass_gates(id);
  const auto before = story.journal->newest_seq().value();
  const auto seen = story.get_json("/v1/promotions/" + id);
  can_of(story, id, ana);
  lane_can(story, ana);
  CHECK(story.journal->newest_seq().value() == before);
  CHECK(story.get_json("/v1/promotions/" + id) == seen);
}

TEST_CASE("what belongs to a lane says who may end it, and what else may be done with it") {
  ApiStory story;
  const auto id = story.submit();
  story.answer(id, "contract", core::Verdict::inconclusive);
  const auto asked =
      story.post("/v1/lanes/fraud/production/waivers",
                 R"({"gate": "contract", "versions": "7", "reason": "late", "control": "by hand", "for": "1h"})", ana);
  REQUIRE(asked.status == 201);
  const auto waiver_can = [&](const Caller& caller) {
    return allowed(
        json::parse(story.call("GET", "/v1/lanes/fraud/production", "", {{}, caller}).body)["waivers"][0]["can"]);
  };
  CHECK(waiver_can(ana) == Verbs{"revoke"});
  CHECK(waiver_can(bo) == Verbs{"grant", "revoke"});
  CHECK(waiver_can(eve) == Verbs{"revoke"});
  CHECK(waiver_can(ci).empty());
  REQUIRE(story.post("/v1/stops", R"({"reason": "incident 12"})", ana).status == 201);
  const auto stop_can = [&](const Caller& caller) {
    return allowed(json::parse(story.call("GET", "/v1/stops", "", {{}, caller}).body)["stops"][0]["can"]);
  };
  CHECK(stop_can(eve) == Verbs{"lift"});
  CHECK(stop_can(ci).empty());
}

}  // namespace penstock::intake
