// What an explanation tells of waivers, people, pins, watches and ways back.
#include "daemon/intake/explanation.hpp"
#include "tests/intake/explanation_story.hpp"

namespace penstock::intake {
namespace {

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
  CHECK(node_of(explained(story, id), "live/stages/data/contract")["met"].is_null());
  waive(story, "contract");
  const auto check = [&] {
    const auto document = explained(story, id);
    const auto gate = node_of(document, "live/stages/data/contract");
    CHECK(gate["state"] == "waived");
    CHECK(gate["verdict"] == "inconclusive");
    CHECK(gate["met"] == true);
    CHECK(node_of(document, "live/stages/data")["met"] == true);
    CHECK(node_of(document, "live/stages/data/contract/waivers")["met"] == true);
    REQUIRE(gate["waivers"].size() == 1);
    CHECK(gate["waivers"][0]["granter"] == "ana");
    CHECK(gate["waivers"][0]["requester"] == "eve");
    CHECK(gate["waivers"][0]["control"] == "review");
    says(document, "contract waived by ana until 2026-11-22 00:00 UTC (late data): observed no reference");
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
  CHECK(explained(story, id)["tree"]["met"] == true);
}

TEST_CASE("a waiver that ends before anything was delivered does not count any more") {
  ApiStory story;
  const auto id = story.submit();
  story.answer(id, "contract", core::Verdict::inconclusive, "no reference");
  waive(story, "contract");
  story.clock.advance(25h);
  const auto gate = node_of(explained(story, id), "live/stages/data/contract");
  CHECK(gate["state"] == "inconclusive");
  CHECK(gate["met"].is_null());
}

TEST_CASE("approvals that no longer count and conditions are told") {
  ApiStory story;
  const auto id = story.submit();
  story.pass_gates(id);
  story.decide(id, {{"decision", "approve"}}, ana);
  story.decide(id, {{"decision", "take-back"}, {"note", "wrong one"}}, ana);
  story.decide(id, {{"decision", "approve"}, {"condition", "only with 10 % of the traffic"}}, ana);
  const auto document = explained(story, id);
  const auto given = node_of(document, "live/approvals")["given"];
  REQUIRE(given.size() == 2);
  CHECK(given[0]["voided"] == "taken back by ana: wrong one");
  CHECK(given[1]["condition"] == "only with 10 % of the traffic");
  CHECK(node_of(document, "live/approvals/voided/ana")["counts"] == false);
  says(document, "release-managers 1 of 2: ana, ana has approved on a condition: only with 10 % of the traffic");
  says(document, "the approval of ana no longer counts: taken back by ana: wrong one");
}

TEST_CASE("an escalation is told before and after it has happened") {
  auto policy = story_policy();
  policy->approvals[0].escalate = core::Escalation{4h, "directors"};
  redigest(*policy);
  ApiStory story({policy});
  const auto id = story.submit();
  story.pass_gates(id);
  auto document = explained(story, id);
  auto rule = node_of(document, "live/approvals/release-managers");
  CHECK(rule["escalation"] == json{{"group", "directors"}, {"at", "2026-11-21T04:00:00.000Z"}, {"escalated", false}});
  CHECK(rule["who"] == json{"group:release-managers"});
  says(document, "(directors may answer as well from 2026-11-21 04:00 UTC)");
  story.clock.advance(4h);
  core::Event due = core::DeadlinePassed{id, "approval"};
  REQUIRE(story.run(story.engine.submit(std::move(due))));
  document = explained(story, id);
  rule = node_of(document, "live/approvals/release-managers");
  CHECK(rule["escalation"]["escalated"] == true);
  CHECK(rule["who"] == json{"group:release-managers", "group:directors"});
  says(document, "(directors may answer as well since 2026-11-21 04:00 UTC)");
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
  const auto pin = node_of(document, "live/lane/pin");
  CHECK(pin["met"] == false);
  CHECK(pin["how"] == "penstock release fraud production");
  CHECK(node_of(document, "live/lane/turn")["observed"] == "it waits behind " + first + " (version 1, checking)");
  says(document,
       "fraud 2 waits in production for its turn; needed next: the release of fraud in production, which ana holds "
       "since 2026-11-21T00:00:00.000Z (audit), and for its turn after " +
           first + ", by any person or the promotion under way until ");
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
  says(explained(story, id), "Not reached: stage security, deliveries.");
  story.bring_live(id);
  auto document = explained(story, id);
  CHECK(document["tree"]["met"] == true);
  CHECK(node_of(document, "live/watch")["counts"] == false);
  CHECK(node_of(document, "live/watch")["met"].is_null());
  CHECK(node_of(document, "live/watch/error-rate")["state"] == "under way");
  story.answer(id, "error-rate", core::Verdict::failed, "3 % errors");
  document = explained(story, id);
  const auto node = node_of(document, "live/watch");
  CHECK(node["round"] == 1);
  CHECK(node["looks"] == 1);
  CHECK(node["failed"] == 1);
  CHECK(node["met"] == true);
  CHECK(node["needed"] == "fewer than 2 of the last 3 looks fail, for 1d");
  CHECK(node_of(document, "live/watch/round-1")["met"] == false);
  CHECK(node_of(document, "live/watch/error-rate")["observed"] == "3 % errors");
  CHECK(document["tree"]["met"] == true);
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

TEST_CASE("a closed window is a condition that is not met, and says when it opens") {
  auto policy = story_policy();
  policy->windows = {{core::WindowKind::deny, "2026-11-20 - 2026-11-23", "UTC", "quarter end"}};
  redigest(*policy);
  ApiStory story({policy});
  const auto id = story.submit();
  const auto check = [&] {
    const auto document = explained(story, id);
    const auto window = node_of(document, "live/time/windows/2026-11-20 - 2026-11-23");
    CHECK(window["met"] == false);
    CHECK(window["next_open"] == "2026-11-24T00:00:00.000Z");
    CHECK(node_of(document, "live/time")["met"] == false);
    CHECK(document["window"]["open"] == false);
    CHECK(document["window"]["next_open"] == "2026-11-24T00:00:00.000Z");
    CHECK(document["window"]["next_close"].is_null());
    CHECK(says(document,
               "Deliveries to fraud in production are closed (quarter end), open at "
               "2026-11-24T00:00:00.000Z and close at no time before 2027-12-26T00:00:00.000Z."));
    return document;
  };
  check();
  story.pass_gates(id);
  story.decide(id, {{"decision", "approve"}}, ana);
  story.decide(id, {{"decision", "approve"}}, bo);
  REQUIRE(story.phase(id) == "awaiting_window");
  const auto document = check();
  CHECK(node_of(document, "live/time/begin")["who"] == json{"penstock"});
  says(document, "needed next: to wait for 2026-11-24 00:00 UTC, when they open, by Penstock itself until ");
}

TEST_CASE("a stop is a condition that any person can lift, and nothing opens before that") {
  ApiStory story;
  const auto id = story.submit();
  const auto set = story.post("/v1/stops", R"({"reason": "outage", "model": "fraud*"})", eve);
  REQUIRE(set.status == 201);
  const std::string stop = json::parse(set.body)["id"];
  auto document = explained(story, id);
  auto node = node_of(document, "live/time/stops/" + stop);
  CHECK(node["met"] == false);
  CHECK(node["who"] == json{"any person"});
  CHECK(node["how"] == "penstock lift " + stop);
  CHECK(document["window"]["next_open"].is_null());
  CHECK(document["window"]["stops"][0]["by"] == "eve");
  says(document,
       "are stopped by eve since 2026-11-21T00:00:00.000Z (outage), until a person lifts that: penstock lift");
  story.pass_gates(id);
  story.decide(id, {{"decision", "approve"}}, ana);
  story.decide(id, {{"decision", "approve"}}, bo);
  says(explained(story, id), "needed next: the stop to be lifted, by any person until ");
  story.post("/v1/stops/" + stop + "/lift", "", eve);
  document = explained(story, id);
  CHECK(node_of(document, "live/time/stops")["met"] == true);
  CHECK(node_of(document, "live/time/begin")["met"] == false);
}

TEST_CASE("an answer that has grown old is a condition that is not met") {
  auto policy = story_policy();
  policy->stages[0].gates[0].max_age = core::Duration(1h);
  redigest(*policy);
  ApiStory story({policy});
  const auto id = story.submit();
  story.pass_gates(id);
  CHECK(node_of(explained(story, id), "live/time/ages/contract")["met"] == true);
  story.clock.advance(61min);
  const auto age = node_of(explained(story, id), "live/time/ages/contract");
  CHECK(age["met"] == false);
  CHECK(age["who"] == json{"penstock"});
  CHECK(age["until"] == "2026-11-21T01:00:00.000Z");
}

TEST_CASE("a candidate whose content is not what its id says is not met, and one that cannot be read is not known") {
  ApiStory story;
  const auto id = story.submit();
  const auto promotion = story.run(story.engine.promotion(id)).value();
  const auto lane = story.run(story.engine.lane(promotion.lane)).value();
  const core::World world;
  const auto met = [&](std::optional<core::CandidateId> content) {
    const auto document = explain({promotion, *lane, world, story.clock.now(), content});
    return node_of(document, "live/candidate/content")["met"];
  };
  CHECK(met(promotion.candidate) == true);
  CHECK(met(runtime::sha256("something else")) == false);
  CHECK(met(std::nullopt).is_null());
}

}  // namespace penstock::intake
