#include "daemon/cli/lint_against.hpp"

#include "daemon/cli/print.hpp"

namespace penstock::cli {
namespace {

using nlohmann::json;

definitions::DocumentsByName documents_in(const json& loaded, const char* key) {
  definitions::DocumentsByName documents;
  for (const auto& one : list_of(loaded, key))
    if (one.is_object()) documents[text_of(one, "name")] = one.value("document", json());
  return documents;
}

std::string text_of_one(const char* what, const definitions::Difference& difference) {
  std::string text;
  const auto line = [&](const std::string& name) { return std::string(what) + " " + name + ": "; };
  for (const auto& name : difference.added) text += line(name) + "is not loaded\n";
  for (const auto& name : difference.removed) text += line(name) + "is loaded, and is not here\n";
  for (const auto& changed : difference.changed) {
    text += line(changed.name) + "is loaded as it was\n";
    for (const auto& field : changed.fields) text += "  " + definitions::to_text(field) + "\n";
  }
  return text;
}

json json_of_one(const definitions::Difference& difference) {
  auto changed = json::array();
  for (const auto& one : difference.changed) {
    auto fields = json::array();
    for (const auto& field : one.fields)
      fields.push_back({{"field", field.field}, {"before", field.before}, {"after", field.after}});
    changed.push_back({{"name", one.name}, {"fields", std::move(fields)}});
  }
  return {{"added", difference.added}, {"removed", difference.removed}, {"changed", std::move(changed)}};
}

}  // namespace

core::Result<DefinitionsDifference> compare_with(const json& loaded, const DefinitionsByName& here) {
  for (const auto* kind : {"policies", "gates", "frameworks"})
    if (!loaded.contains(kind))
      return core::Problem{"not-penstock", "the answer tells no " + std::string(kind), "--against",
                           "does the address name a Penstock of this version?", false};
  return DefinitionsDifference{definitions::difference(documents_in(loaded, "policies"), here.policies),
                               definitions::difference(documents_in(loaded, "gates"), here.gates),
                               definitions::difference(documents_in(loaded, "frameworks"), here.frameworks)};
}

std::string to_text(const DefinitionsDifference& difference) {
  return text_of_one("gate", difference.gates) + text_of_one("policy", difference.policies) +
         text_of_one("framework", difference.frameworks);
}

json to_json(const DefinitionsDifference& difference) {
  return {{"policies", json_of_one(difference.policies)},
          {"gates", json_of_one(difference.gates)},
          {"frameworks", json_of_one(difference.frameworks)}};
}

}  // namespace penstock::cli
