#include "plugins/gates/champion_comparison.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "plugins/gates/margin.hpp"

namespace penstock::gates {

enum class Better { higher, lower };
enum class WithoutChampion { inconclusive, pass, fail };

}  // namespace penstock::gates

template <>
struct penstock::core::EnumNames<penstock::gates::Better> {
  static constexpr std::array<std::pair<gates::Better, const char*>, 2> names{
      {{gates::Better::higher, "higher"}, {gates::Better::lower, "lower"}}};
};
template <>
struct penstock::core::EnumNames<penstock::gates::WithoutChampion> {
  static constexpr std::array<std::pair<gates::WithoutChampion, const char*>, 3> names{
      {{gates::WithoutChampion::inconclusive, "inconclusive"},
       {gates::WithoutChampion::pass, "pass"},
       {gates::WithoutChampion::fail, "fail"}}};
};

namespace penstock::gates {
namespace {

using core::Detail;
using core::Verdict;
using core::declared::Shape;

// Values that differ by less than this part of their size are equal: 0.1 + 0.2 is 0.3 to whoever writes a policy.
constexpr double rounding = 1e-9;

struct Contest {
  std::string name;
  Better better{};
  std::optional<Margin> at_least_by;
  std::optional<Margin> at_most_worse_by;
  static const Shape<Contest>& shape() {
    static const auto shape =
        Shape<Contest>("MetricContest", "A metric that both have. Without a margin the candidate must be no worse.")
            .required("name", &Contest::name, "The metric's name.", {.min_length = 1, .max_length = 200})
            .required("better", &Contest::better, "Which way is better.")
            .optional("at_least_by", &Contest::at_least_by, "How much better the candidate must be.")
            .optional("at_most_worse_by", &Contest::at_most_worse_by, "How much worse it may be.");
    return shape;
  }
};

struct ChampionConfiguration {
  std::vector<Contest> metrics;
  WithoutChampion when_nothing_is_live{};
  static const Shape<ChampionConfiguration>& shape() {
    static const auto shape =
        Shape<ChampionConfiguration>(
            "champion-comparison",
            "Compares the metrics that the candidate carries with those that what is live in the "
            "lane carried when it was promoted.")
            .required("metrics", &ChampionConfiguration::metrics,
                      "All of them. One that the candidate lacks fails; one that what is live lacks is inconclusive.",
                      {.min_length = 1, .max_length = 100})
            .optional("when_nothing_is_live", &ChampionConfiguration::when_nothing_is_live,
                      "The answer to a lane's first candidate. By default a person decides: there was no comparison, "
                      "so none was passed.");
    return shape;
  }
};

std::string number(double value) { return nlohmann::json(value).dump(); }

core::Problem invalid(std::string message, std::string hint) {
  return {"invalid-document", std::move(message), "champion-comparison", std::move(hint)};
}

core::Result<void> check_configuration(const ChampionConfiguration& configuration) {
  std::set<std::string> names;
  for (const auto& contest : configuration.metrics) {
    const auto metric = "the metric " + contest.name;
    if (!names.insert(contest.name).second) return invalid(metric + " is there twice", "give it once");
    if (contest.at_least_by && contest.at_most_worse_by)
      return invalid(metric + " has `at_least_by` and `at_most_worse_by`", "give it one of them");
    if (contest.at_least_by && contest.at_least_by->amount == 0)
      return invalid(metric + " must be better by " + contest.at_least_by->text() + ", which anything equal is",
                     "leave `at_least_by` out to demand that it is no worse");
  }
  return {};
}

std::optional<double> value_of(const core::Candidate& candidate, const std::string& metric) {
  const auto found = candidate.metrics.find(metric);
  if (found == candidate.metrics.end() || !std::isfinite(found->second)) return std::nullopt;
  return found->second;
}

std::string condition_of(const Contest& contest) {
  const std::string side = contest.better == Better::higher ? "higher" : "lower";
  const std::string other = contest.better == Better::higher ? "lower" : "higher";
  if (contest.at_least_by) return "at least " + contest.at_least_by->text() + " " + side + " than what is live";
  if (contest.at_most_worse_by && contest.at_most_worse_by->amount > 0)
    return "at most " + contest.at_most_worse_by->text() + " " + other + " than what is live";
  return "not " + other + " than what is live";
}

Detail undecided(Detail detail, Verdict verdict, std::string observed) {
  detail.verdict = verdict;
  detail.observed = std::move(observed);
  return detail;
}

Detail compare(const Contest& contest, const core::Candidate& candidate, const core::Candidate& live) {
  Detail detail{"metric/" + contest.name, Verdict::failed, "", condition_of(contest), "metrics." + contest.name};
  const auto mine = value_of(candidate, contest.name);
  const auto theirs = value_of(live, contest.name);
  if (!mine) return undecided(detail, Verdict::failed, "the candidate has no such metric");
  if (!theirs) return undecided(detail, Verdict::inconclusive, number(*mine) + ", and what is live has no such metric");
  detail.observed = number(*mine) + ", live " + number(*theirs);
  const double sign = contest.better == Better::higher ? 1 : -1;
  double wanted = *theirs;  // the worst value that passes
  if (contest.at_least_by) {
    if (contest.at_least_by->percent && *theirs == 0)
      return undecided(detail, Verdict::inconclusive, detail.observed + ", of which there is no percentage");
    wanted += sign * contest.at_least_by->of(*theirs);
  } else if (contest.at_most_worse_by) {
    wanted -= sign * contest.at_most_worse_by->of(*theirs);
  }
  const double slack = rounding * std::max({std::abs(*mine), std::abs(*theirs), std::abs(wanted)});
  detail.needed = (contest.better == Better::higher ? "at least " : "at most ") + number(wanted) + ": " + detail.needed;
  if (std::isfinite(wanted) && sign * (*mine - wanted) >= -slack) detail.verdict = Verdict::passed;
  return detail;
}

// The name and what was observed of those that have the verdict.
std::string told(const std::vector<Detail>& details, Verdict verdict) {
  std::string text;
  for (const auto& detail : details)
    if (detail.verdict == verdict)
      text += (text.empty() ? "" : "; ") + detail.rule.substr(detail.rule.find('/') + 1) + " " + detail.observed;
  return text;
}

class ChampionComparison : public sdk::Gate {
 public:
  explicit ChampionComparison(ChampionConfiguration configuration) : configuration_(std::move(configuration)) {}

  core::Result<sdk::GateAnswer> check(const sdk::GateRequest& request, sdk::Tools&) const override {
    sdk::GateAnswer answer;
    auto& finding = answer.finding;
    finding.needed = needed();
    if (!request.live) {
      answer_without_champion(request, finding);
      return answer;
    }
    const auto& live = *request.live;
    finding.source = "version " + request.candidate.version + " (" + request.candidate_id.brief() + ") and version " +
                     live.candidate.version + " (" + live.id.brief() + "), live since " + core::to_text(live.since);
    if (live.id == request.candidate_id) {
      finding.verdict = Verdict::inconclusive;
      finding.observed = "the candidate itself is live: compared with itself it is neither better nor worse";
      finding.next = "ask this gate in stages, before something else becomes live; let a person decide here";
      return answer;
    }
    for (const auto& contest : configuration_.metrics)
      finding.details.push_back(compare(contest, request.candidate, live.candidate));
    judge(finding);
    return answer;
  }

 private:
  std::string needed() const {
    std::string text;
    for (const auto& contest : configuration_.metrics)
      text += (text.empty() ? "" : "; ") + contest.name + " " + condition_of(contest);
    return text;
  }

  static void judge(core::Finding& finding) {
    const auto failed = told(finding.details, Verdict::failed);
    const auto unknown = told(finding.details, Verdict::inconclusive);
    if (!failed.empty()) {
      finding.verdict = Verdict::failed;
      finding.observed = failed;
      finding.next = "register a version that does better, with all metrics logged";
    } else if (!unknown.empty()) {
      finding.verdict = Verdict::inconclusive;
      finding.observed = unknown;
      finding.next = "let a person decide: what is live cannot be compared";
    } else {
      finding.verdict = Verdict::passed;
      finding.observed = told(finding.details, Verdict::passed);
    }
  }

  void answer_without_champion(const sdk::GateRequest& request, core::Finding& finding) const {
    finding.source = "the lane " + core::to_text(request.lane) + ", where nothing is live";
    finding.observed = "nothing is live to compare with";
    switch (configuration_.when_nothing_is_live) {
      case WithoutChampion::pass:
        finding.verdict = Verdict::passed;
        finding.observed += "; the gate lets a first candidate pass";
        return;
      case WithoutChampion::fail:
        finding.verdict = Verdict::failed;
        finding.next = "bring the first version in under a policy without this gate";
        return;
      case WithoutChampion::inconclusive:
        finding.verdict = Verdict::inconclusive;
        finding.next = "let a person decide on the first one, or say `when_nothing_is_live: pass`";
    }
  }

  ChampionConfiguration configuration_;
};

}  // namespace

sdk::GateKind champion_comparison_kind() {
  sdk::GateKind kind;
  kind.kind = "champion-comparison";
  kind.description = "The candidate's metrics are good enough beside those of what is live in the lane.";
  kind.configuration = core::declared::any_shape<ChampionConfiguration>();
  kind.instant = true;
  kind.make = [](const nlohmann::json& with) -> core::Result<std::unique_ptr<sdk::Gate>> {
    auto configuration = core::declared::from_json<ChampionConfiguration>(with);
    if (!configuration) return configuration.error();
    if (auto checked = check_configuration(*configuration); !checked) return checked.error();
    return std::make_unique<ChampionComparison>(std::move(*configuration));
  };
  return kind;
}

}  // namespace penstock::gates
