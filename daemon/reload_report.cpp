#include "daemon/reload_report.hpp"

#include "daemon/runtime/log.hpp"

namespace penstock {
namespace {

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

void tell_changes(const char* what, const definitions::Difference& changes) {
  for (const auto& one : changes.changed) {
    std::vector<std::string> fields;
    for (const auto& field : one.fields) fields.push_back(definitions::to_text(field));
    runtime::log_info("definitions.changed", {{what, one.name}, {"fields", listed(fields)}});
  }
}

}  // namespace

void report_reload(const Reloaded& reloaded, intake::Metrics& metrics) {
  const bool good = reloaded.problems.empty();
  for (const auto& warning : reloaded.warnings) runtime::log_warning("definitions.warning", {{"problem", warning}});
  for (const auto& problem : reloaded.problems) runtime::log_error("definitions.problem", {{"problem", problem}});
  tell_changes("policy", reloaded.changes);
  tell_changes("gate", reloaded.gate_changes);
  tell_changes("framework", reloaded.framework_changes);
  if (good)
    runtime::log_info("definitions.reloaded", {{"policies", std::to_string(reloaded.policies)},
                                               {"added", listed(reloaded.changes.added)},
                                               {"changed", listed(definitions::names_of(reloaded.changes.changed))},
                                               {"removed", listed(reloaded.changes.removed)}});
  else
    runtime::log_error("definitions.refused",
                       {{"problems", std::to_string(reloaded.problems.size())},
                        {"in_force", "the " + std::to_string(reloaded.policies) + " policies that were loaded before"},
                        {"next", "correct the files and send SIGHUP again"}});
  metrics.add("penstock_reloads_total", {{"result", good ? "good" : "refused"}});
  metrics.set("penstock_definitions_problems", {}, static_cast<double>(reloaded.problems.size()));
  metrics.set("penstock_policies", {}, static_cast<double>(reloaded.policies));
}

void report_start(std::size_t policies, intake::Metrics& metrics) {
  metrics.set("penstock_definitions_problems", {}, 0);
  metrics.set("penstock_policies", {}, static_cast<double>(policies));
}

}  // namespace penstock
