// The gate `candidate-fields`: what it demands, and what it refuses to demand.
#include "plugins/gates/candidate_fields.hpp"

#include <limits>

#include "tests/plugins/gates/gate_world.hpp"

using namespace penstock;
using namespace penstock::gates::test;
using core::Verdict;
using nlohmann::json;

namespace {

struct CandidateFieldsStory : World {
  CandidateFieldsStory() {
    request.candidate.labels = {{"owner", "ann"}, {"team.lead", "bob"}};
    request.candidate.metrics = {{"auc", 0.91}, {"loss", 0.2}};
    request.candidate.git = core::GitRef{"https://git.example.com/wine", std::string(40, 'a')};
    request.candidate.data_sets = {{"training", "wine/2026-11.csv"}};
    request.candidate.authors = {"ann"};
  }
  sdk::GateAnswer ask(const json& with) {
    auto answer = check(gates::candidate_fields_kind(), with);
    REQUIRE(answer);
    check_told(*answer);
    return std::move(*answer);
  }
  Verdict require(const std::string& path) { return ask({{"require", {path}}}).finding.verdict; }
  Verdict bound(const json& metric) { return ask({{"metrics", {metric}}}).finding.verdict; }
};

std::string fields_refusal(const json& with) { return refusal_of(gates::candidate_fields_kind(), with); }

}  // namespace

TEST_CASE("a candidate that carries every demanded field passes, and each is told") {
  CandidateFieldsStory story;
  const auto answer =
      story.ask({{"require", {"git.commit", "data_sets.training", "labels.owner", "labels.team.lead", "authors"}}});
  CHECK(answer.finding.verdict == Verdict::passed);
  CHECK(answer.finding.details.size() == 5);
  CHECK(rules_of(answer)[2] == "field/labels.owner: passed, ann, a value");
  CHECK(answer.finding.source == "candidate " + story.request.candidate_id.brief());
}

TEST_CASE("a demanded field that is missing, empty or blank fails, beside those that are there") {
  CandidateFieldsStory story;
  CHECK(story.require("labels.reviewer") == Verdict::failed);
  CHECK(story.require("artifact.digest") == Verdict::failed);
  story.request.candidate.labels["reviewer"] = "";
  CHECK(story.require("labels.reviewer") == Verdict::failed);
  story.request.candidate.labels["reviewer"] = " \t\n";
  CHECK(story.require("labels.reviewer") == Verdict::failed);
  story.request.candidate.authors = {""};
  CHECK(story.require("authors") == Verdict::failed);
  story.request.candidate.authors.clear();
  CHECK(story.require("authors") == Verdict::failed);
  const auto answer = story.ask({{"require", {"labels.owner", "labels.reviewer", "artifact.uri"}}});
  CHECK(rules_of(answer) == std::vector<std::string>{"field/labels.owner: passed, ann, a value",
                                                     "field/labels.reviewer: failed, is missing, a value",
                                                     "field/artifact.uri: failed, is missing, a value"});
  CHECK(answer.finding.observed == "field/labels.reviewer is missing; field/artifact.uri is missing");
  CHECK_FALSE(answer.finding.next.empty());
}

TEST_CASE("a metric passes on its bounds and between them, and fails beyond") {
  CandidateFieldsStory story;
  CHECK(story.bound({{"name", "auc"}, {"minimum", 0.91}}) == Verdict::passed);
  CHECK(story.bound({{"name", "auc"}, {"maximum", 0.91}}) == Verdict::passed);
  CHECK(story.bound({{"name", "auc"}, {"minimum", 0.9}, {"maximum", 1}}) == Verdict::passed);
  CHECK(story.bound({{"name", "auc"}, {"minimum", 0.9100001}}) == Verdict::failed);
  CHECK(story.bound({{"name", "auc"}, {"maximum", 0.9099999}}) == Verdict::failed);
  CHECK(story.bound({{"name", "auc"}}) == Verdict::passed);
  const auto answer = story.ask({{"metrics", {{{"name", "loss"}, {"maximum", 0.1}}}}});
  CHECK(rules_of(answer) == std::vector<std::string>{"metric/loss: failed, is 0.2, at most 0.1"});
}

TEST_CASE("a metric that is missing or no number fails, however wide its bounds are") {
  CandidateFieldsStory story;
  CHECK(story.bound({{"name", "f1"}}) == Verdict::failed);
  CHECK(story.bound({{"name", "f1"}, {"minimum", -1e9}}) == Verdict::failed);
  for (const auto value : {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity(),
                           -std::numeric_limits<double>::infinity()}) {
    story.request.candidate.metrics["f1"] = value;
    CHECK(story.bound({{"name", "f1"}}) == Verdict::failed);
    CHECK(story.bound({{"name", "f1"}, {"minimum", 0}}) == Verdict::failed);
    CHECK(story.bound({{"name", "f1"}, {"maximum", 0}}) == Verdict::failed);
  }
}

TEST_CASE("one wrong metric among good fields fails the whole") {
  CandidateFieldsStory story;
  const auto answer = story.ask({{"require", {"labels.owner"}}, {"metrics", {{{"name", "auc"}, {"minimum", 0.95}}}}});
  CHECK(answer.finding.verdict == Verdict::failed);
  CHECK(answer.finding.observed == "metric/auc is 0.91");
}

TEST_CASE("a field that no candidate has is refused when it is loaded, with what was meant") {
  CHECK(fields_refusal({{"require", {"git.comit"}}}).find("did you mean `git.commit`?") != std::string::npos);
  CHECK(fields_refusal({{"require", {"lables.owner"}}}).find("did you mean `labels.owner`?") != std::string::npos);
  CHECK(fields_refusal({{"require", {"labels"}}}).find("did you mean `labels.<name>`?") != std::string::npos);
  CHECK(fields_refusal({{"require", {"labels."}}}).find("no candidate has the field `labels.`") != std::string::npos);
  for (const auto* path : {"owner", "git", "artifact", "model.name", "git.commit.author", ".", " labels.owner"}) {
    INFO(path);
    CHECK(fields_refusal({{"require", {path}}}).find("no candidate has the field") != std::string::npos);
  }
  for (const auto* path :
       {"model", "version", "source", "artifact.digest", "artifact.uri", "git.repository", "git.commit",
        "data_contract", "registry.kind", "data_sets.training", "metrics.auc", "labels.a.b", "authors"}) {
    INFO(path);
    CHECK(fields_refusal({{"require", {path}}}).empty());
  }
}

TEST_CASE("demands that nothing or everything could meet are refused when they are loaded") {
  CHECK(fields_refusal(json::object()).find("demands nothing") != std::string::npos);
  CHECK(fields_refusal({{"require", json::array()}}) != "");
  CHECK(fields_refusal({{"metrics", json::array()}}).find("demands nothing") != std::string::npos);
  CHECK(fields_refusal({{"metrics", {{{"name", "auc"}, {"minimum", 1}, {"maximum", 0}}}}})
            .find("no value of the metric auc") != std::string::npos);
  CHECK(fields_refusal({{"metrics", {{{"name", "auc"}, {"minimum", 1}}, {{"name", "auc"}, {"maximum", 2}}}}})
            .find("twice") != std::string::npos);
  CHECK(fields_refusal({{"metrics", {{{"name", "auc"}, {"minimum", std::numeric_limits<double>::quiet_NaN()}}}}}) !=
        "");
  CHECK(fields_refusal({{"metrics", {{{"name", "auc"}, {"minimun", 1}}}}}).find("did you mean `minimum`?") !=
        std::string::npos);
  CHECK(fields_refusal({{"metrics", {{{"minimum", 1}}}}}).find("missing key `name`") != std::string::npos);
}
