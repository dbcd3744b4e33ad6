// The gate `smoke-test` against targets that are away, hang, or answer what nobody understands.
#include "tests/plugins/gates/smoke_story.hpp"

using namespace penstock;
using namespace penstock::gates::test;
using core::Verdict;
using nlohmann::json;

namespace {

const json one_request = json::array({{{"name", "is up"}, {"path", "/health"}}});
const json expects_json = json::array({{{"name", "score"}, {"expect", {{"json", {{{"at", "/predictions"}}}}}}}});

}  // namespace

TEST_CASE("a target that is away, hangs or breaks off is no answer, and the request is named") {
  SmokeStory story([](const std::string& request, int connection) -> std::string {
    if (request.find("GET /hang") == 0) await_close(connection);
    if (request.find("GET /half") == 0) send_text(connection, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{}");
    return "";
  });
  const auto meets = [&](const std::string& path) {
    const auto answer = story.ask({{{"name", "is up"}, {"path", path}}});
    REQUIRE_FALSE(answer);
    CHECK(answer.error().message.find("request `is up`: ") == 0);
    CHECK(answer.error().transient);
    return answer.error().code;
  };
  CHECK(meets("/close") == "unreachable");
  CHECK(meets("/half") == "unreachable");
  story.request.deadline = story.time + 100ms;
  CHECK(meets("/hang") == "timeout");
  story.request.deadline = story.time - 1s;
  CHECK(meets("/close") == "timeout");
}

TEST_CASE("nobody listens at the target: no answer") {
  std::string target;
  {
    TestServer gone([](const std::string&, int) { return std::string(); });
    target = gone.url("");
  }
  World world;
  const auto answer =
      world.check(gates::smoke_test_kind(), {{"target", target}, {"allow_private", true}, {"requests", one_request}});
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == "unreachable");
  CHECK(answer.error().transient);
}

TEST_CASE("a private address is asked only when the gate says so") {
  SmokeStory story("{}");
  auto with = story.with(one_request);
  with.erase("allow_private");
  const auto answer = story.check(gates::smoke_test_kind(), with);
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == "address-refused");
  CHECK(story.server.connections() == 0);
}

TEST_CASE("what speaks no HTTP, and an answer without an end, are no answers") {
  const auto meets = [](const std::string& text) {
    SmokeStory story([text](const std::string&, int connection) {
      send_text(connection, text);
      return std::string();
    });
    return story.outcome(one_request);
  };
  CHECK(meets("SSH-2.0-OpenSSH_9.2\r\n") == "errored: unreachable");
  CHECK(meets("{\"status\": \"ok\"}") == "errored: unreachable");
  CHECK(meets("HTTP/1.1 200 OK\r\nContent-Length: 3000000\r\n\r\n" + std::string(3'000'000, 'x')) ==
        "errored: too-large");
  CHECK(meets("HTTP/1.1 200 OK\r\n\r\n" + std::string(3'000'000, 'x')) == "errored: too-large");
  CHECK(meets("HTTP/1.1 200 OK\r\nX: " + std::string(400'000, 'x') + "\r\n\r\n").find("errored: ") == 0);
}

TEST_CASE("a page where JSON is expected fails, even with the expected status") {
  SmokeStory story("<!doctype html><title>Sign in</title>");
  const auto answer = story.answered(expects_json);
  CHECK(answer.finding.verdict == Verdict::failed);
  CHECK(rules_of(answer).at(2).find("score/json: failed, 37 bytes: it is not JSON") == 0);
  CHECK(json::parse(answer.evidence[0].content)[0]["body"] == "<!doctype html><title>Sign in</title>");
  for (const auto* body : {"", "{\"predictions\": [1]", "{\"predictions\": 1} {}", "{\"predictions\": NaN}",
                           "{\"predictions\": \"\xFF\"}", "[]", "null", "\"predictions\""}) {
    INFO(body);
    CHECK(SmokeStory(body).outcome(expects_json) == "failed");
  }
}

TEST_CASE("JSON that is nested without end fails, and brings nobody down") {
  const std::string deep = "{\"predictions\": " + std::string(500'000, '[') + std::string(500'000, ']') + "}";
  SmokeStory story(deep);
  CHECK(story.outcome(expects_json) == "failed");
  CHECK(story.outcome({{{"name", "score"}, {"expect", {{"json", {{{"at", ""}, {"equals", {1}}}}}}}}}) == "failed");
}

TEST_CASE("a name that stands twice in the answer fails: readers would take different values") {
  CHECK(SmokeStory("{\"ok\": false, \"ok\": true}").expecting({{{"at", "/ok"}, {"equals", true}}}) == "failed");
}

TEST_CASE("long values are shown in part, and cut between characters") {
  std::string text = "x";
  while (text.size() < 1000) text += "\xC3\xB6";
  SmokeStory story("{\"predictions\": \"" + text + "\"}");
  const auto answer = story.answered(expects_json);
  const auto& shown = answer.finding.details.at(2).observed;
  CHECK(shown.size() < 220);
  CHECK_NOTHROW(json(shown).dump());
}

TEST_CASE("the evidence of many large answers of awkward bytes stays within what is kept") {
  // Written as JSON, each of these bytes becomes six.
  SmokeStory story(std::string(100'000, '\x01'));
  json requests = json::array();
  for (int i = 0; i < 100; ++i) requests.push_back({{"name", std::to_string(i)}});
  const auto answer = story.answered(requests);
  CHECK(answer.finding.verdict == Verdict::passed);
  REQUIRE(answer.evidence.size() == 1);
  CHECK(answer.evidence[0].content.size() < 8u << 20);
  const auto kept = json::parse(answer.evidence[0].content);
  CHECK(kept[0]["body_bytes"] == 100'000);
  CHECK(kept[0]["body_kept"] == kept[0]["body"].get<std::string>().size());
}

TEST_CASE("a wrong answer stays wrong when a later request gets none") {
  SmokeStory story([](const std::string& request, int) -> std::string {
    return request.find("GET /wrong") == 0 ? http_answer("500 Internal Server Error", "{}") : "";
  });
  const json requests = {{{"name", "a"}, {"path", "/wrong"}}, {{"name", "b"}, {"path", "/away"}}};
  const auto answer = story.answered(requests);
  CHECK(answer.finding.verdict == Verdict::failed);
  CHECK(answer.finding.details.back().rule == "b/answer");
  CHECK(answer.finding.details.back().verdict == Verdict::inconclusive);
  // The other way round nothing was seen to be wrong yet.
  CHECK(story.outcome({requests[1], requests[0]}) == "errored: unreachable");
}

TEST_CASE("a variable that the candidate has no value for is never a pass, wherever it stands") {
  SmokeStory story("{}");
  const std::string missing = "${candidate.labels.slot}";
  for (const auto& request : std::vector<json>{json{{"path", "/" + missing}}, json{{"headers", {{"X", missing}}}},
                                               json{{"body", {{"x", missing}}}},
                                               json{{"expect", {{"json", {{{"at", ""}, {"equals", missing}}}}}}}}) {
    auto named = request;
    named["name"] = "a";
    INFO(named.dump());
    CHECK(story.outcome(json::array({named})) == "errored: unknown-variable");
    story.request.candidate.labels["slot"] = "";
    CHECK(story.outcome(json::array({named})) == "errored: unknown-variable");
    story.request.candidate.labels.clear();
  }
  CHECK(story.server.connections() == 0);
}

TEST_CASE("a label cannot lead to another place, add a header, or choose whom to ask") {
  SmokeStory story("{}");
  const auto with_slot = [&](const std::string& slot, const json& request) {
    story.request.candidate.labels["slot"] = slot;
    auto named = request;
    named["name"] = "a";
    return story.outcome(json::array({named}));
  };
  const json path{{"path", "/models/${candidate.labels.slot}/health"}};
  CHECK(with_slot("..", path) == "errored: unsafe-variable");
  CHECK(with_slot(".", path) == "errored: unsafe-variable");
  CHECK(with_slot(".", {{"path", "/models/.${candidate.labels.slot}"}}) == "errored: unsafe-variable");
  CHECK(with_slot("a\r\nX-Admin: 1", {{"headers", {{"X", "${candidate.labels.slot}"}}}}) == "errored: bad-request");
  CHECK(story.server.connections() == 0);
  CHECK(with_slot("..", {{"path", "/models?slot=${candidate.labels.slot}"}}) == "passed");
  CHECK(with_slot("...", path) == "passed");
  CHECK(with_slot("../admin", path) == "passed");
  CHECK(story.server.requests().back().find("GET /models/..%2Fadmin/health HTTP") == 0);

  const auto at_host = [&](const std::string& slot) {
    story.request.candidate.labels["slot"] = slot;
    const json with{{"target", "http://${candidate.labels.slot}.localhost:" + story.server.port()},
                    {"allow_private", true},
                    {"requests", {{{"name", "a"}}}}};
    const auto answer = story.check(gates::smoke_test_kind(), with);
    return answer ? std::string("answered") : answer.error().code;
  };
  for (const auto* slot :
       {"evil.example.com/", "evil.example.com:80#", "user@evil.example.com", "evil.example.com?", "a b"})
    CHECK(at_host(slot) == "unsafe-variable");
}

TEST_CASE("a target whose host a candidate could choose, or that is no plain address, is refused when it is loaded") {
  const auto refusal = [](const std::string& target) {
    return refusal_of(gates::smoke_test_kind(), {{"target", target}, {"requests", one_request}});
  };
  for (const auto* target : {"https://staging.example.com", "http://10.0.0.1:8080/score", "https://[::1]:8080/",
                             "https://${candidate.model}.staging.example.com:8443/${candidate.version}"}) {
    INFO(target);
    CHECK(refusal(target).empty());
  }
  for (const auto* target :
       {"https://${candidate.labels.host}", "https://staging-${candidate.labels.host}/score",
        "https://a.${candidate.model}:8080", "https://staging.example.com:${candidate.labels.port}/",
        "https://${candidate.model}.", "https://${candidate.model}.:80"}) {
    INFO(target);
    CHECK(refusal(target).find("choose whom to ask") != std::string::npos);
  }
  for (const auto* target :
       {"staging.example.com", "ftp://staging.example.com", "${candidate.labels.scheme}://h", "https://", "https:///x",
        "https://h/a?b=c", "https://h/#a", "https://h/a/../b", "https://h/ a", "https://h/\n"}) {
    INFO(target);
    CHECK_FALSE(refusal(target).empty());
  }
  const auto with_password = refusal("https://me:hunter2@staging.example.com/");
  CHECK(with_password.find("credentials") != std::string::npos);
  CHECK(with_password.find("hunter2") == std::string::npos);
}
