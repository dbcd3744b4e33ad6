// The gate `rollback-readiness`: what is live is fetched again from real folders, and compared.
#include "plugins/gates/rollback_readiness.hpp"

#include "daemon/runtime/content_store.hpp"
#include "tests/plugins/gates/gate_world.hpp"

using namespace penstock;
using namespace penstock::gates::test;
using core::Problem;
using core::Verdict;
using nlohmann::json;

namespace {

// Version 6 is live; its files lie in the folder `source`, and fetching them takes `takes`.
struct RollbackStory : World {
  RollbackStory() {
    folder.write("source/model.skops", "the model");
    sdk::LiveCandidate live;
    live.promotion = "prm_0";
    live.candidate.model = "wine";
    live.candidate.version = "6";
    live.candidate.artifact = core::Artifact{*runtime::tree_digest(folder / "source"), "models:/m-6"};
    live.id = runtime::sha256(core::canonical_bytes(live.candidate));
    live.since = time - 24h;
    request.live = live;
    prove = [this](const core::Candidate& candidate, core::Time deadline) -> core::Result<core::Duration> {
      asked = candidate;
      asked_until = deadline;
      const auto digest = runtime::tree_digest(folder / "source");
      if (!digest) return digest.error();
      if (*digest != candidate.artifact->digest)
        return Problem{"digest-mismatch", "the source now gives files with another digest"};
      return takes;
    };
  }
  core::Result<sdk::GateAnswer> ask(const json& with = json::object()) {
    return check(gates::rollback_readiness_kind(), with);
  }
  sdk::GateAnswer answered(const json& with = json::object()) {
    auto answer = ask(with);
    REQUIRE(answer);
    check_told(*answer);
    return std::move(*answer);
  }

  core::Duration takes = 2s;
  core::Candidate asked;
  core::Time asked_until{};
};

}  // namespace

TEST_CASE("what is live can be fetched, unchanged and in time: the way back is there") {
  RollbackStory story;
  const auto answer = story.answered({{"objective", "1m"}});
  CHECK(answer.finding.verdict == Verdict::passed);
  CHECK(answer.finding.observed.find("fetched in 2s, digest " + story.asked.artifact->digest.brief()) == 0);
  CHECK(answer.finding.needed.find("within 1m") != std::string::npos);
  CHECK(answer.finding.source.find("version 6") == 0);
  // What is live is fetched, not what asks to be promoted; and not longer than the check may take.
  CHECK(story.asked.version == "6");
  CHECK(story.asked_until == story.request.deadline);
}

TEST_CASE("files of what is live that were changed fail") {
  RollbackStory story;
  story.folder.write("source/model.skops", "another model");
  const auto answer = story.answered();
  CHECK(answer.finding.verdict == Verdict::failed);
  CHECK(answer.finding.observed.find("another digest") != std::string::npos);
}

TEST_CASE("a file added beside those of what is live fails") {
  RollbackStory story;
  story.folder.write("source/extra.txt", "hello");
  CHECK(story.answered().finding.verdict == Verdict::failed);
}

TEST_CASE("the time objective is met to the millisecond, and missed by one") {
  RollbackStory story;
  story.takes = 1min;
  CHECK(story.answered({{"objective", "1m"}}).finding.verdict == Verdict::passed);
  story.takes = 1min + 1ms;
  const auto answer = story.answered({{"objective", "1m"}});
  CHECK(answer.finding.verdict == Verdict::failed);
  CHECK(answer.finding.observed.find("fetched in 1m") == 0);
  CHECK(answer.finding.next.find("objective") != std::string::npos);
}

TEST_CASE("what is live and gone from its source fails; what we could not find out is no answer") {
  RollbackStory story;
  const auto meets = [&](const Problem& problem) {
    story.prove = [problem](const core::Candidate&, core::Time) -> core::Result<core::Duration> { return problem; };
    const auto answer = story.ask();
    return answer ? std::string(core::name_of(answer->finding.verdict)) : "errored: " + answer.error().code;
  };
  CHECK(meets({"not-found", "version 6 of wine is not in the registry any more"}) == "failed");
  CHECK(meets({"unreachable", "the registry is away", "", "", true}) == "errored: unreachable");
  CHECK(meets({"timeout", "no answer in time", "", "", true}) == "errored: timeout");
  CHECK(meets({"not-found", "the commit is not there yet", "", "", true}) == "errored: not-found");
  // Not transient, and still not about the files of what is live.
  for (const auto* code : {"access-refused", "unknown-source", "unknown-endpoint", "store-full", "store-failed",
                           "not-lent", "too-large", "a-code-of-tomorrow"})
    CHECK(meets({code, "something else"}) == "errored: " + std::string(code));
}

TEST_CASE("what is live without an artifact cannot be judged, and nothing is fetched") {
  RollbackStory story;
  story.request.live->candidate.artifact.reset();
  const auto answer = story.answered({{"fallback", "the rule set"}});
  CHECK(answer.finding.verdict == Verdict::inconclusive);
  CHECK(story.asked.version.empty());
}

TEST_CASE("the first promotion ever needs a declared fallback") {
  RollbackStory story;
  story.request.live.reset();
  const auto without = story.answered();
  CHECK(without.finding.verdict == Verdict::failed);
  CHECK(without.finding.source == "the lane wine in production, where nothing is live");
  CHECK(without.finding.next.find("`fallback`") != std::string::npos);
  const auto with = story.answered({{"fallback", "the rule set of 2025"}});
  CHECK(with.finding.verdict == Verdict::passed);
  CHECK(with.finding.observed == "fallback: the rule set of 2025");
}

TEST_CASE("a declared fallback does not stand in for what is live and broken") {
  RollbackStory story;
  fs::remove_all(story.folder / "source/model.skops");
  CHECK(story.answered({{"fallback", "the rule set"}}).finding.verdict == Verdict::failed);
}

TEST_CASE("a blank fallback, an objective of nothing and unknown keys are refused when they are loaded") {
  const auto refusal = [](const json& with) { return refusal_of(gates::rollback_readiness_kind(), with); };
  CHECK(refusal({{"fallback", "  \n"}}).find("blank") != std::string::npos);
  CHECK(refusal({{"objective", "0s"}}) != "");
  CHECK(refusal({{"objective", 10}}) != "");
  CHECK(refusal({{"fall_back", "x"}}).find("did you mean `fallback`?") != std::string::npos);
}
