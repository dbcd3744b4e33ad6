#include "plugins/gates/data_contract/answer.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace penstock::gates::data_contract {
namespace {

using core::Verdict;

constexpr std::size_t max_details = 100;

std::string text_of(const nlohmann::json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// What a check's state means for the gate as a whole; nothing for what is only told.
std::optional<Verdict> weight_of(const std::string& state, const Settings& settings) {
  if (state == "failed") return Verdict::failed;
  if (state == "error") return Verdict::inconclusive;
  if (state == "unsupported" && settings.unsupported == Weight::fail) return Verdict::inconclusive;
  return std::nullopt;
}

bool is_state(const std::string& state) {
  static const std::vector<std::string> states{"passed",      "warned", "failed", "error",
                                               "unsupported", "listed", "skipped"};
  return std::find(states.begin(), states.end(), state) != states.end();
}

core::Detail detail_of(const nlohmann::json& check, const std::string& state, const std::string& file) {
  core::Detail detail;
  detail.rule = text_of(check, "id");
  detail.verdict = state == "failed" || state == "warned" ? Verdict::failed
                   : state == "passed"                    ? Verdict::passed
                                                          : Verdict::inconclusive;
  detail.observed = text_of(check, "message");
  detail.needed = text_of(check, "needed");
  if (state == "warned") detail.needed += " (advisory)";
  if (state == "unsupported" || state == "skipped") detail.observed = state + ": " + detail.observed;
  detail.where = file;
  const auto samples = check.find("samples");
  if (samples == check.end() || !samples->is_array()) return detail;
  std::string rows;
  for (const auto& sample : *samples)
    if (sample.is_object() && sample.contains("row") && sample["row"].is_number_integer())
      rows += (rows.empty() ? " rows " : ", ") + std::to_string(sample["row"].get<std::int64_t>());
  detail.where += rows;
  return detail;
}

std::string source_text(const nlohmann::json& report, const Located& contract, const Located& data) {
  const auto described = report.value("contract", nlohmann::json::object());
  const auto digest = text_of(described, "sha256");
  const auto name = text_of(described, "name");
  const auto version = text_of(described, "version");
  return data.name + " against contract " + (name.empty() ? contract.name : name) +
         (version.empty() ? "" : " v" + version) + (digest.empty() ? "" : " (sha256:" + digest + ")");
}

std::string many(std::size_t count, const char* one, const char* more) {
  return std::to_string(count) + " " + (count == 1 ? one : more);
}

core::Problem nonsense(const std::string& what) {
  return {"nonsense", "penstock-data-worker answered " + what, "penstock-data-worker",
          "is it of the same build as penstockd?"};
}

// How many checks came out how, and the first that weighs.
struct Tally {
  std::size_t failed = 0;
  std::size_t unclear = 0;
  std::size_t passed = 0;
  std::size_t told = 0;
  nlohmann::json first;
};

void conclude(core::Finding& finding, const Tally& tally) {
  const auto others = [](std::size_t count) {
    return count > 1 ? "; and " + many(count - 1, "more check", "more checks") : std::string();
  };
  if (tally.failed > 0) {
    finding.verdict = Verdict::failed;
    finding.observed = text_of(tally.first, "message") + others(tally.failed);
    finding.needed = text_of(tally.first, "needed") + others(tally.failed);
    finding.next = "correct the data, or agree on a new version of the contract; report.json lists every check";
  } else if (tally.unclear > 0) {
    finding.verdict = Verdict::inconclusive;
    finding.observed = text_of(tally.first, "message") + (tally.unclear > 1 ? others(tally.unclear) : "");
    finding.needed = "every demand of the contract is one that Penstock understands and checks";
    finding.next = "correct the contract, or let a person decide; report.json lists every check";
  } else {
    finding.verdict = Verdict::passed;
    finding.observed = many(tally.passed, "check passed", "checks passed") +
                       (tally.told > 0 ? ", " + many(tally.told, "advisory remark", "advisory remarks") : "");
    finding.needed = "the data holds what the contract demands";
  }
}

core::Finding not_understood(const nlohmann::json& report, const Located& contract, const Located& data) {
  const auto problem = report.value("problem", nlohmann::json::object());
  const auto where = text_of(problem, "where");
  core::Finding finding;
  finding.verdict = Verdict::inconclusive;
  finding.observed =
      "the contract is not understood: " + (where.empty() ? "" : where + ": ") + text_of(problem, "message");
  finding.needed = "an Open Data Contract Standard 3.x contract";
  finding.source = source_text(report, contract, data);
  finding.next = "correct " + contract.name;
  return finding;
}

}  // namespace

core::Result<sdk::GateAnswer> answer_of(const nlohmann::json& report, const Settings& settings, const Located& contract,
                                        const Located& data) {
  if (!report.is_object() || !report.contains("understood") || !report["understood"].is_boolean())
    return nonsense("something other than a report");
  sdk::GateAnswer answer;
  answer.evidence.push_back(
      {"report.json", "application/json", report.dump(1, ' ', false, nlohmann::json::error_handler_t::replace)});
  if (!report["understood"].get<bool>()) {
    answer.finding = not_understood(report, contract, data);
    return answer;
  }
  const auto checks = report.find("checks");
  if (checks == report.end() || !checks->is_array() || checks->empty()) return nonsense("a report without checks");
  Tally tally;
  auto& finding = answer.finding;
  for (const auto& check : *checks) {
    const auto state = check.is_object() ? text_of(check, "state") : std::string();
    if (!is_state(state)) return nonsense("a check in an unknown state");
    const auto weight = weight_of(state, settings);
    if (weight == Verdict::failed && ++tally.failed == 1) tally.first = check;
    if (weight == Verdict::inconclusive && ++tally.unclear == 1 && tally.failed == 0) tally.first = check;
    if (state == "passed") ++tally.passed;
    if (!weight && (state == "warned" || state == "unsupported")) ++tally.told;
    const bool is_quiet = state == "passed" || state == "listed";
    if (!is_quiet && finding.details.size() < max_details)
      finding.details.push_back(detail_of(check, state, data.name));
  }
  conclude(finding, tally);
  // A report that had to be cut has left out what weighs least; what does not appear was not shown to be good.
  if (report.contains("checks_left_out") && finding.verdict == Verdict::passed && tally.passed == 0)
    return nonsense("a report without a passed check");
  finding.source = source_text(report, contract, data);
  return answer;
}

sdk::GateAnswer answer_without(const Located& contract, const Located& data) {
  sdk::GateAnswer answer;
  auto& finding = answer.finding;
  const bool no_contract = contract.file.empty();
  finding.verdict = Verdict::failed;
  finding.observed = no_contract ? contract.missing : data.missing;
  finding.needed =
      no_contract ? "a contract that the candidate names or brings" : "a data file that the candidate names or brings";
  finding.source = "the candidate, for " + data.name + " against " + contract.name;
  finding.next = "register a version that names its data, or correct the gate's `contract`, `data` and `data_from`";
  return answer;
}

}  // namespace penstock::gates::data_contract
