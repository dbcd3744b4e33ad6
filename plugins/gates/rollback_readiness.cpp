#include "plugins/gates/rollback_readiness.hpp"

namespace penstock::gates {
namespace {

using core::declared::Shape;

struct RollbackConfiguration {
  core::Duration objective = std::chrono::minutes(15);
  std::string fallback;
  static const Shape<RollbackConfiguration>& shape() {
    static const auto shape =
        Shape<RollbackConfiguration>(
            "rollback-readiness",
            "Fetches what is live now from its source anew, compares its digest, and measures how long that takes.")
            .optional("objective", &RollbackConfiguration::objective,
                      "The time in which what is live must be fetchable.", {.minimum = 1})
            .optional("fallback", &RollbackConfiguration::fallback,
                      "For the first promotion ever, when nothing is live: what takes over if it has to be taken back "
                      "(a rule set, a "
                      "switch, the former system).",
                      {.max_length = 2000});
    return shape;
  }
};

class RollbackReadiness : public sdk::Gate {
 public:
  explicit RollbackReadiness(RollbackConfiguration configuration) : configuration_(std::move(configuration)) {}

  core::Result<sdk::GateAnswer> check(const sdk::GateRequest& request, sdk::Tools& tools) const override {
    if (!request.live) return first_ever(request);
    sdk::GateAnswer answer;
    auto& finding = answer.finding;
    const auto& live = *request.live;
    finding.source =
        "version " + live.candidate.version + " (" + live.id.brief() + "), live since " + core::to_text(live.since);
    finding.needed =
        "what is live can be fetched with an unchanged digest within " + core::to_text(configuration_.objective);
    if (!live.candidate.artifact) {
      finding.verdict = core::Verdict::inconclusive;
      finding.observed =
          "what is live was promoted without an artifact: Penstock cannot see whether it could come back";
      finding.next = "let a person decide, and promote versions with an artifact from now on";
      return answer;
    }
    const auto took = tools.artifacts.prove_fetchable(live.candidate, request.deadline);
    if (!took) return not_fetched(std::move(answer), took.error());
    finding.verdict = *took <= configuration_.objective ? core::Verdict::passed : core::Verdict::failed;
    finding.observed =
        "fetched in " + core::to_text(*took) + ", digest " + live.candidate.artifact->digest.brief() + " unchanged";
    if (finding.verdict == core::Verdict::failed) finding.next = "bring the artifact closer, or change the objective";
    return answer;
  }

 private:
  core::Result<sdk::GateAnswer> first_ever(const sdk::GateRequest& request) const {
    sdk::GateAnswer answer;
    auto& finding = answer.finding;
    finding.source = "the lane " + core::to_text(request.lane) + ", where nothing is live";
    finding.needed = "a declared fallback for the first promotion ever";
    finding.verdict = configuration_.fallback.empty() ? core::Verdict::failed : core::Verdict::passed;
    finding.observed =
        configuration_.fallback.empty() ? "no fallback is declared" : "fallback: " + configuration_.fallback;
    if (configuration_.fallback.empty()) finding.next = "name what takes over in the gate's `fallback`";
    return answer;
  }

  // A wrong digest or a version that is gone is an answer. A source that is away, refuses us or says what is not
  // understood is none, and neither is a full disk of ours.
  static core::Result<sdk::GateAnswer> not_fetched(sdk::GateAnswer answer, const core::Problem& problem) {
    const bool is_answer = problem.code == "digest-mismatch" || problem.code == "not-found";
    if (problem.transient || !is_answer) return problem;
    answer.finding.verdict = core::Verdict::failed;
    answer.finding.observed = core::to_text(problem);
    answer.finding.next = "restore what is live in its source before anything replaces it";
    return answer;
  }

  RollbackConfiguration configuration_;
};

}  // namespace

sdk::GateKind rollback_readiness_kind() {
  sdk::GateKind kind;
  kind.kind = "rollback-readiness";
  kind.description = "What is live now can still be fetched, unchanged, within the time objective.";
  kind.configuration = core::declared::any_shape<RollbackConfiguration>();
  kind.needs = {sdk::Capability::artifacts};
  kind.make = [](const nlohmann::json& with) -> core::Result<std::unique_ptr<sdk::Gate>> {
    auto configuration = core::declared::from_json<RollbackConfiguration>(with);
    if (!configuration) return configuration.error();
    const auto& fallback = configuration->fallback;
    if (!fallback.empty() && fallback.find_first_not_of(" \t\r\n") == std::string::npos)
      return core::Problem{"invalid-document", "`fallback` is blank", "rollback-readiness",
                           "name what takes over, or leave it out"};
    return std::make_unique<RollbackReadiness>(std::move(*configuration));
  };
  return kind;
}

}  // namespace penstock::gates
