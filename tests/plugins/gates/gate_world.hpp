// A gate, what it is asked, and real tools: HTTP over loopback, processes, files. What a gate is not lent answers
// nothing.
#pragma once

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>

#include "daemon/runtime/child_process.hpp"
#include "daemon/runtime/digest.hpp"
#include "daemon/runtime/http_client.hpp"
#include "plugins/sdk/kinds.hpp"
#include "tests/catch.hpp"
#include "tests/runtime/folder.hpp"

namespace penstock::gates::test {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

// The real thing, which remembers what it was asked, and gives no program longer than the test has time for.
class Processes : public sdk::Process {
 public:
  core::Result<sdk::ProcessResult> run(const sdk::ProcessRequest& request) override {
    requests.push_back(request);
    auto bounded = request;
    bounded.timeout = std::min(bounded.timeout, longest);
    return child_.run(bounded);
  }
  core::Duration longest = 20s;
  std::vector<sdk::ProcessRequest> requests;

 private:
  runtime::ChildProcess child_;
};

class World : sdk::Artifacts, sdk::Endpoints, sdk::Folders, sdk::Clock, sdk::Crypto {
 public:
  World() {
    fs::create_directories(folder / "definitions");
    fs::create_directories(folder / "artifact");
    request.promotion = "prm_1";
    request.lane = {"wine", "production"};
    request.gate = "the-gate";
    request.candidate.model = "wine";
    request.candidate.version = "7";
    request.candidate_id = runtime::sha256(core::canonical_bytes(request.candidate));
    request.deadline = time + 30s;
  }
  core::Result<sdk::GateAnswer> check(const sdk::GateKind& kind, const nlohmann::json& with) {
    const auto gate = kind.make(with);
    REQUIRE(gate);
    return (*gate)->check(request, tools);
  }
  // The candidate's files: they are what `open` gives.
  void put(const std::string& name, const std::string& content) {
    folder.write(fs::path("artifact") / name, content);
    if (!request.candidate.artifact)
      request.candidate.artifact = core::Artifact{runtime::sha256("files"), "models:/m-1"};
  }

  TestFolder folder;
  runtime::HttpClient http;
  Processes processes;
  std::function<core::Result<core::Duration>(const core::Candidate&, core::Time)> prove;
  sdk::Endpoint endpoint;
  core::Time time{1'795'219'200'000ms};
  sdk::GateRequest request;
  sdk::Tools tools{http, processes, *this, *this, *this, *this, *this, {}};

 private:
  static core::Problem unused() { return {"not-lent", "this gate uses no such tool"}; }
  core::Result<fs::path> open(const core::Candidate&) override { return folder / "artifact"; }
  core::Result<core::Duration> prove_fetchable(const core::Candidate& candidate, core::Time deadline) override {
    return prove ? prove(candidate, deadline) : core::Result<core::Duration>(unused());
  }
  core::Result<fs::path> resolve(const std::string& root, const std::string& relative) const override {
    const auto path = folder / root / relative;
    if (fs::exists(path)) return path;
    return core::Problem{"not-found", "there is no `" + relative + "` in the folder `" + root + "`"};
  }
  core::Result<fs::path> scratch() override {
    fs::create_directories(folder / "scratch");
    return folder / "scratch";
  }
  core::Result<sdk::Endpoint> find(const std::string& name) const override {
    if (!name.empty() && name == endpoint.name) return endpoint;
    return core::Problem{"unknown-endpoint", "there is no endpoint `" + name + "`"};
  }
  core::Time now() const override { return time; }
  core::Digest sha256(std::string_view bytes) const override { return runtime::sha256(bytes); }
  std::string hmac_sha256(std::string_view key, std::string_view bytes) const override {
    return runtime::hmac_sha256(key, bytes);
  }
  std::string base64(std::string_view bytes) const override { return runtime::base64(bytes); }
  std::optional<std::string> from_base64(std::string_view text) const override { return runtime::from_base64(text); }
};

// Why the gate refuses to be configured so.
inline std::string refusal_of(const sdk::GateKind& kind, const nlohmann::json& with) {
  const auto gate = kind.make(with);
  return gate ? "" : core::to_text(gate.error());
}

// "rule: verdict, observed, needed" of each detail, in their order.
inline std::vector<std::string> rules_of(const sdk::GateAnswer& answer) {
  std::vector<std::string> rules;
  for (const auto& detail : answer.finding.details)
    rules.push_back(detail.rule + ": " + std::string(core::name_of(detail.verdict)) + ", " + detail.observed + ", " +
                    detail.needed);
  return rules;
}

// An answer that a person can act on, as every gate owes it.
inline void check_told(const sdk::GateAnswer& answer) {
  CHECK_FALSE(answer.finding.observed.empty());
  CHECK_FALSE(answer.finding.needed.empty());
  CHECK_FALSE(answer.finding.source.empty());
  CHECK(answer.finding.next.empty() == (answer.finding.verdict == core::Verdict::passed));
}

}  // namespace penstock::gates::test
