// A smoke test against a real server on loopback, whose answers the test writes.
#pragma once

#include "plugins/gates/smoke_test.hpp"
#include "tests/plugins/gates/gate_world.hpp"
#include "tests/runtime/server.hpp"

namespace penstock::gates::test {

struct SmokeStory : World {
  explicit SmokeStory(TestServer::Answer answer) : server(std::move(answer)) {}
  // Answers everything with this body.
  explicit SmokeStory(const std::string& body)
      : SmokeStory([body](const std::string&, int) { return http_answer("200 OK", body); }) {}

  nlohmann::json with(const nlohmann::json& requests) const {
    return {{"target", server.url("")}, {"allow_private", true}, {"requests", requests}};
  }
  core::Result<sdk::GateAnswer> ask(const nlohmann::json& requests) { return check(smoke_test_kind(), with(requests)); }
  sdk::GateAnswer answered(const nlohmann::json& requests) {
    auto answer = ask(requests);
    REQUIRE(answer);
    check_told(*answer);
    return std::move(*answer);
  }
  // The finding's verdict, or the problem's code as "errored: …".
  std::string outcome(const nlohmann::json& requests) {
    const auto answer = ask(requests);
    return answer ? std::string(core::name_of(answer->finding.verdict)) : "errored: " + answer.error().code;
  }
  // One request that expects these things of the JSON in the answer.
  std::string expecting(const nlohmann::json& values) {
    return outcome(nlohmann::json::array({{{"name", "score"}, {"expect", {{"json", values}}}}}));
  }

  TestServer server;
};

}  // namespace penstock::gates::test
