#include "plugins/gates/data_contract/worker/report.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace penstock::gates::data_contract::worker {
namespace {

constexpr std::size_t max_checks_bytes = 6 << 20;  // of JSON, estimated
constexpr std::size_t max_sample_bytes = 1 << 20;
constexpr std::size_t max_text = 500;

std::string clipped(const std::string& text) {
  if (text.size() <= max_text) return text;
  auto end = max_text;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end) + "…";
}

// The order in which checks are kept when not all fit, and shown.
int rank(State state) {
  switch (state) {
    case State::failed:
      return 0;
    case State::error:
      return 1;
    case State::unsupported:
      return 2;
    case State::warned:
      return 3;
    case State::skipped:
      return 4;
    case State::passed:
      return 5;
    case State::listed:
      return 6;
  }
  return 7;
}

nlohmann::json samples_of(const Check& check, const Table& table, std::size_t& bytes_left) {
  auto samples = nlohmann::json::array();
  for (const auto& sample : check.samples) {
    nlohmann::json entry{{"row", sample.row}};
    if (sample.occurrences > 0) entry["occurrences"] = sample.occurrences;
    auto values = nlohmann::json::object();
    for (std::size_t i = 0; i < sample.values.size(); ++i)
      values[clipped(table.columns[check.columns[i]].name)] =
          sample.values[i] ? nlohmann::json(clipped(*sample.values[i])) : nlohmann::json();
    entry["values"] = std::move(values);
    const auto size = entry.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace).size();
    if (size > bytes_left) return samples;
    bytes_left -= size;
    samples.push_back(std::move(entry));
  }
  return samples;
}

nlohmann::json to_json(const Check& check, const Table& table, std::size_t& bytes_left) {
  nlohmann::json entry{{"id", clipped(check.id)}, {"kind", check.kind}, {"state", name_of(check.state)}};
  if (!check.needed.empty()) entry["needed"] = clipped(check.needed);
  if (!check.message.empty()) entry["message"] = clipped(check.message);
  if (!check.severity.empty()) entry["severity"] = clipped(check.severity);
  if (!check.dimension.empty()) entry["dimension"] = clipped(check.dimension);
  if (check.advisory) entry["advisory"] = true;
  if (check.measure != Measure::none || check.of > 0) {
    entry["count"] = check.count;
    entry["of"] = check.of;
  }
  if (check.measure == Measure::keys) {
    entry["surplus_rows"] = check.surplus_rows;
    entry["rows_in_repeated_keys"] = check.rows_in_repeated_keys;
  }
  if (!check.samples.empty()) entry["samples"] = samples_of(check, table, bytes_left);
  return entry;
}

}  // namespace

nlohmann::json report(const Contract& contract, const std::string& contract_digest, const Table& table,
                      std::vector<Check> checks) {
  std::stable_sort(checks.begin(), checks.end(),
                   [](const Check& left, const Check& right) { return rank(left.state) < rank(right.state); });
  std::map<std::string, std::int64_t> summary;
  auto entries = nlohmann::json::array();
  std::size_t bytes = 0;
  std::size_t samples_left = max_sample_bytes;
  std::int64_t left_out = 0;
  for (const auto& check : checks) {
    ++summary[name_of(check.state)];
    auto entry = to_json(check, table, samples_left);
    bytes += entry.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace).size();
    if (bytes > max_checks_bytes)
      ++left_out;
    else
      entries.push_back(std::move(entry));
  }
  nlohmann::json document{{"understood", true},
                          {"contract",
                           {{"id", clipped(contract.id)},
                            {"name", clipped(contract.name)},
                            {"version", clipped(contract.version)},
                            {"api_version", contract.api_version},
                            {"object", clipped(contract.object)},
                            {"sha256", contract_digest}}},
                          {"data",
                           {{"format", table.format},
                            {"bytes", table.bytes},
                            {"sha256", table.sha256},
                            {"rows", table.rows},
                            {"rows_checked", table.checked}}},
                          {"summary", summary},
                          {"checks", std::move(entries)}};
  if (left_out > 0) document["checks_left_out"] = left_out;
  return document;
}

nlohmann::json not_understood(const std::string& contract_digest, const core::Problem& problem) {
  return {{"understood", false},
          {"contract", {{"sha256", contract_digest}}},
          {"problem", {{"code", problem.code}, {"message", clipped(problem.message)}, {"where", problem.where}}}};
}

}  // namespace penstock::gates::data_contract::worker
