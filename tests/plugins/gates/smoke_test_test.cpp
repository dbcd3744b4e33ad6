// The gate `smoke-test`: what it sends, what it expects, and what its finding tells.
#include "tests/plugins/gates/smoke_story.hpp"

using namespace penstock;
using namespace penstock::gates::test;
using core::Verdict;
using nlohmann::json;

namespace {

constexpr const char* prediction =
    R"({"predictions": [0.7, 0.3], "model": {"name": "wine", "version": "7"}, "drift": null, "ready": true, "count": 2})";

// A request that expects one value at `at`.
json value_at(const std::string& at, json further = json::object()) {
  further["at"] = at;
  return json::array({further});
}

std::string smoke_refusal(const json& with) { return refusal_of(gates::smoke_test_kind(), with); }
std::string request_refusal(json request) {
  request["name"] = "one";
  return smoke_refusal({{"target", "https://staging.example.com"}, {"requests", {request}}});
}

}  // namespace

TEST_CASE("every expectation met: the smoke test passes and keeps the answers") {
  SmokeStory story(prediction);
  const auto answer = story.answered({{{"name", "score"},
                                       {"method", "POST"},
                                       {"path", "/score"},
                                       {"body", {{"rows", {{1, 2}}}}},
                                       {"expect",
                                        {{"status", {200, 204}},
                                         {"latency", "5s"},
                                         {"json", {{{"at", "/predictions"}, {"type", "array"}, {"length", 2}}}}}}}});
  CHECK(answer.finding.verdict == Verdict::passed);
  CHECK(answer.finding.observed == "4 of 4 expectations met by 1 answers");
  CHECK(answer.finding.source == story.server.url(""));
  const auto rules = rules_of(answer);
  REQUIRE(rules.size() == 4);
  CHECK(rules[0] == "score/status: passed, 200, 200, 204");
  CHECK(rules[1].find("score/latency: passed, ") == 0);
  CHECK(rules[2] == "score/json/predictions: passed, [0.7,0.3], a value of type array");
  CHECK(rules[3] == "score/json/predictions: passed, [0.7,0.3], length 2");
  CHECK(answer.finding.details[0].where == "POST " + story.server.url("/score"));
  REQUIRE(answer.evidence.size() == 1);
  CHECK(answer.evidence[0].name == "answers.json");
  const auto kept = json::parse(answer.evidence[0].content);
  CHECK(kept[0]["body"] == prediction);
  CHECK(kept[0]["status"] == 200);
  const auto sent = story.server.requests().at(0);
  CHECK(sent.find("POST /score HTTP/1.1\r\n") == 0);
  CHECK(sent.find("Content-Type: application/json\r\n") != std::string::npos);
  CHECK(sent.find("\r\n\r\n{\"rows\":[[1,2]]}") != std::string::npos);
}

TEST_CASE("a status that is not expected fails, and a redirect is such a status: it is not followed") {
  SmokeStory story([](const std::string& request, int) {
    if (request.find("GET /moved") == 0) return http_answer("302 Found", "", "Location: /fine\r\n");
    return http_answer(request.find("GET /fine") == 0 ? "200 OK" : "500 Internal Server Error", "{}");
  });
  CHECK(story.outcome({{{"name", "a"}, {"path", "/fine"}}}) == "passed");
  CHECK(story.outcome({{{"name", "a"}, {"path", "/other"}}}) == "failed");
  CHECK(story.outcome({{{"name", "a"}, {"path", "/other"}, {"expect", {{"status", {500}}}}}}) == "passed");
  const auto before = story.server.requests().size();
  const auto answer = story.answered({{{"name", "a"}, {"path", "/moved"}}});
  CHECK(answer.finding.verdict == Verdict::failed);
  CHECK(rules_of(answer)[0] == "a/status: failed, 302, 200");
  CHECK(story.server.requests().size() == before + 1);
}

TEST_CASE("an answer that comes too late fails on its latency alone") {
  SmokeStory story([](const std::string&, int connection) {
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    static_cast<void>(connection);
    return http_answer("200 OK", "{}");
  });
  const auto answer = story.answered({{{"name", "a"}, {"expect", {{"latency", "10ms"}}}}});
  CHECK(answer.finding.verdict == Verdict::failed);
  CHECK(answer.finding.details[0].verdict == Verdict::passed);
  CHECK(answer.finding.details[1].rule == "a/latency");
  CHECK(answer.finding.details[1].verdict == Verdict::failed);
  CHECK(answer.finding.details[1].needed == "at most 10ms");
}

TEST_CASE("values in the answer are held to what is expected of them") {
  SmokeStory story(prediction);
  CHECK(story.expecting(value_at("/model/name", {{"equals", "wine"}})) == "passed");
  CHECK(story.expecting(value_at("/model/name", {{"equals", "beer"}})) == "failed");
  CHECK(story.expecting(value_at("/count", {{"equals", 2}})) == "passed");
  CHECK(story.expecting(value_at("/count", {{"equals", "2"}})) == "failed");
  CHECK(story.expecting(value_at("/ready", {{"equals", 1}})) == "failed");
  CHECK(story.expecting(value_at("/model", {{"equals", {{"version", "7"}, {"name", "wine"}}}})) == "passed");
  CHECK(story.expecting(value_at("/predictions/0", {{"minimum", 0.7}, {"maximum", 0.7}})) == "passed");
  CHECK(story.expecting(value_at("/predictions/0", {{"minimum", 0.71}})) == "failed");
  CHECK(story.expecting(value_at("/predictions/0", {{"maximum", 0.69}})) == "failed");
  CHECK(story.expecting(value_at("/model/version", {{"minimum", 0}})) == "failed");  // text is no number
  CHECK(story.expecting(value_at("/predictions/0", {{"type", "integer"}})) == "failed");
  CHECK(story.expecting(value_at("/count", {{"type", "number"}})) == "passed");
  CHECK(story.expecting(value_at("/predictions", {{"length", 3}})) == "failed");
  CHECK(story.expecting(value_at("/count", {{"length", 1}})) == "failed");
  CHECK(story.expecting(value_at("/model")) == "passed");
  CHECK(story.expecting(value_at("", {{"type", "object"}})) == "passed");
  for (const auto* missing : {"/nothing", "/predictions/2", "/predictions/-", "/predictions/01", "/model/name/x", "/"})
    CHECK(story.expecting(value_at(missing)) == "failed");
}

TEST_CASE("an expected null is compared, and is not the same as no expectation") {
  SmokeStory story(prediction);
  CHECK(story.expecting(value_at("/drift", {{"equals", nullptr}})) == "passed");
  CHECK(story.expecting(value_at("/ready", {{"equals", nullptr}})) == "failed");
  CHECK(story.expecting(value_at("/missing", {{"equals", nullptr}})) == "failed");
}

TEST_CASE("requests are sent one after another, and one that is answered wrongly fails the whole") {
  SmokeStory story([](const std::string& request, int) {
    return http_answer(request.find("GET /b") == 0 ? "404 Not Found" : "200 OK", "{}");
  });
  const auto answer = story.answered(
      {{{"name", "a"}, {"path", "/a"}}, {{"name", "b"}, {"path", "/b"}}, {{"name", "c"}, {"path", "/c"}}});
  CHECK(answer.finding.verdict == Verdict::failed);
  CHECK(answer.finding.observed == "5 of 6 expectations met by 3 answers");
  const auto sent = story.server.requests();
  REQUIRE(sent.size() == 3);
  CHECK(sent[0].find("GET /a ") == 0);
  CHECK(sent[2].find("GET /c ") == 0);
  CHECK(json::parse(answer.evidence[0].content).size() == 3);
}

TEST_CASE("values of the candidate go into the path, the headers, the body and what is expected") {
  SmokeStory story(prediction);
  story.request.candidate.labels = {{"slot", "a/b\"c"}};
  const auto answer =
      story.answered({{{"name", "a"},
                       {"method", "POST"},
                       {"path", "/m/${candidate.model}/${candidate.labels.slot}?e=${lane.environment}"},
                       {"headers", {{"X-Version", "v${candidate.version}"}, {"content-type", "application/x-rows"}}},
                       {"body", {{"slot", "${candidate.labels.slot}"}}},
                       {"expect", {{"json", {{{"at", "/model/version"}, {"equals", "${candidate.version}"}}}}}}}});
  CHECK(answer.finding.verdict == Verdict::passed);
  const auto sent = story.server.requests().at(0);
  CHECK(sent.find("POST /m/wine/a%2Fb%22c?e=production HTTP/1.1\r\n") == 0);
  CHECK(sent.find("X-Version: v7\r\n") != std::string::npos);
  CHECK(sent.find("content-type: application/x-rows\r\n") != std::string::npos);
  CHECK(sent.find("application/json") == std::string::npos);
  CHECK(json::parse(sent.substr(sent.find("\r\n\r\n") + 4)) == json{{"slot", "a/b\"c"}});
  // The deployment serves another version than the one that asks.
  story.request.candidate.version = "8";
  CHECK(story.expecting(value_at("/model/version", {{"equals", "${candidate.version}"}})) == "failed");
}

TEST_CASE("without a path the target itself is asked, and slashes are not doubled") {
  SmokeStory story("{}");
  auto with = story.with({{{"name", "a"}}});
  with["target"] = story.server.url("/score");
  REQUIRE(story.check(gates::smoke_test_kind(), with));
  with["target"] = story.server.url("/score/");
  with["requests"] = {{{"name", "a"}, {"path", "/up"}}};
  REQUIRE(story.check(gates::smoke_test_kind(), with));
  CHECK(story.server.requests()[0].find("GET /score HTTP") == 0);
  CHECK(story.server.requests()[1].find("GET /score/up HTTP") == 0);
}

TEST_CASE("an endpoint lends its address and credentials, which no finding holds") {
  SmokeStory story("{}");
  story.endpoint.name = "staging";
  story.endpoint.url = story.server.url("");
  story.endpoint.allow_private = true;
  story.endpoint.bearer_token = "a-secret-token";
  const auto answer =
      story.check(gates::smoke_test_kind(), {{"endpoint", "staging"}, {"requests", {{{"name", "a"}, {"path", "/x"}}}}});
  REQUIRE(answer);
  CHECK(answer->finding.verdict == Verdict::passed);
  CHECK(story.server.requests().at(0).find("Authorization: Bearer a-secret-token\r\n") != std::string::npos);
  CHECK((to_json(answer->finding).dump() + answer->evidence[0].content).find("a-secret-token") == std::string::npos);
  const auto unknown = story.check(gates::smoke_test_kind(), {{"endpoint", "prod"}, {"requests", {{{"name", "a"}}}}});
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().code == "unknown-endpoint");
}

TEST_CASE("what cannot be meant is refused when it is loaded") {
  CHECK(request_refusal({}).empty());
  CHECK(request_refusal({{"path", "score"}}).find("begin with a slash") != std::string::npos);
  CHECK(request_refusal({{"path", "/a#b"}}).find("fragment") != std::string::npos);
  CHECK(request_refusal({{"path", "/a b"}}).find("spaces") != std::string::npos);
  CHECK(request_refusal({{"path", "/${candidate.verison}"}}).find("did you mean `version`?") != std::string::npos);
  CHECK(request_refusal({{"headers", {{"X", "${HOME}"}}}}).find("${HOME}") != std::string::npos);
  CHECK(request_refusal({{"body", {{"x", "${candidate.verison}"}}}}).find("request one") != std::string::npos);
  CHECK(request_refusal({{"method", "DELETE"}}) != "");
  CHECK(request_refusal({{"expect", {{"status", json::array()}}}}) != "");
  CHECK(request_refusal({{"expect", {{"status", {99}}}}}) != "");
  CHECK(request_refusal({{"expect", {{"json", {{{"at", "predictions"}}}}}}}).find("no JSON Pointer") !=
        std::string::npos);
  CHECK(request_refusal({{"expect", {{"json", {{{"at", "/a~2"}}}}}}}).find("no JSON Pointer") != std::string::npos);
  CHECK(request_refusal({{"expect", {{"json", {{{"at", "/99999999999999999999"}}}}}}}).find("no JSON Pointer") !=
        std::string::npos);
  CHECK(request_refusal({{"expect", {{"json", {{{"at", "/a"}, {"equal", 1}}}}}}}).find("did you mean `equals`?") !=
        std::string::npos);
  CHECK(request_refusal({{"expect", {{"json", {{{"at", "/a"}, {"equals", "${x}"}}}}}}}).find("there is no variable") !=
        std::string::npos);
  CHECK(smoke_refusal({{"target", "https://h"}, {"requests", json::array()}}) != "");
  CHECK(
      smoke_refusal({{"target", "https://h"}, {"requests", {{{"name", "a"}}, {{"name", "a"}}}}}).find("two requests") !=
      std::string::npos);
  CHECK(smoke_refusal({{"requests", {{{"name", "a"}}}}}).find("exactly one") != std::string::npos);
  CHECK(smoke_refusal({{"target", "https://h"}, {"endpoint", "e"}, {"requests", {{{"name", "a"}}}}})
            .find("exactly one") != std::string::npos);
}
