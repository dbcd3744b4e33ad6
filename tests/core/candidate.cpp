#include "daemon/core/candidate.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tests/catch.hpp"

namespace penstock::core {
namespace {

using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;
using nlohmann::json;

json whole() {
  return {{"model", "m"},
          {"version", "1"},
          {"registry", {{"source", "models:/m-1"}}},
          {"artifact", {{"digest", "sha256:" + std::string(64, 'a')}, {"uri", "s3://bucket/m?versionId=3"}}},
          {"git", {{"repository", "ssh://git@host/m.git"}, {"commit", std::string(40, 'c')}}},
          {"data_sets", {{"training", "abfss://wine@lake.dfs.core.windows.net/2026-11.csv"}}},
          {"labels", {{"limitations", "see https://wiki/m, or ask mia@example.com"}}}};
}

}  // namespace

TEST_CASE("a candidate that comes in has no credentials in any address, and the refusal repeats none") {
  CHECK(candidate_from_json(whole()));
  for (const auto* hidden : {"https://ci:ghp_1@host/x", "https://ghp_1@host/x", "https://host/x?X-Amz-Signature=ghp_1"})
    for (const auto* path : {"/artifact/uri", "/git/repository", "/data_sets/training", "/data_contract",
                             "/registry/source", "/labels/limitations"}) {
      auto document = whole();
      document[json::json_pointer(path)] = hidden;
      const auto read = candidate_from_json(document);
      REQUIRE_FALSE(read);
      auto key = std::string(path).substr(1);
      std::replace(key.begin(), key.end(), '/', '.');
      CHECK(read.error().code == "invalid-document");
      CHECK_THAT(to_text(read.error()), StartsWith(key + " ") && Contains("leave them out"));
      CHECK_THAT(to_text(read.error()), !Contains("ghp_1"));
    }
  auto document = whole();
  document["data_sets"] = {{"https://ci:ghp_1@host/x", "x"}};
  CHECK_THAT(to_text(candidate_from_json(document).error()), Contains("data_sets") && !Contains("ghp_1"));
}

TEST_CASE("a candidate that is kept with credentials can still be read") {
  auto document = whole();
  document["artifact"]["uri"] = "https://ci:ghp_1@host/x";
  const auto stored = stored_candidate_from_json(document);
  REQUIRE(stored);
  CHECK(to_json(*stored) == document);
}

}  // namespace penstock::core
