#include "plugins/gates/data_contract/data_contract.hpp"

#include <nlohmann/json.hpp>

#include "plugins/gates/data_contract/answer.hpp"
#include "plugins/gates/data_contract/plan.hpp"

namespace penstock::gates::data_contract {
namespace {

constexpr std::size_t max_report = 8 << 20;

Plan plan_of(const Settings& settings, const Located& contract, const Located& data,
             const std::filesystem::path& scratch) {
  Plan plan;
  plan.contract = contract.file.string();
  plan.data = data.file.string();
  plan.scratch = scratch.string();
  plan.object = settings.schema;
  plan.format = settings.format;
  plan.csv = settings.csv;
  plan.additional_columns = settings.additional_columns;
  plan.missing_optional_column = settings.missing_optional_column;
  plan.empty = settings.empty;
  plan.strict = settings.strict;
  plan.exclusive_between = settings.between == "exclusive";
  plan.samples = settings.samples;
  plan.memory_mb = settings.memory_mb;
  plan.threads = settings.threads;
  return plan;
}

core::Problem worker_failed(const sdk::ProcessResult& result) {
  auto last_words = result.errors;
  if (last_words.size() > 500) last_words.erase(0, last_words.size() - 500);
  while (!last_words.empty() && last_words.back() == '\n') last_words.pop_back();
  const auto how = result.signal != 0 ? "was ended by signal " + std::to_string(result.signal)
                                      : "ended with exit code " + std::to_string(result.exit_code);
  return {"worker-failed", "penstock-data-worker " + how + (last_words.empty() ? "" : ": " + last_words),
          "penstock-data-worker",
          "retry; if it happens again, give the gate more `memory_mb` or look at the data file"};
}

class DataContract : public sdk::Gate {
 public:
  explicit DataContract(Settings settings) : settings_(std::move(settings)) {}

  core::Result<sdk::GateAnswer> check(const sdk::GateRequest& request, sdk::Tools& tools) const override {
    const auto contract = locate_contract(settings_, request, tools);
    if (!contract) return contract.error();
    const auto data = locate_data(settings_, request, tools);
    if (!data) return data.error();
    if (contract->file.empty() || data->file.empty()) return answer_without(*contract, *data);

    const auto scratch = tools.folders.scratch();
    if (!scratch) return scratch.error();
    const auto report = ask_worker(plan_of(settings_, *contract, *data, *scratch), request, tools);
    if (!report) return report.error();
    return answer_of(*report, settings_, *contract, *data);
  }

 private:
  static core::Result<nlohmann::json> ask_worker(const Plan& plan, const sdk::GateRequest& request, sdk::Tools& tools) {
    sdk::ProcessRequest process;
    process.argv = {(tools.workers.folder / "penstock-data-worker").string()};
    process.input = to_json(plan).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    process.directory = plan.scratch;
    process.timeout = std::max(core::Duration(1), request.deadline - tools.clock.now());
    process.max_output = max_report;
    const auto result = tools.process.run(process);
    if (!result) return result.error();
    if (result->signal != 0 || result->exit_code != 0) return worker_failed(*result);
    auto report = nlohmann::json::parse(result->output, nullptr, false);
    if (report.is_discarded())
      return core::Problem{"nonsense", "penstock-data-worker answered something that is not JSON",
                           "penstock-data-worker", "is it of the same build as penstockd?"};
    return report;
  }

  Settings settings_;
};

bool is_open(const std::string& text) { return text.find("${") != std::string::npos; }

// What only all settings together show.
core::Result<Settings> read(const nlohmann::json& with) {
  auto settings = core::declared::from_json<Settings>(with);
  if (!settings) return settings;
  const auto wrong = [](const std::string& message, const char* where) {
    return core::Problem{"invalid-settings", message, where, "correct the gate's settings"};
  };
  // What the candidate fills in is looked at when it is there.
  if (!is_open(settings->contract) && !stays_inside(settings->contract))
    return wrong("`" + settings->contract + "` is not a path inside a folder", "contract");
  if (!is_open(settings->data) && !stays_inside(settings->data))
    return wrong("`" + settings->data + "` is not a path inside a folder", "data");
  const char delimiter = settings->csv.delimiter.at(0);
  if (delimiter == '"' || delimiter == '\n' || delimiter == '\r' || delimiter <= 0)
    return wrong("the delimiter must be one ASCII character other than a quote or a line end", "csv.delimiter");
  return settings;
}

// Whether the contract that the operator names is there; what is in it is seen when the first candidate comes.
core::Result<void> verify(const nlohmann::json& with, sdk::Tools& tools) {
  const auto settings = read(with);
  if (!settings) return settings.error();
  if (settings->contract_from == ContractFrom::artifact || is_open(settings->contract)) return {};
  const auto contract = locate_contract(*settings, {}, tools);
  if (!contract) return contract.error();
  return {};
}

}  // namespace

sdk::GateKind data_contract_kind() {
  sdk::GateKind kind;
  kind.kind = "data-contract";
  kind.description = "A data file (CSV or Parquet) holds what an Open Data Contract Standard 3.x contract demands.";
  kind.configuration = core::declared::any_shape<Settings>();
  kind.needs = {sdk::Capability::artifacts, sdk::Capability::folders, sdk::Capability::process,
                sdk::Capability::workers};
  kind.make = [](const nlohmann::json& with) -> core::Result<std::unique_ptr<sdk::Gate>> {
    auto settings = read(with);
    if (!settings) return settings.error();
    return std::make_unique<DataContract>(std::move(*settings));
  };
  kind.verify = verify;
  return kind;
}

}  // namespace penstock::gates::data_contract
