#include "tests/intake/api_story.hpp"

namespace penstock::intake {
namespace {

std::vector<HookSettings> acting_hooks() {
  HookSettings by_ana{"ana-chat", HookKind::approvals, {hook_secret}, "", ana, ""};
  HookSettings by_bo{"bo-chat", HookKind::approvals, {hook_secret}, "", bo, ""};
  HookSettings by_eve{"eve-chat", HookKind::approvals, {hook_secret}, "", eve, ""};
  HookSettings receipts{"serving", HookKind::receipts, {hook_secret}, "", {}, "serving-platform"};
  HookSettings others{"other", HookKind::receipts, {hook_secret}, "", {}, "another-platform"};
  return {by_ana, by_bo, by_eve, receipts, others};
}

struct Acting : ApiStory {
  Acting() : ApiStory({story_policy()}, acting_hooks()) {}

  json decision(const std::string& promotion, const std::string& word = "approve") {
    json data{{"promotion", promotion}, {"decision", word}};
    data["decide_on"] = get_json("/v1/promotions/" + promotion).at("decide_on");
    return {{"type", "promotion.decision"}, {"data", data}};
  }
  // A promotion that waits for its receipt.
  std::string delivering() {
    const auto id = submit();
    pass_gates(id);
    decide(id, {{"decision", "approve"}}, ana);
    decide(id, {{"decision", "approve"}}, bo);
    core::Event sent = core::DeliverySent{id, "serving", 1, "202"};
    REQUIRE(run(engine.submit(std::move(sent))));
    REQUIRE(phase(id) == "delivering");
    return id;
  }
  static json receipt(const std::string& key, const std::string& type = "delivery.confirmed") {
    return {{"type", type}, {"data", {{"key", key}, {"note", "3 of 3 replicas"}}}};
  }
};

std::string message_of(const Response& response) { return json::parse(response.body).value("detail", ""); }

}  // namespace

TEST_CASE("two configured approvers approve by signed hook") {
  Acting story;
  const auto id = story.submit();
  story.pass_gates(id);
  const auto body = story.decision(id);
  CHECK(story.hook("ana-chat", body, "m1").status == 202);
  CHECK(story.phase(id) == "awaiting_approval");
  const auto second = story.hook("bo-chat", body, "m2");
  CHECK(second.status == 202);
  CHECK(json::parse(second.body)["phase"] == "delivering");
}

TEST_CASE("the same approver's hook under two ids counts once") {
  Acting story;
  const auto id = story.submit();
  story.pass_gates(id);
  const auto body = story.decision(id);
  CHECK(story.hook("ana-chat", body, "m1").status == 202);
  const auto again = story.hook("ana-chat", body, "m2");
  CHECK(again.status == 202);
  CHECK(json::parse(again.body)["ignored"] == "ana has approved already");
  CHECK(story.phase(id) == "awaiting_approval");
}

TEST_CASE("an approval that is repeated gets the same answer, also after the promotion has moved on") {
  Acting story;
  const auto id = story.submit();
  story.pass_gates(id);
  const auto body = story.decision(id);
  const auto first = story.hook("ana-chat", body, "m1");
  story.hook("bo-chat", body, "m2");
  REQUIRE(story.phase(id) == "delivering");
  const auto repeat = story.hook("ana-chat", body, "m1");
  CHECK(repeat.status == 202);
  CHECK(json::parse(repeat.body) == json::parse(first.body));
}

TEST_CASE("an approval that was refused is not remembered as taken") {
  Acting story;
  const auto id = story.submit();
  CHECK(story.hook("ana-chat", story.decision(id), "m1").status == 409);
  story.pass_gates(id);
  CHECK(story.hook("ana-chat", story.decision(id), "m1").status == 202);
  CHECK(story.get_json("/v1/promotions/" + id)["approvals"]["given"].size() == 1);
}

TEST_CASE("an approver outside the policy's groups is refused by hook as by token") {
  Acting story;
  const auto id = story.submit();
  story.pass_gates(id);
  const auto response = story.hook("eve-chat", story.decision(id), "m1");
  CHECK(response.status == 403);
  CHECK(story.phase(id) == "awaiting_approval");
}

TEST_CASE("the approver is the configured one, whatever the body says") {
  Acting story;
  const auto id = story.submit();
  story.pass_gates(id);
  auto body = story.decision(id);
  body["data"]["person"] = "bo";
  CHECK(story.hook("ana-chat", body, "m1").status == 202);
  CHECK(story.get_json("/v1/promotions/" + id)["approvals"]["given"][0]["person"] == "ana");
}

TEST_CASE("a rejection by hook needs a note and ends the promotion") {
  Acting story;
  const auto id = story.submit();
  story.pass_gates(id);
  auto body = story.decision(id, "reject");
  CHECK(story.hook("ana-chat", body, "m1").status == 400);
  body["data"]["note"] = "drift";
  CHECK(story.hook("ana-chat", body, "m2").status == 202);
  CHECK(story.phase(id) == "rejected");
}

TEST_CASE("a decision about something else is stale") {
  Acting story;
  const auto id = story.submit();
  story.pass_gates(id);
  auto body = story.decision(id);
  body["data"]["decide_on"] = runtime::sha256("something else").text();
  CHECK(story.hook("ana-chat", body, "m1").status == 412);
}

TEST_CASE("a decision that cannot be read names what is wrong") {
  Acting story;
  const auto id = story.submit();
  const auto good = story.decision(id);
  auto other_type = good;
  other_type["type"] = "promotion.created";
  CHECK(message_of(story.hook("ana-chat", other_type, "m1")) ==
        "the type is `promotion.created`, needed `promotion.decision`");
  for (const auto* key : {"promotion", "decision", "decide_on"}) {
    auto without = good;
    without["data"].erase(key);
    CHECK(message_of(story.hook("ana-chat", without, "m1")) == std::string("`data.") + key + "` is missing");
  }
  auto maybe = good;
  maybe["data"]["decision"] = "maybe";
  CHECK(message_of(story.hook("ana-chat", maybe, "m1")) ==
        "`decision` is `maybe`, needed `approve`, `reject`, `veto`, `take-back` or `break-glass`");
  CHECK(story.hook("ana-chat", json::array(), "m1").status == 400);
  auto unknown = good;
  unknown["data"]["promotion"] = "prm_no_such";
  CHECK(story.hook("ana-chat", unknown, "m1").status == 404);
}

TEST_CASE("a hook understands every decision that the interface does") {
  Acting story;
  const auto id = story.submit();
  story.pass_gates(id);
  auto approval = story.decision(id);
  approval["data"]["condition"] = "only with 10 % of the traffic";
  CHECK(story.hook("ana-chat", approval, "m1").status == 202);
  CHECK(story.get_json("/v1/promotions/" + id)["approvals"]["given"][0]["condition"] ==
        "only with 10 % of the traffic");
  CHECK(story.hook("ana-chat", story.decision(id, "take-back"), "m2").status == 202);
  CHECK(story.get_json("/v1/promotions/" + id)["approvals"]["given"][0]["voided"] == "taken back by ana");
  auto veto = story.decision(id, "veto");
  CHECK(story.hook("bo-chat", veto, "m3").status == 400);
  veto["data"]["reason"] = "it leaks";
  CHECK(story.hook("bo-chat", veto, "m3").status == 202);
  CHECK(story.get_json("/v1/promotions/" + id)["reason"] == "vetoed by bo: it leaks");
}

TEST_CASE("a receiver's signed receipt makes the promotion live") {
  Acting story;
  const auto id = story.delivering();
  const auto response = story.hook("serving", Acting::receipt("deliver/" + id + "/serving/1"), "r1");
  CHECK(response.status == 202);
  CHECK(story.phase(id) == "live");
  CHECK(story.get_json("/v1/promotions/" + id)["deliveries"][0]["answer"] ==
        "serving-platform confirmed it: 3 of 3 replicas");
  CHECK(story.hook("serving", Acting::receipt("deliver/" + id + "/serving/1"), "r1").body == response.body);
}

TEST_CASE("a receiver's refusal holds the promotion with its reason") {
  Acting story;
  const auto id = story.delivering();
  CHECK(story.hook("serving", Acting::receipt("deliver/" + id + "/serving/1", "delivery.refused"), "r1").status == 202);
  CHECK(story.phase(id) == "held");
  CHECK(story.get_json("/v1/promotions/" + id)["reason"].get<std::string>().find(
            "serving-platform refused it: 3 of 3") != std::string::npos);
}

TEST_CASE("a receiver cannot speak for what went to another one") {
  Acting story;
  const auto id = story.delivering();
  CHECK(story.hook("other", Acting::receipt("deliver/" + id + "/serving/1"), "r1").status == 403);
  CHECK(story.phase(id) == "delivering");
}

TEST_CASE("a receipt for another round has no effect and says so") {
  Acting story;
  const auto id = story.delivering();
  const auto response = story.hook("serving", Acting::receipt("deliver/" + id + "/serving/2"), "r1");
  CHECK(response.status == 202);
  CHECK(json::parse(response.body).contains("ignored"));
  CHECK(story.phase(id) == "delivering");
}

TEST_CASE("a receipt whose key is malformed is refused") {
  Acting story;
  const auto id = story.delivering();
  for (const auto& key : {id, "deliver/" + id, "deliver/" + id + "/serving", "deliver/" + id + "/serving/x",
                          "deliver/" + id + "/serving/0", "check/" + id + "/serving/1", std::string("deliver///1")})
    CHECK(story.hook("serving", Acting::receipt(key), "r-" + std::to_string(key.size())).status >= 400);
  CHECK(story.hook("serving", Acting::receipt("deliver/prm_no_such/serving/1"), "r9").status == 404);
  CHECK(story.hook("serving", {{"type", "delivery.lost"}, {"data", {{"key", "x"}}}}, "r10").status == 400);
  CHECK(story.phase(id) == "delivering");
}

}  // namespace penstock::intake
