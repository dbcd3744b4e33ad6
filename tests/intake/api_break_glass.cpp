// Emergencies over the API: two people break the glass, and a third files the review.
#include "tests/intake/api_story.hpp"

namespace penstock::intake {
namespace {

const Caller oda{"oda", true, {"on-call"}};
const Caller ole{"ole", true, {"on-call"}};
const Caller ivy{"ivy", true, {"infosec"}};
const json breaks{{"decision", "break-glass"}, {"note", "all cards are refused"}};

std::shared_ptr<core::Policy> policy() {
  auto made = story_policy();
  made->break_glass = core::BreakGlassSpec{"on-call", {"contract"}, {core::Dispensable::approvals}, 1h, "infosec", 72h};
  made->digest = runtime::sha256(core::canonical_bytes(*made));
  return made;
}

}  // namespace

TEST_CASE("two people break the glass with a reason, and the promotion shows who and what it went without") {
  ApiStory story({policy()});
  const auto id = story.submit();
  CHECK(story.decide(id, {{"decision", "break-glass"}}, oda).status == 400);
  CHECK(story.decide(id, breaks, ana).status == 403);
  CHECK(story.decide(id, breaks, ci).status == 403);
  REQUIRE(story.decide(id, breaks, oda).status == 200);
  CHECK(story.phase(id) == "checking");
  const auto again = body_of(story.decide(id, breaks, oda));
  CHECK(again["ignored"].get<std::string>().find("a second member of on-call must join") != std::string::npos);
  REQUIRE(story.decide(id, breaks, ole).status == 200);
  story.answer(id, "scan", core::Verdict::passed);
  story.answer(id, "style", core::Verdict::passed);
  const auto seen = story.get_json("/v1/promotions/" + id);
  CHECK(seen["phase"] == "delivering");
  CHECK(seen["break_glass"]["asked_by"] == "oda");
  CHECK(seen["break_glass"]["confirmed_by"] == "ole");
  CHECK(seen["break_glass"]["skipped"] == json{"gate contract", "approvals"});
}

TEST_CASE("a lane with broken glass owes a review, which a third person files") {
  ApiStory story({policy()});
  const auto id = story.submit();
  story.decide(id, breaks, oda);
  story.decide(id, breaks, ole);
  story.answer(id, "scan", core::Verdict::failed);
  story.answer(id, "style", core::Verdict::passed);
  CHECK(story.phase(id) == "rejected");
  const auto next = story.submit("8");
  CHECK(story.phase(next) == "queued");
  const auto owed = story.get_json(fraud_lane);
  CHECK(owed["review"]["promotion"] == id);
  CHECK(owed["review"]["broken_by"] == json{"oda", "ole"});
  CHECK(owed["waiting"][0]["wait"]["who"] == json{"group:infosec"});
  CHECK(story.post(fraud_lane + "/review", "{}", ivy).status == 400);
  const auto text = R"({"text": "the scan was right"})";
  CHECK(story.post(fraud_lane + "/review", text, oda).status == 403);
  CHECK(story.post(fraud_lane + "/review", text, ana).status == 403);
  const auto filed = story.post(fraud_lane + "/review", text, ivy);
  CHECK(filed.status == 200);
  CHECK(body_of(filed)["review"].is_null());
  CHECK(story.phase(next) == "checking");
  CHECK(body_of(story.post(fraud_lane + "/review", text, ivy))["ignored"].is_string());
}

TEST_CASE("without break-glass in the policy nobody may") {
  ApiStory story;
  const auto id = story.submit();
  const auto refused = story.decide(id, breaks, oda);
  CHECK(refused.status == 403);
  CHECK(body_of(refused)["detail"] == "the policy fraud-production knows no break-glass");
}

}  // namespace penstock::intake
