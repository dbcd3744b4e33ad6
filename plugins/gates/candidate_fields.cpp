#include "plugins/gates/candidate_fields.hpp"

#include <cmath>
#include <set>

#include "plugins/gates/candidate_paths.hpp"

namespace penstock::gates {
namespace {

using core::declared::Shape;

struct MetricBound {
  std::string name;
  std::optional<double> minimum;
  std::optional<double> maximum;
  static const Shape<MetricBound>& shape() {
    static const auto shape =
        Shape<MetricBound>("MetricBound", "A metric of the candidate and its bounds, both inclusive.")
            .required("name", &MetricBound::name, "The metric's name.", {.min_length = 1})
            .optional("minimum", &MetricBound::minimum, "The least value that passes.")
            .optional("maximum", &MetricBound::maximum, "The greatest value that passes.");
    return shape;
  }
};

struct CandidateFieldsConfiguration {
  std::vector<std::string> require;
  std::vector<MetricBound> metrics;
  static const Shape<CandidateFieldsConfiguration>& shape() {
    static const auto shape =
        Shape<CandidateFieldsConfiguration>(
            "candidate-fields",
            "Requires that the candidate names certain things and that its metrics keep certain bounds.")
            .optional(
                "require", &CandidateFieldsConfiguration::require,
                "Dotted paths that must hold a value: `git.commit`, `data_sets.training`, `labels.owner`, `authors`.",
                {.min_length = 1})
            .optional("metrics", &CandidateFieldsConfiguration::metrics,
                      "Metrics with bounds; a metric that is missing fails.");
    return shape;
  }
};

std::string number(double value) { return nlohmann::json(value).dump(); }

std::string bounds_text(const MetricBound& bound) {
  if (bound.minimum && bound.maximum) return "between " + number(*bound.minimum) + " and " + number(*bound.maximum);
  if (bound.minimum) return "at least " + number(*bound.minimum);
  if (bound.maximum) return "at most " + number(*bound.maximum);
  return "a value";
}

// The one list among a candidate's members: it must name somebody.
constexpr const char* authors = "authors";

std::optional<std::string> named(const std::vector<std::string>& people) {
  std::string text;
  for (const auto& person : people)
    if (!person.empty()) text += (text.empty() ? "" : ", ") + person;
  return text;
}

core::Problem invalid(std::string message, std::string hint = {}) {
  return {"invalid-document", std::move(message), "candidate-fields", std::move(hint)};
}

// What the declaration cannot say: names that exist, bounds that something can keep, and at least one demand.
core::Result<void> check_configuration(const CandidateFieldsConfiguration& configuration) {
  if (configuration.require.empty() && configuration.metrics.empty())
    return invalid("the gate demands nothing, so that everything would pass", "give it `require` or `metrics`");
  for (const auto& path : configuration.require) {
    if (path == authors) continue;
    if (auto known = check_candidate_path(path, "field"); !known)
      return invalid(known.error().message, known.error().hint);
  }
  std::set<std::string> names;
  for (const auto& bound : configuration.metrics) {
    if (!names.insert(bound.name).second)
      return invalid("the metric " + bound.name + " is there twice", "give it once, with both bounds");
    if (!std::isfinite(bound.minimum.value_or(0)) || !std::isfinite(bound.maximum.value_or(0)))
      return invalid("a bound of the metric " + bound.name + " is not a finite number",
                     "leave it out when there is none");
    if (bound.minimum && bound.maximum && *bound.minimum > *bound.maximum)
      return invalid("no value of the metric " + bound.name + " is " + bounds_text(bound), "correct its bounds");
  }
  return {};
}

class CandidateFields : public sdk::Gate {
 public:
  explicit CandidateFields(CandidateFieldsConfiguration configuration) : configuration_(std::move(configuration)) {}

  core::Result<sdk::GateAnswer> check(const sdk::GateRequest& request, sdk::Tools&) const override {
    sdk::GateAnswer answer;
    auto& finding = answer.finding;
    for (const auto& path : configuration_.require) finding.details.push_back(required(request.candidate, path));
    for (const auto& bound : configuration_.metrics) finding.details.push_back(bounded(request.candidate, bound));
    std::string wrong;
    for (const auto& detail : finding.details)
      if (detail.verdict == core::Verdict::failed)
        wrong += (wrong.empty() ? "" : "; ") + detail.rule + " " + detail.observed;
    finding.source = "candidate " + request.candidate_id.brief();
    finding.needed = std::to_string(configuration_.require.size()) + " fields and " +
                     std::to_string(configuration_.metrics.size()) + " metrics within their bounds";
    finding.verdict = wrong.empty() ? core::Verdict::passed : core::Verdict::failed;
    finding.observed = wrong.empty() ? "all of them are there" : wrong;
    if (!wrong.empty()) finding.next = "register a version that has them";
    return answer;
  }

 private:
  static core::Detail required(const core::Candidate& candidate, const std::string& path) {
    const auto value = path == authors ? named(candidate.authors) : core::field(candidate, path);
    const bool is_there = value && value->find_first_not_of(" \t\r\n") != std::string::npos;
    return {"field/" + path, is_there ? core::Verdict::passed : core::Verdict::failed, is_there ? *value : "is missing",
            "a value", path};
  }

  static core::Detail bounded(const core::Candidate& candidate, const MetricBound& bound) {
    core::Detail detail{"metric/" + bound.name, core::Verdict::failed, "is missing", bounds_text(bound),
                        "metrics." + bound.name};
    const auto found = candidate.metrics.find(bound.name);
    if (found == candidate.metrics.end()) return detail;
    detail.observed = "is " + number(found->second);
    const bool above = !bound.minimum || found->second >= *bound.minimum;
    const bool below = !bound.maximum || found->second <= *bound.maximum;
    if (std::isfinite(found->second) && above && below) detail.verdict = core::Verdict::passed;
    return detail;
  }

  CandidateFieldsConfiguration configuration_;
};

}  // namespace

sdk::GateKind candidate_fields_kind() {
  sdk::GateKind kind;
  kind.kind = "candidate-fields";
  kind.description = "The candidate names what the policy needs to know, and its metrics keep their bounds.";
  kind.configuration = core::declared::any_shape<CandidateFieldsConfiguration>();
  kind.instant = true;
  kind.make = [](const nlohmann::json& with) -> core::Result<std::unique_ptr<sdk::Gate>> {
    auto configuration = core::declared::from_json<CandidateFieldsConfiguration>(with);
    if (!configuration) return configuration.error();
    if (auto checked = check_configuration(*configuration); !checked) return checked.error();
    return std::make_unique<CandidateFields>(std::move(*configuration));
  };
  return kind;
}

}  // namespace penstock::gates
