// An MLflow source, the runtime's HTTP client, and the server between them.
#pragma once

#include "daemon/runtime/http_client.hpp"
#include "plugins/sources/sources.hpp"
#include "tests/catch.hpp"
#include "tests/plugins/sources/fake_mlflow.hpp"
#include "tests/plugins/sources/source_world.hpp"

namespace penstock::sources::test {

struct RealHttp {
  runtime::HttpClient http;
};

struct MlflowStory : RealHttp, SourceWorld {
  FakeMlflow server;
  nlohmann::json settings{{"endpoint", "main"}};

  MlflowStory() : SourceWorld(&http) {
    endpoints.endpoints["main"].url = server.url();
    endpoints.endpoints["main"].allow_private = true;
  }
  std::unique_ptr<sdk::Source> source() {
    auto made = mlflow_kind().make("registry", settings);
    REQUIRE(why(made) == "");
    return std::move(*made);
  }
  core::Result<sdk::Poll> try_poll(const std::string& cursor = "", core::Duration within = std::chrono::seconds(10)) {
    return source()->poll(cursor, in(within), tools);
  }
  sdk::Poll poll(const std::string& cursor = "") {
    auto result = try_poll(cursor);
    REQUIRE(why(result) == "");
    return std::move(*result);
  }
  core::Result<void> fetch(const std::string& name, const std::string& version, const fs::path& to,
                           std::uint64_t max_bytes = 1 << 20, core::Duration within = std::chrono::seconds(10)) {
    core::Candidate candidate;
    candidate.registry = {{"name", name}, {"version", version}};
    return source()->fetch(candidate, to, max_bytes, in(within), tools);
  }
};

inline std::vector<std::string> versions(const sdk::Poll& poll) {
  std::vector<std::string> found;
  for (const auto& sighting : poll.sightings)
    found.push_back(sighting.candidate.model + "/" + sighting.candidate.version);
  return found;
}

}  // namespace penstock::sources::test
