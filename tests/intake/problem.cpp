#include "daemon/intake/problem.hpp"

#include "tests/catch.hpp"

using namespace penstock::intake;
using penstock::core::Problem;

TEST_CASE("a problem's code decides the status") {
  const std::vector<std::pair<std::string, int>> expected = {
      {"unknown-promotion", 404}, {"unknown-candidate", 404},    {"unknown-lane", 404},
      {"not-found", 404},         {"stale-decision", 412},       {"precondition-required", 428},
      {"not-allowed", 403},       {"unauthenticated", 401},      {"conflict", 409},
      {"duplicate", 409},         {"invalid-document", 400},     {"invalid-request", 400},
      {"no-policy", 422},         {"idempotency-mismatch", 422}, {"journal-full", 507},
      {"journal-failed", 503},    {"overloaded", 503},           {"too-large", 413},
      {"too-many-failures", 429}, {"never-heard-of", 500}};
  for (const auto& [code, status] : expected) {
    INFO(code);
    const auto response = problem_response({code, "m", {}, {}});
    CHECK(response.status == status);
    CHECK(nlohmann::json::parse(response.body)["status"] == status);
  }
}

TEST_CASE("a problem document has the members of RFC 9457 and what helps to go on") {
  const auto response = problem_response(
      Problem{"stale-decision", "observed sha256:a, needed sha256:b", "prm_1", "read the promotion again"});
  CHECK(response.content_type == "application/problem+json");
  CHECK(nlohmann::json::parse(response.body) == nlohmann::json{{"type", "/problems/stale-decision"},
                                                               {"title", "Stale decision"},
                                                               {"status", 412},
                                                               {"detail", "observed sha256:a, needed sha256:b"},
                                                               {"code", "stale-decision"},
                                                               {"where", "prm_1"},
                                                               {"hint", "read the promotion again"},
                                                               {"retryable", false}});
}

TEST_CASE("a problem that passes by itself says so") {
  const Problem away{"anything", "m", {}, {}, true};
  CHECK(nlohmann::json::parse(problem_response(away).body)["retryable"] == true);
  const Problem full{"overloaded", "m", {}, {}};
  const auto response = problem_response(full);
  CHECK(nlohmann::json::parse(response.body)["retryable"] == true);
  CHECK(response.headers == std::vector<std::pair<std::string, std::string>>{{"Retry-After", "2"}});
}

TEST_CASE("bytes that are no UTF-8 in a message do not spoil the answer") {
  const auto response = problem_response(Problem{"not-found", "no \xff here", {}, {}});
  CHECK(nlohmann::json::parse(response.body)["detail"] == "no \xef\xbf\xbd here");
  CHECK(json_response(200, {{"a", "\xc3"}}).body == "{\"a\":\"\xef\xbf\xbd\"}");
}

TEST_CASE("the request id is added to problems and to nothing else") {
  auto problem = problem_response(Problem{"not-found", "m", {}, {}});
  add_request_id(problem, "req-1");
  CHECK(nlohmann::json::parse(problem.body)["request_id"] == "req-1");
  auto document = json_response(200, {{"a", 1}});
  add_request_id(document, "req-1");
  CHECK(document.body == "{\"a\":1}");
}
