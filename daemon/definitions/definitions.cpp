#include "daemon/definitions/definitions.hpp"

#include <algorithm>
#include <set>

#include "daemon/definitions/frameworks.hpp"
#include "daemon/definitions/gate_settings.hpp"
#include "daemon/definitions/policies.hpp"

namespace penstock::definitions {
namespace {

// By name; of several with one name the first, the others are told.
GatesByName check_gates(const std::vector<Parsed<GateText>>& gates, const Options& options, Lints& lints) {
  GatesByName by_name;
  UniqueNames names("gate");
  for (const auto& gate : gates) {
    names.take(gate.name(), gate.file, gate.document.metadata.name, lints);
    if (!gate.name().empty()) by_name.emplace(gate.name(), &gate);
    check_gate_alone(gate, options, lints);
  }
  return by_name;
}

void warn_of_unused(const GatesByName& gates, const std::vector<Parsed<PolicyText>>& policies, Lints& lints) {
  std::set<std::string> used;
  for (const auto& policy : policies)
    for_each_use(policy.document.spec, [&used](const GateUse& use) { used.insert(use.use.value.text); });
  for (const auto& [name, gate] : gates)
    if (used.count(name) == 0)
      complain(Severity::warning, gate->file, gate->document.metadata.name, "no policy uses the gate `" + name + "`",
               lints);
}

GateDefinition definition_of(const Parsed<GateText>& gate) {
  const auto& spec = gate.document.spec;
  GateDefinition definition{gate.name(), spec.description, {}, gate.file};
  definition.gate = {gate.name(),   spec.kind.value, core::declared::json_of(merged_with(spec, {})),
                     spec.blocking, spec.deadline,   spec.attempts};
  return definition;
}

std::vector<File> files_of_gates(const std::vector<File>& files, const std::vector<Parsed<GateText>>& gates) {
  std::vector<File> chosen;
  for (const auto& file : files)
    if (std::any_of(gates.begin(), gates.end(), [&](const auto& gate) { return gate.file == file.name; }))
      chosen.push_back(file);
  return chosen;
}

// `gates` has those of `parsed`, and others that its policies may use.
void take(const ParsedFiles& parsed, const GatesByName& gates, const std::vector<File>& files, const Options& options,
          Loaded& loaded) {
  Editors editors(files, options);
  check_policies(parsed.policies, gates, options, editors, loaded.lints);
  check_frameworks(parsed.frameworks, options, loaded.lints);
  loaded.frameworks = make_frameworks(parsed.frameworks, files, options);
  if (parsed.policies.empty())
    loaded.lints.push_back({Severity::warning, "policies", {}, "", "there is no policy: no model can be promoted"});
  for (const auto& gate : parsed.gates)
    if (gate.sound && gates.at(gate.name()) == &gate) loaded.gates.push_back(definition_of(gate));
  std::sort(loaded.gates.begin(), loaded.gates.end(),
            [](const auto& left, const auto& right) { return left.name < right.name; });
  if (loaded.usable()) {
    for (const auto& policy : parsed.policies) loaded.policies.push_back(make_policy(policy, gates, options, editors));
    std::sort(loaded.policies.begin(), loaded.policies.end(),
              [](const auto& left, const auto& right) { return left->name < right->name; });
  }
  loaded.gate_files = files_of_gates(files, parsed.gates);
  sort(loaded.lints);
}

}  // namespace

Loaded load_files(const std::vector<File>& files, const Options& options) {
  Loaded loaded;
  const auto parsed = parse(files, loaded.lints);
  const auto gates = check_gates(parsed.gates, options, loaded.lints);
  warn_of_unused(gates, parsed.policies, loaded.lints);
  take(parsed, gates, files, options, loaded);
  return loaded;
}

Loaded load_beside(const std::vector<File>& gate_files, const std::vector<File>& files, const Options& options) {
  Loaded loaded;
  Lints known;
  const auto others = parse(gate_files, known);
  const auto parsed = parse(files, loaded.lints);
  auto gates = check_gates(parsed.gates, options, loaded.lints);
  for (const auto& gate : others.gates) gates.emplace(gate.name(), &gate);
  take(parsed, gates, files, options, loaded);
  return loaded;
}

}  // namespace penstock::definitions
