#include "daemon/core/words.hpp"

#include "daemon/core/candidate.hpp"
#include "tests/catch.hpp"

#include <nlohmann/json.hpp>

namespace penstock::core {
using namespace std::chrono_literals;

TEST_CASE("times are written and read as RFC 3339") {
  const auto time = parse_time("2026-11-21T04:05:06.789Z");
  REQUIRE(time);
  CHECK(to_text(*time) == "2026-11-21T04:05:06.789Z");
  CHECK(to_text(Time()) == "1970-01-01T00:00:00.000Z");
  CHECK(to_text(parse_time("0999-12-31T23:59:59.999Z").value()) == "0999-12-31T23:59:59.999Z");
  CHECK(parse_time("2026-11-21T05:05:06.789+01:00") == time);
  CHECK(parse_time("2024-02-29T00:00:00Z").has_value());
  for (const auto* wrong :
       {"", "2026-11-21", "2026-13-01T00:00:00Z", "2026-02-29T00:00:00Z", "2026-11-21T24:00:00Z", "2026-11-21T04:05:06",
        "2026-11-21T04:05:06.Z", "2026-11-21T04:05:06Zx", "2026-11-21T04:05:06+1:00"})
    CHECK_FALSE(parse_time(wrong));
}

TEST_CASE("durations are whole numbers with units") {
  CHECK(parse_duration("90s") == 90s);
  CHECK(parse_duration("1h30m") == 90min);
  CHECK(parse_duration("7d") == 24h * 7);
  CHECK(parse_duration("250ms") == 250ms);
  CHECK(to_text(Duration(90min)) == "1h30m");
  CHECK(to_text(Duration(0)) == "0s");
  for (const auto* wrong : {"", "10", "m", "1.5h", "-1s", "1 h", "1y", "99999999999d", "9223372036854775807ms"})
    CHECK_FALSE(parse_duration(wrong));
}

TEST_CASE("a digest is sha256: and 64 lower-case hex digits") {
  CHECK(Digest::parse("sha256:" + std::string(64, 'a')).has_value());
  CHECK_FALSE(Digest::parse(std::string(64, 'a')));
  CHECK_FALSE(Digest::parse("sha256:" + std::string(64, 'A')));
  CHECK_FALSE(Digest::parse("sha256:" + std::string(63, 'a')));
}

TEST_CASE("globs match the whole text, and many stars stay quick") {
  CHECK(glob_match("fraud-*", "fraud-eu"));
  CHECK_FALSE(glob_match("fraud-*", "my-fraud-eu"));
  CHECK(glob_match("*", ""));
  CHECK(glob_match("a?c", "abc"));
  CHECK_FALSE(glob_match("a?c", "ac"));
  CHECK_FALSE(glob_match(std::string(40, '*') + "b", std::string(2000, 'a')));
}

TEST_CASE("equal content is the same candidate, whatever the order it was written in") {
  const auto one =
      candidate_from_json(nlohmann::json::parse(R"({"model":"m","version":"1","metrics":{"b":1,"a":2},"authors":[]})"));
  const auto two = candidate_from_json(nlohmann::json::parse(R"({"version":"1","metrics":{"a":2,"b":1},"model":"m"})"));
  REQUIRE(one);
  REQUIRE(two);
  CHECK(canonical_bytes(*one) == canonical_bytes(*two));
  CHECK(canonical_bytes(*one) == R"({"metrics":{"a":2.0,"b":1.0},"model":"m","version":"1"})");
}

TEST_CASE("a candidate that is not well formed is refused with the key") {
  const auto refused = [](const char* text) {
    return candidate_from_json(nlohmann::json::parse(text)).error().message;
  };
  CHECK(refused(R"({"version":"1"})").find("model") != std::string::npos);
  CHECK(refused(R"({"model":"m","version":"1","artefact":{}})").find("did you mean `artifact`?") != std::string::npos);
  CHECK(refused(R"({"model":"m","version":"1","artifact":{"digest":"sha256:abc"}})").find("digest") !=
        std::string::npos);
  CHECK(refused(R"({"model":"m","version":7})").find("version") != std::string::npos);
}

TEST_CASE("a candidate's fields are found by dotted path, dots in names included") {
  Candidate candidate;
  candidate.model = "m";
  candidate.metrics = {{"auc.test", 0.5}};
  candidate.git = GitRef{"https://example.com/r.git", "abc"};
  CHECK(field(candidate, "git.commit") == "abc");
  CHECK(field(candidate, "metrics.auc.test") == "0.5");
  CHECK_FALSE(field(candidate, "metrics.auc"));
  CHECK_FALSE(field(candidate, "artifact.digest"));
}

}  // namespace penstock::core
