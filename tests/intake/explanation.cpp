#include "daemon/intake/explanation.hpp"

#include "tests/intake/api_story.hpp"

namespace penstock::intake {
namespace {

json explained(ApiStory& story, const std::string& id) {
  return story.get_json("/v1/promotions/" + id + "/explanation");
}
std::string told(ApiStory& story, const std::string& id) { return explained(story, id)["paragraph"]; }

}  // namespace

TEST_CASE("an explanation names every condition with what was observed and needed, and who can change it") {
  ApiStory story;
  const auto id = story.submit();
  story.pass_gates(id);
  story.decide(id, {{"decision", "approve"}}, ana);
  const auto document = explained(story, id);
  CHECK(document["conditions"] == json{{"met", 2}, {"of", 4}});
  const auto& tree = document["tree"];
  REQUIRE(tree.size() == 4);
  CHECK(tree[0]["kind"] == "stage");
  CHECK(tree[0]["met"] == true);
  const auto& gate = tree[0]["conditions"][0];
  CHECK(gate["name"] == "contract");
  CHECK(gate["observed"] == "0 violations");
  CHECK(gate["needed"] == "0 violations");
  CHECK(gate["source"] == "test");
  CHECK(tree[1]["conditions"][1]["blocking"] == false);
  const auto& approval = tree[2]["conditions"][0];
  CHECK(approval["observed"] == "1 of 2: ana");
  CHECK(approval["needed"] == "2 approvals by release-managers, not by the submitter or an author");
  CHECK(approval["met"] == false);
  CHECK(approval["who"] == json{"group:release-managers"});
  CHECK(approval["until"] == "2026-11-24T00:00:00.000Z");
  CHECK(tree[3]["conditions"][0]["state"] == "not reached");
  CHECK(document["wait"]["what"] == "1 of 2 approvals by release-managers");
}

TEST_CASE("the paragraph can be read by a person") {
  ApiStory story;
  const auto id = story.submit();
  story.pass_gates(id);
  story.decide(id, {{"decision", "approve"}}, ana);
  CHECK(told(story, id) ==
        "fraud 7 is awaiting approval in production: 2 of 4 conditions of policy fraud-production are met."
        " Stage data is met: contract passed: observed 0 violations, needed 0 violations."
        " Stage security is met: scan passed: observed 0 violations, needed 0 violations;"
        " style passed (advisory): observed 0 violations, needed 0 violations."
        " Approvals are not met: release-managers 1 of 2: ana."
        " Not reached: deliveries."
        " It waits for 1 of 2 approvals by release-managers; this can be ended by group:release-managers, until "
        "2026-11-24T00:00:00.000Z.");
}

TEST_CASE("a check under way, a stage not reached and a failed gate are told apart") {
  ApiStory story;
  const auto id = story.submit();
  auto tree = explained(story, id)["tree"];
  CHECK(tree[0]["conditions"][0]["state"] == "under way");
  CHECK(tree[0]["conditions"][0]["who"] == json{"penstock"});
  CHECK(tree[1]["conditions"][0]["state"] == "not asked yet");
  story.answer(id, "contract", core::Verdict::failed, "3 violations");
  tree = explained(story, id)["tree"];
  CHECK(tree[0]["conditions"][0]["state"] == "failed");
  CHECK(tree[1]["conditions"][0]["state"] == "never asked");
  CHECK(told(story, id).find("fraud 7 was rejected in production by gates of stage data (contract failed: 3 "
                             "violations): 0 of 4 conditions") == 0);
}

TEST_CASE("a failed advisory gate is shown and does not count") {
  ApiStory story;
  const auto id = story.submit();
  story.answer(id, "contract", core::Verdict::passed);
  story.answer(id, "style", core::Verdict::failed, "2 warnings");
  story.answer(id, "scan", core::Verdict::passed);
  const auto document = explained(story, id);
  CHECK(document["tree"][1]["met"] == true);
  CHECK(document["conditions"]["met"] == 2);
  CHECK(document["paragraph"].get<std::string>().find("style failed (advisory): observed 2 warnings") !=
        std::string::npos);
}

TEST_CASE("a held promotion says why, who can act and what to do next") {
  ApiStory story;
  const auto id = story.submit();
  story.bring_live(id);
  const auto next = story.submit("8");
  story.pass_gates(next);
  story.decide(next, {{"decision", "approve"}}, ana);
  story.decide(next, {{"decision", "approve"}}, bo);
  core::Event refused = core::DeliveryRefused{next, "serving", 1, "410 gone", "correct the receiver's address"};
  REQUIRE(story.run(story.engine.submit(std::move(refused))));
  const auto document = explained(story, next);
  const auto& delivery = document["tree"][3]["conditions"][0];
  CHECK(delivery["observed"] == "refused: 410 gone");
  CHECK(delivery["who"] == json{"group:release-managers"});
  const auto text = document["paragraph"].get<std::string>();
  CHECK(text.find("is held in production because delivery serving was refused: 410 gone") != std::string::npos);
  CHECK(text.find("Next: correct the receiver's address.") != std::string::npos);
}

TEST_CASE("what is live has every condition met and waits for nothing") {
  ApiStory story;
  const auto id = story.submit();
  story.bring_live(id);
  const auto document = explained(story, id);
  CHECK(document["conditions"] == json{{"met", 4}, {"of", 4}});
  CHECK(document["wait"].is_null());
}

TEST_CASE("the paragraph alone is given to those who ask for text") {
  ApiStory story;
  const auto id = story.submit();
  ApiStory::Extra extra;
  extra.headers = {{"accept", "text/plain"}};
  const auto response = story.call("GET", "/v1/promotions/" + id + "/explanation", "", extra);
  CHECK(response.content_type == "text/plain; charset=utf-8");
  CHECK(response.body == told(story, id) + "\n");
}

}  // namespace penstock::intake
