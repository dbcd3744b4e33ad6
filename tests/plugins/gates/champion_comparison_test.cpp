// The gate `champion-comparison`: a challenger, a champion, and what neither of them has.
#include "plugins/gates/champion_comparison.hpp"

#include <limits>

#include "tests/plugins/gates/gate_world.hpp"

using namespace penstock;
using namespace penstock::gates::test;
using core::Verdict;
using nlohmann::json;

namespace {

// Version 6 is live in the lane.
struct ChampionStory : World {
  ChampionStory() {
    sdk::LiveCandidate live;
    live.promotion = "prm_0";
    live.candidate.model = "wine";
    live.candidate.version = "6";
    live.id = runtime::sha256("six");
    live.since = time - 24h;
    request.live = live;
  }
  sdk::GateAnswer ask(const json& with) {
    auto given = check(gates::champion_comparison_kind(), with);
    REQUIRE(given);
    check_told(*given);
    return std::move(*given);
  }
  // One metric `m`, of which the two have these values.
  Verdict contest(double mine, double theirs, json rule) {
    request.candidate.metrics = {{"m", mine}};
    request.live->candidate.metrics = {{"m", theirs}};
    rule["name"] = "m";
    answer = ask({{"metrics", json::array({rule})}});
    return answer.finding.verdict;
  }
  Verdict higher(double mine, double theirs, json rule = json::object()) {
    rule["better"] = "higher";
    return contest(mine, theirs, rule);
  }
  Verdict lower(double mine, double theirs, json rule = json::object()) {
    rule["better"] = "lower";
    return contest(mine, theirs, rule);
  }
  sdk::GateAnswer answer;
};

constexpr auto passed = Verdict::passed;
constexpr auto failed = Verdict::failed;
constexpr auto inconclusive = Verdict::inconclusive;

std::string metric_refusal(const json& metric) {
  return refusal_of(gates::champion_comparison_kind(), {{"metrics", json::array({metric})}});
}

}  // namespace

TEST_CASE("without a margin the challenger must be no worse than the champion") {
  ChampionStory story;
  CHECK(story.higher(0.91, 0.9) == passed);
  CHECK(story.higher(0.9, 0.9) == passed);
  CHECK(story.higher(0.89, 0.9) == failed);
  CHECK(story.lower(120, 130) == passed);
  CHECK(story.lower(130, 130) == passed);
  CHECK(story.lower(131, 130) == failed);
}

TEST_CASE("a challenger that must be better by a margin") {
  ChampionStory story;
  CHECK(story.higher(0.92, 0.9, {{"at_least_by", 0.02}}) == passed);
  CHECK(story.higher(0.919, 0.9, {{"at_least_by", 0.02}}) == failed);
  CHECK(story.lower(0.88, 0.9, {{"at_least_by", 0.02}}) == passed);
  CHECK(story.lower(0.9, 0.9, {{"at_least_by", 0.02}}) == failed);
  CHECK(story.higher(102, 100, {{"at_least_by", "2%"}}) == passed);
  CHECK(story.higher(101.9, 100, {{"at_least_by", "2%"}}) == failed);
  CHECK(story.lower(98, 100, {{"at_least_by", "2%"}}) == passed);
  CHECK(story.lower(98.1, 100, {{"at_least_by", "2%"}}) == failed);
}

TEST_CASE("a challenger that may be worse by a margin") {
  ChampionStory story;
  CHECK(story.higher(0.89, 0.9, {{"at_most_worse_by", 0.01}}) == passed);
  CHECK(story.higher(0.88, 0.9, {{"at_most_worse_by", 0.01}}) == failed);
  CHECK(story.lower(105, 100, {{"at_most_worse_by", "5%"}}) == passed);
  CHECK(story.lower(105.1, 100, {{"at_most_worse_by", "5%"}}) == failed);
  CHECK(story.lower(10, 100, {{"at_most_worse_by", "5%"}}) == passed);
  CHECK(story.lower(100, 100, {{"at_most_worse_by", 0}}) == passed);
  CHECK(story.lower(100.1, 100, {{"at_most_worse_by", 0}}) == failed);
}

TEST_CASE("numbers that people take for equal are equal") {
  ChampionStory story;
  CHECK(story.higher(0.3, 0.1, {{"at_least_by", 0.2}}) == passed);  // 0.1 + 0.2 is a little more than 0.3
  CHECK(story.lower(1.1, 1.0, {{"at_most_worse_by", "10%"}}) == passed);
  CHECK(story.higher(0.299999, 0.1, {{"at_least_by", 0.2}}) == failed);
}

TEST_CASE("a percentage is of the size of what is live, below zero too") {
  ChampionStory story;
  CHECK(story.higher(-90, -100, {{"at_least_by", "10%"}}) == passed);
  CHECK(story.higher(-95, -100, {{"at_least_by", "10%"}}) == failed);
  CHECK(story.higher(-105, -100, {{"at_most_worse_by", "5%"}}) == passed);
  CHECK(story.higher(-106, -100, {{"at_most_worse_by", "5%"}}) == failed);
}

TEST_CASE("of zero there is no percentage that anybody could be better by") {
  ChampionStory story;
  CHECK(story.higher(0, 0, {{"at_least_by", "2%"}}) == inconclusive);
  CHECK(story.higher(1, 0, {{"at_least_by", "2%"}}) == inconclusive);
  CHECK(story.answer.finding.observed == "m 1.0, live 0.0, of which there is no percentage");
  CHECK(story.higher(1, 0, {{"at_least_by", 0.5}}) == passed);
  CHECK(story.lower(0, 0, {{"at_most_worse_by", "5%"}}) == passed);
  CHECK(story.lower(0.001, 0, {{"at_most_worse_by", "5%"}}) == failed);
}

TEST_CASE("a finding says what was observed, what was needed, and of whom") {
  ChampionStory story;
  story.request.candidate.metrics = {{"auc", 0.91}, {"latency", 120}};
  story.request.live->candidate.metrics = {{"auc", 0.9}, {"latency", 100}};
  const auto answer = story.ask({{"metrics",
                                  {{{"name", "auc"}, {"better", "higher"}, {"at_least_by", 0.005}},
                                   {{"name", "latency"}, {"better", "lower"}, {"at_most_worse_by", "5%"}}}}});
  const auto& finding = answer.finding;
  CHECK(finding.verdict == failed);
  CHECK(finding.observed == "latency 120.0, live 100.0");
  CHECK(finding.needed == "auc at least 0.005 higher than what is live; latency at most 5.0% higher than what is live");
  CHECK(finding.source == "version 7 (" + story.request.candidate_id.brief() + ") and version 6 (" +
                              story.request.live->id.brief() + "), live since " +
                              core::to_text(story.request.live->since));
  CHECK(rules_of(answer) ==
        std::vector<std::string>{
            "metric/auc: passed, 0.91, live 0.9, at least 0.905: at least 0.005 higher than what is live",
            "metric/latency: failed, 120.0, live 100.0, at most 105.0: at most 5.0% higher than what is live"});
}

TEST_CASE("a metric that the candidate lacks fails, and one that what is live lacks is inconclusive") {
  ChampionStory story;
  const json with{{"metrics", {{{"name", "m"}, {"better", "higher"}}}}};
  CHECK(story.ask(with).finding.verdict == failed);
  story.request.live->candidate.metrics = {{"m", 1}};
  CHECK(story.ask(with).finding.verdict == failed);
  CHECK(story.ask(with).finding.observed == "m the candidate has no such metric");
  story.request.candidate.metrics = {{"m", 1}};
  story.request.live->candidate.metrics.clear();
  CHECK(story.ask(with).finding.verdict == inconclusive);
  CHECK(story.ask(with).finding.observed == "m 1.0, and what is live has no such metric");
}

TEST_CASE("one metric that failed outweighs others that cannot be compared") {
  ChampionStory story;
  story.request.candidate.metrics = {{"a", 1}, {"b", 1}, {"c", 5}};
  story.request.live->candidate.metrics = {{"a", 2}, {"c", 4}};
  const json higher{{"better", "higher"}};
  const auto named = [&higher](const char* name) {
    auto rule = higher;
    rule["name"] = name;
    return rule;
  };
  CHECK(story.ask({{"metrics", {named("a"), named("b"), named("c")}}}).finding.verdict == failed);
  CHECK(story.ask({{"metrics", {named("b"), named("c")}}}).finding.verdict == inconclusive);
  CHECK(story.ask({{"metrics", {named("c"), named("b")}}}).finding.verdict == inconclusive);
  CHECK(story.ask({{"metrics", {named("c")}}}).finding.verdict == passed);
}

TEST_CASE("what is not a number never passes") {
  ChampionStory story;
  const auto nan = std::numeric_limits<double>::quiet_NaN();
  const auto infinite = std::numeric_limits<double>::infinity();
  CHECK(story.higher(nan, 1) == failed);
  CHECK(story.higher(infinite, 1) == failed);
  CHECK(story.lower(-infinite, 1) == failed);
  CHECK(story.higher(1, nan) == inconclusive);
  CHECK(story.higher(1, -infinite) == inconclusive);
  const auto most = std::numeric_limits<double>::max();
  CHECK(story.higher(most, most, {{"at_least_by", "50%"}}) == failed);
  CHECK(story.higher(-most, -most, {{"at_most_worse_by", "50%"}}) == failed);
}

TEST_CASE("a lane's first candidate is left to a person, unless the gate says otherwise") {
  ChampionStory story;
  story.request.live.reset();
  story.request.candidate.metrics = {{"m", 1}};
  json with{{"metrics", {{{"name", "m"}, {"better", "higher"}}}}};
  const auto first = story.ask(with).finding;
  CHECK(first.verdict == inconclusive);
  CHECK(first.observed == "nothing is live to compare with");
  CHECK(first.next == "let a person decide on the first one, or say `when_nothing_is_live: pass`");
  for (const auto& [word, verdict] :
       {std::pair("pass", passed), std::pair("fail", failed), std::pair("inconclusive", inconclusive)}) {
    with["when_nothing_is_live"] = word;
    CHECK(story.ask(with).finding.verdict == verdict);
  }
}

TEST_CASE("what is live is not compared with itself") {
  ChampionStory story;
  story.request.live->id = story.request.candidate_id;
  CHECK(story.higher(1, 1) == inconclusive);
  CHECK(story.answer.finding.observed.find("the candidate itself is live") == 0);
}

TEST_CASE("a contest that nobody can mean is refused") {
  const json metric{{"name", "m"}, {"better", "higher"}};
  const auto with = [&metric](const char* key, const json& value) {
    auto changed = metric;
    changed[key] = value;
    return metric_refusal(changed);
  };
  CHECK(metric_refusal(metric).empty());
  CHECK(with("at_least_by", "2%").empty());
  CHECK(with("at_least_by", "0.5%").empty());
  for (const json& value : {json("2"), json("%"), json("-2%"), json("2 %"), json("2%%"), json("1e2%"), json("inf%"),
                            json(true), json(json::array()), json("NaN%")}) {
    INFO(value);
    CHECK(with("at_most_worse_by", value).find("a number such as `0.02`, or a percentage such as `2%`") !=
          std::string::npos);
  }
  CHECK(with("at_least_by", -1).find("needs at least 0; `better` says which way") != std::string::npos);
  CHECK(with("at_least_by", 0).find("which anything equal is") != std::string::npos);
  CHECK(with("at_least_by", "0%").find("which anything equal is") != std::string::npos);
  CHECK(with("better", "bigger").find("expected one of `higher`, `lower`") != std::string::npos);
  auto both = metric;
  both["at_least_by"] = 1;
  both["at_most_worse_by"] = 1;
  CHECK(metric_refusal(both).find("give it one of them") != std::string::npos);
  CHECK(metric_refusal({{"name", "m"}}).find("missing key `better`") != std::string::npos);
  const auto kind = gates::champion_comparison_kind();
  CHECK(refusal_of(kind, {{"metrics", {metric, metric}}}).find("the metric m is there twice") != std::string::npos);
  CHECK_FALSE(refusal_of(kind, {{"metrics", json::array()}}).empty());
  CHECK_FALSE(refusal_of(kind, json::object()).empty());
}
