// What an explanation tells of waivers, people, pins, watches and ways back.
#include "tests/intake/api_story.hpp"

namespace penstock::intake {
namespace {

json explained(ApiStory& story, const std::string& id) {
  return story.get_json("/v1/promotions/" + id + "/explanation");
}
bool says(const json& explanation, const std::string& part) {
  const auto text = explanation["paragraph"].get<std::string>();
  CAPTURE(text);
  CHECK(text.find(part) != std::string::npos);
  return text.find(part) != std::string::npos;
}
void redigest(core::Policy& policy) { policy.digest = runtime::sha256(core::canonical_bytes(policy)); }

void waive(ApiStory& story, const std::string& gate) {
  const json body{{"gate", gate}, {"versions", "*"}, {"reason", "late data"}, {"control", "review"}, {"for", "24h"}};
  const auto asked = story.post("/v1/lanes/fraud/production/waivers", body.dump(), eve);
  REQUIRE(asked.status == 201);
  const std::string id = json::parse(asked.body)["id"];
  REQUIRE(story.post("/v1/lanes/fraud/production/waivers/" + id + "/grant", "", ana).status == 200);
}

}  // namespace

TEST_CASE("a gate that is waived says by whom, until when and why, and is met; also after the waiver has ended") {
  ApiStory story;
  const auto id = story.submit();
  story.answer(id, "contract", core::Verdict::inconclusive, "no reference");
  CHECK(explained(story, id)["tree"][0]["conditions"][0]["met"] == false);
  waive(story, "contract");
  const auto check = [&] {
    const auto document = explained(story, id);
    const auto& gate = document["tree"][0]["conditions"][0];
    CHECK(gate["state"] == "waived");
    CHECK(gate["verdict"] == "inconclusive");
    CHECK(gate["met"] == true);
    CHECK(document["tree"][0]["met"] == true);
    REQUIRE(gate["waivers"].size() == 1);
    CHECK(gate["waivers"][0]["granter"] == "ana");
    CHECK(gate["waivers"][0]["requester"] == "eve");
    CHECK(gate["waivers"][0]["control"] == "review");
    says(document, "contract waived by ana until 2026-11-22T00:00:00.000Z (late data): observed no reference");
  };
  check();
  for (const auto* gate : {"scan", "style"}) story.answer(id, gate, core::Verdict::passed);
  story.decide(id, {{"decision", "approve"}}, ana);
  story.decide(id, {{"decision", "approve"}}, bo);
  core::Event confirmed = core::DeliveryConfirmed{id, "serving", 1, "204"};
  REQUIRE(story.run(story.engine.submit(std::move(confirmed))));
  check();
  story.clock.advance(48h);
  core::Event over = core::DeadlinePassed{"", "waivers/fraud/production", {"fraud", "production"}};
  REQUIRE(story.run(story.engine.submit(std::move(over))));
  CHECK(story.get_json("/v1/lanes/fraud/production")["waivers"].empty());
  check();
  CHECK(explained(story, id)["conditions"] == json{{"met", 4}, {"of", 4}});
}

TEST_CASE("a waiver that ends before anything was delivered does not count any more") {
  ApiStory story;
  const auto id = story.submit();
  story.answer(id, "contract", core::Verdict::inconclusive, "no reference");
  waive(story, "contract");
  story.clock.advance(25h);
  const auto gate = explained(story, id)["tree"][0]["conditions"][0];
  CHECK(gate["state"] == "inconclusive");
  CHECK(gate["met"] == false);
}

TEST_CASE("approvals that no longer count and conditions are told") {
  ApiStory story;
  const auto id = story.submit();
  story.pass_gates(id);
  story.decide(id, {{"decision", "approve"}}, ana);
  story.decide(id, {{"decision", "take-back"}, {"note", "wrong one"}}, ana);
  story.decide(id, {{"decision", "approve"}, {"condition", "only with 10 % of the traffic"}}, ana);
  const auto document = explained(story, id);
  const auto& given = document["tree"][2]["given"];
  REQUIRE(given.size() == 2);
  CHECK(given[0]["voided"] == "taken back by ana: wrong one");
  CHECK(given[1]["condition"] == "only with 10 % of the traffic");
  says(document,
       "Approvals are not met: release-managers 1 of 2: ana. The approval of ana no longer counts: taken "
       "back by ana: wrong one. ana approves on a condition: only with 10 % of the traffic.");
}

TEST_CASE("an escalation is told before and after it has happened") {
  auto policy = story_policy();
  policy->approvals[0].escalate = core::Escalation{4h, "directors"};
  redigest(*policy);
  ApiStory story({policy});
  const auto id = story.submit();
  story.pass_gates(id);
  auto document = explained(story, id);
  auto rule = document["tree"][2]["conditions"][0];
  CHECK(rule["escalation"] == json{{"group", "directors"}, {"at", "2026-11-21T04:00:00.000Z"}, {"escalated", false}});
  CHECK(rule["who"] == json{"group:release-managers"});
  says(document, "(directors may answer as well from 2026-11-21T04:00:00.000Z)");
  story.clock.advance(4h);
  core::Event due = core::DeadlinePassed{id, "approval"};
  REQUIRE(story.run(story.engine.submit(std::move(due))));
  document = explained(story, id);
  rule = document["tree"][2]["conditions"][0];
  CHECK(rule["escalation"]["escalated"] == true);
  CHECK(rule["who"] == json{"group:release-managers", "group:directors"});
  says(document, "(directors may answer as well since 2026-11-21T04:00:00.000Z)");
  const Caller director{"dora", true, {"directors"}};
  CHECK(story.decide(id, {{"decision", "approve"}}, director).status == 200);
}

TEST_CASE("what is queued in a lane that is held says who holds it") {
  ApiStory story;
  const auto first = story.submit("1");
  story.post("/v1/lanes/fraud/production/pin", R"({"reason": "audit"})", ana);
  const auto second = story.submit("2");
  const auto document = explained(story, second);
  CHECK(document["pin"]["by"] == "ana");
  CHECK(document["wait"]["who"] == json{"any person", "the promotion under way"});
  says(document,
       "It waits for the release of fraud in production, which ana holds since 2026-11-21T00:00:00.000Z "
       "(audit), and for its turn after " +
           first);
  CHECK_FALSE(explained(story, first).contains("pin"));
}

TEST_CASE("a watch shows its rounds, and counts as no condition of going live") {
  auto policy = story_policy();
  core::WatchSpec watch;
  watch.gates = {{"error-rate", "http"}};
  watch.failures = 2;
  watch.of = 3;
  policy->watch = watch;
  redigest(*policy);
  ApiStory story({policy});
  const auto id = story.submit();
  says(explained(story, id), "Not reached: security, deliveries, watch.");
  story.bring_live(id);
  auto document = explained(story, id);
  CHECK(document["conditions"] == json{{"met", 4}, {"of", 4}});
  CHECK(document["tree"][4]["kind"] == "watch");
  CHECK(document["tree"][4]["conditions"][0]["state"] == "under way");
  story.answer(id, "error-rate", core::Verdict::failed, "3 % errors");
  document = explained(story, id);
  const auto& node = document["tree"][4];
  CHECK(node["round"] == 1);
  CHECK(node["looks"] == 1);
  CHECK(node["failed"] == 1);
  CHECK(node["needed"] == "fewer than 2 of the last 3 looks fail, for 1d");
  CHECK(node["conditions"][0]["observed"] == "3 % errors");
  CHECK(document["conditions"] == json{{"met", 4}, {"of", 4}});
  says(document, "The watch is in round 1, 1 of the last 1 looks failed: error-rate failed: observed 3 % errors");
}

TEST_CASE("a way back says what it takes back and why") {
  ApiStory story;
  story.bring_live(story.submit("1"));
  const auto second = story.submit("2");
  story.bring_live(second);
  const auto opened = story.post("/v1/lanes/fraud/production/rollback", R"({"reason": "it is slow"})", ana);
  const auto document = explained(story, json::parse(opened.body)["id"]);
  CHECK(document["takes_back"] == second);
  says(document, "It takes back " + second + " (rollback: it is slow).");
}

TEST_CASE("a closed window is a condition that is not met") {
  auto policy = story_policy();
  core::Window window;
  window.kind = core::WindowKind::deny;
  window.when = "2026-11-20 - 2026-11-23";
  window.reason = "quarter end";
  policy->windows = {window};
  redigest(*policy);
  ApiStory story({policy});
  const auto id = story.submit();
  CHECK(explained(story, id)["tree"][3]["conditions"][0]["state"] == "not reached");
  story.pass_gates(id);
  story.decide(id, {{"decision", "approve"}}, ana);
  story.decide(id, {{"decision", "approve"}}, bo);
  REQUIRE(story.phase(id) == "awaiting_window");
  const auto document = explained(story, id);
  CHECK(document["tree"][3]["kind"] == "window");
  CHECK(document["tree"][3]["met"] == false);
  CHECK(document["conditions"] == json{{"met", 3}, {"of", 5}});
  says(document, "The window is not met: deliveries may begin closed:");
}

}  // namespace penstock::intake
