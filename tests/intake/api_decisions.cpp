#include "tests/intake/api_story.hpp"

namespace penstock::intake {
namespace {

const json approve{{"decision", "approve"}, {"note", "looks good"}};

}  // namespace

TEST_CASE("two people approve and the promotion is delivered and live") {
  ApiStory story;
  const auto id = story.submit();
  story.bring_live(id);
  const auto document = story.get_json("/v1/promotions/" + id);
  CHECK(document["phase"] == "live");
  CHECK(document["approvals"]["given"].size() == 2);
}

TEST_CASE("a decision without If-Match is 428, with another digest 412") {
  ApiStory story;
  const auto id = story.submit();
  story.pass_gates(id);
  const auto target = "/v1/promotions/" + id + "/decisions";
  CHECK(story.post(target, approve.dump(), ana).status == 428);
  CHECK(story.decide(id, approve, ana, runtime::sha256("another").text()).status == 412);
  for (const auto* tag : {"*", "W/\"x\"", "\"\"", "sha256:abc"}) {
    ApiStory::Extra extra{{{"if-match", tag}}, ana};
    CHECK(story.call("POST", target, approve.dump(), extra).status == 412);
  }
  CHECK(story.get_json("/v1/promotions/" + id)["approvals"]["given"].empty());
}

TEST_CASE("If-Match takes the digest with and without quotes") {
  ApiStory story;
  const auto id = story.submit();
  story.pass_gates(id);
  const auto decide_on = story.get_json("/v1/promotions/" + id)["decide_on"].get<std::string>();
  ApiStory::Extra extra{{{"if-match", decide_on}}, ana};
  CHECK(story.call("POST", "/v1/promotions/" + id + "/decisions", approve.dump(), extra).status == 200);
}

TEST_CASE("the submitter, an author, a stranger and a service do not approve") {
  ApiStory story;
  const auto id = story.submit("7", ana);
  story.pass_gates(id);
  CHECK(code_of(story.decide(id, approve, ana)) == "not-allowed");
  const Caller author{"mia", true, {"release-managers"}, {"mia@example.com"}};
  CHECK(story.decide(id, approve, author).status == 403);
  CHECK(story.decide(id, approve, eve).status == 403);
  const Caller service{"robot", false, {"release-managers"}};
  CHECK(story.decide(id, approve, service).status == 403);
  CHECK(story.get_json("/v1/promotions/" + id)["approvals"]["given"].empty());
}

TEST_CASE("a second approval by the same person changes nothing and says so") {
  ApiStory story;
  const auto id = story.submit();
  story.pass_gates(id);
  CHECK(story.decide(id, approve, ana).status == 200);
  const auto second = story.decide(id, approve, ana);
  CHECK(second.status == 200);
  CHECK(json::parse(second.body)["ignored"] == "ana has approved already");
}

TEST_CASE("a rejection needs a reason, under either name") {
  ApiStory story;
  for (const auto* key : {"note", "reason"}) {
    const auto id = story.submit(key);
    CHECK(story.decide(id, {{"decision", "reject"}}, ana).status == 400);
    CHECK(story.decide(id, {{"decision", "reject"}, {key, "drift"}}, ana).status == 200);
    CHECK(story.get_json("/v1/promotions/" + id)["reason"] == "rejected by ana: drift");
  }
}

TEST_CASE("an approval before the gates have passed is a conflict") {
  ApiStory story;
  const auto id = story.submit();
  CHECK(story.decide(id, approve, ana).status == 409);
}

TEST_CASE("what has ended is decided on no more") {
  ApiStory story;
  const auto id = story.submit();
  story.decide(id, {{"decision", "reject"}, {"note", "drift"}}, ana);
  CHECK(code_of(story.decide(id, approve, bo)) == "conflict");
}

TEST_CASE("a decision that cannot be read is refused") {
  ApiStory story;
  const auto id = story.submit();
  for (const auto& body : {json{{"decision", "maybe"}}, json{{"decision", 1}}, json::object(),
                           json{{"decision", "approve"}, {"nota", "x"}}, json::array()})
    CHECK(story.decide(id, body, ana).status == 400);
  const std::string digest = runtime::sha256("x").text();
  CHECK(story.decide("prm_none", approve, ana, digest).status == 404);
}

TEST_CASE("a held promotion goes on when a person retries it") {
  ApiStory story;
  const auto id = story.submit();
  story.answer(id, "contract", core::Verdict::inconclusive, "the file is gone");
  CHECK(story.phase(id) == "held");
  CHECK(story.post("/v1/promotions/" + id + "/retry", "", ci).status == 403);
  CHECK(story.post("/v1/promotions/" + id + "/retry", "", eve).status == 200);
  CHECK(story.phase(id) == "checking");
}

TEST_CASE("there is nothing to retry while it gets on, or after it was replaced") {
  ApiStory story;
  const auto first = story.submit("1");
  CHECK(story.post("/v1/promotions/" + first + "/retry", "", ana).status == 409);
  story.bring_live(first);
  CHECK(story.post("/v1/promotions/" + first + "/retry", "", ana).status == 409);
  story.bring_live(story.submit("2"));
  CHECK(story.phase(first) == "replaced");
  CHECK(story.post("/v1/promotions/" + first + "/retry", "", ana).status == 409);
  CHECK(story.post("/v1/promotions/prm_none/retry", "", ana).status == 404);
}

TEST_CASE("a retry of a rejected promotion opens a new one for the same submitter") {
  ApiStory story;
  const auto id = story.submit("7", ana);
  story.answer(id, "contract", core::Verdict::failed);
  CHECK(story.phase(id) == "rejected");
  const auto response = story.post("/v1/promotions/" + id + "/retry", "{}", bo);
  CHECK(response.status == 201);
  const auto opened = json::parse(response.body);
  CHECK(opened["id"] != id);
  CHECK(opened["candidate"] == story.get_json("/v1/promotions/" + id)["candidate"]);
  CHECK(opened["submitter"] == "ana");
  CHECK(opened["trigger"] == "retry:bo");
  CHECK(response.headers.back() ==
        std::pair<std::string, std::string>{"Location", "/v1/promotions/" + opened["id"].get<std::string>()});
}

TEST_CASE("a retry by somebody else does not let the submitter approve") {
  ApiStory story;
  const auto id = story.submit("7", ana);
  story.answer(id, "contract", core::Verdict::failed);
  const std::string opened = json::parse(story.post("/v1/promotions/" + id + "/retry", "", bo).body)["id"];
  story.pass_gates(opened);
  CHECK(story.decide(opened, approve, ana).status == 403);
  CHECK(story.decide(opened, approve, bo).status == 200);
}

TEST_CASE("its submitter or any person withdraws, another service does not") {
  ApiStory story;
  const auto withdraw = [&](const std::string& id, const Caller& caller) {
    return story.post("/v1/promotions/" + id + "/withdraw", R"({"reason": "wrong data"})", caller).status;
  };
  const auto first = story.submit("1");
  CHECK(withdraw(first, Caller{"other-service", false, {}}) == 403);
  CHECK(withdraw(first, ci) == 200);
  CHECK(story.get_json("/v1/promotions/" + first)["reason"] == "withdrawn by ci: wrong data");
  CHECK(withdraw(first, ci) == 409);
  CHECK(withdraw(story.submit("2"), eve) == 200);
}

TEST_CASE("a withdrawal needs a reason, and comes too late for what is live") {
  ApiStory story;
  const auto id = story.submit();
  const auto target = "/v1/promotions/" + id + "/withdraw";
  CHECK(story.post(target, "", ana).status == 400);
  CHECK(story.post(target, R"({"reason": ""})", ana).status == 400);
  CHECK(story.post(target, R"({"reason": 7})", ana).status == 400);
  story.bring_live(id);
  CHECK(story.post(target, R"({"reason": "late"})", ana).status == 409);
  CHECK(story.post("/v1/promotions/prm_none/withdraw", R"({"reason": "x"})", ana).status == 404);
}

}  // namespace penstock::intake
