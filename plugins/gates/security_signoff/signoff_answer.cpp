#include "plugins/gates/security_signoff/signoff_answer.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

namespace penstock::gates::security {
namespace {

constexpr std::size_t max_details = 100;
constexpr const char* needed_as_a_whole =
    "the digest that the candidate names, and every file understood and harmless when it is loaded";

core::Verdict verdict_of(Level level) {
  if (level == Level::clean) return core::Verdict::passed;
  return level == Level::warn ? core::Verdict::inconclusive : core::Verdict::failed;
}

std::string coverage_of(const Report& report) {
  return std::to_string(report.files_looked_at) + " of " + std::to_string(report.files_met) + " files looked at";
}

// "1 pickle, 4 text"
std::string kinds_of(const Report& report) {
  std::map<std::string, int> counts;
  for (const auto& file : report.files) ++counts[file.kind];
  std::string text;
  for (const auto& [kind, count] : counts) text += (text.empty() ? "" : ", ") + std::to_string(count) + " " + kind;
  return text;
}

// The worst first; the same rule at many places of one file is told a few times, the evidence has them all.
std::vector<core::Detail> details_of(const Report& report) {
  auto remarks = report.remarks;
  std::stable_sort(remarks.begin(), remarks.end(), [](const auto& a, const auto& b) { return a.level > b.level; });
  std::vector<core::Detail> details;
  for (const auto& remark : remarks) {
    if (details.size() >= max_details) break;
    details.push_back({remark.rule, verdict_of(remark.level), remark.observed, remark.needed, remark.where});
  }
  return details;
}

std::string evidence_of(const Report& report, const core::Candidate& candidate, const SignoffTerms& terms) {
  auto document = to_json(report);
  document["artifact"] = candidate.artifact->digest.text();
  document["allow_list_digest"] = terms.allow_list_digest.text();
  document["allow_code"] = terms.allow_code;
  auto allowed = nlohmann::json::array();
  for (const auto& entry : terms.allowed)
    allowed.push_back({{"module", entry.module}, {"name", entry.name}, {"reason", entry.reason}});
  document["allowed_by_configuration"] = std::move(allowed);
  return document.dump(1);
}

std::string next_step(core::Verdict verdict, const Report& report) {
  if (verdict == core::Verdict::passed) return {};
  if (verdict == core::Verdict::inconclusive)
    return "read report.json; let a named person decide, or build the artifact without what it remarks upon";
  if (report.level == Level::unsafe)
    return "do not load this artifact; find out who made it. When a named global is harmless, list it in the gate's "
           "`allow`";
  return "store the model as skops or safetensors, and leave out files that are not part of it";
}

sdk::GateAnswer digest_answer(core::Verdict verdict, const std::string& observed, const std::string& next) {
  sdk::GateAnswer answer;
  answer.finding.verdict = verdict;
  answer.finding.observed = observed;
  answer.finding.needed = needed_as_a_whole;
  answer.finding.source = "the artifact store";
  answer.finding.next = next;
  answer.finding.details = {
      {"artifact/digest", verdict, observed, "the bytes that the candidate's digest stands for", ""}};
  return answer;
}

}  // namespace

sdk::GateAnswer answer_of(const Report& report, const core::Candidate& candidate, const SignoffTerms& terms) {
  sdk::GateAnswer answer;
  auto& finding = answer.finding;
  const bool is_covered = report.files_met > 0 && report.files_looked_at == report.files_met;
  finding.verdict = is_covered ? verdict_of(report.level) : core::Verdict::failed;
  const auto remarks = report.remarks.size() + report.remarks_left_out;
  finding.observed =
      coverage_of(report) + " (" + kinds_of(report) + "); " +
      (remarks == 0 ? "nothing against them"
                    : std::to_string(remarks) + " remarks, the worst: " + std::string(core::name_of(report.level)));
  finding.needed = needed_as_a_whole;
  finding.source = "artifact " + candidate.artifact->digest.brief() + ", allow-list " + report.allow_list + " (" +
                   terms.allow_list_digest.brief() + ")";
  finding.next = next_step(finding.verdict, report);
  finding.details = {{"artifact/digest", core::Verdict::passed, candidate.artifact->digest.text(),
                      "the bytes that the candidate's digest stands for", ""},
                     {"coverage", is_covered ? core::Verdict::passed : core::Verdict::failed, coverage_of(report),
                      "every file, and at least one", ""}};
  for (auto& detail : details_of(report)) finding.details.push_back(std::move(detail));
  answer.evidence.push_back({"report.json", "application/json", evidence_of(report, candidate, terms)});
  return answer;
}

sdk::GateAnswer answer_without_artifact() {
  return digest_answer(core::Verdict::failed, "the candidate names no artifact: there is nothing to sign off",
                       "submit the candidate with an artifact and its digest");
}

sdk::GateAnswer answer_of_mismatch(const core::Candidate& candidate, const core::Problem& mismatch) {
  auto answer =
      digest_answer(core::Verdict::failed, core::to_text(mismatch),
                    "find out who changed the files behind " + candidate.artifact->uri + " after they were registered");
  return answer;
}

}  // namespace penstock::gates::security
