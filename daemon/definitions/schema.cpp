#include "daemon/definitions/schema.hpp"

#include "daemon/definitions/framework_text.hpp"

namespace penstock::definitions {
namespace {

using nlohmann::json;

// Tells, in the schema of an object that has `kind` and `with`, which kinds there are and what each wants.
void add_kinds(json& object, const std::map<std::string, Kind>& kinds, bool complete) {
  auto names = json::array();
  auto rules = json::array();
  for (const auto& [name, kind] : kinds) {
    names.push_back(name);
    auto with = kind.with.schema();
    json then{{"properties", json::object()}};
    if (complete && with.contains("required"))
      then["required"] = {"with"};
    else if (!complete)
      with.erase("required");
    then["properties"]["with"] = std::move(with);
    rules.push_back({{"if", {{"properties", {{"kind", {{"const", name}}}}}, {"required", {"kind"}}}}, {"then", then}});
  }
  if (names.empty()) return;
  object["properties"]["kind"]["enum"] = names;
  object["allOf"] = rules;
}

std::string section(const std::string& title, const std::map<std::string, Kind>& kinds) {
  std::string text = "## " + title + "\n\n";
  for (const auto& [name, kind] : kinds)
    text += "### `" + name + "`\n\n" + kind.description + "\n\n#" + kind.with.markdown();
  return text;
}

}  // namespace

json gate_schema(const Kinds& kinds) {
  auto schema = GateDocument::shape().schema();
  add_kinds(schema["properties"]["spec"], kinds.gates, false);
  return schema;
}

json policy_schema(const Kinds& kinds) {
  auto schema = PolicyDocument::shape().schema();
  add_kinds(schema["properties"]["spec"]["properties"]["deliver"]["items"], kinds.deliveries, true);
  return schema;
}

json framework_schema(const Kinds& kinds) {
  auto schema = FrameworkDocument::shape().schema();
  auto& evidence = schema["properties"]["spec"]["properties"]["clauses"]["items"]["properties"]["evidence"]["items"];
  auto& kind = evidence["properties"]["gates"]["items"];
  for (const auto& [name, known] : kinds.gates) kind["enum"].push_back(name);
  evidence["oneOf"] = {{{"required", {"gates"}}}, {{"required", {"fact"}}}};
  return schema;
}

std::string schema_text(json schema) {
  schema["$schema"] = "http://json-schema.org/draft-07/schema#";
  return schema.dump(2) + "\n";
}

std::map<std::string, std::string> schema_files(const Kinds& kinds) {
  return {{"framework.json", schema_text(framework_schema(kinds))},
          {"gate.json", schema_text(gate_schema(kinds))},
          {"policy.json", schema_text(policy_schema(kinds))}};
}

std::string reference(const Kinds& kinds) {
  core::declared::Sections sections;
  PolicyDocument::shape().collect(sections);
  GateDocument::shape().collect(sections);
  FrameworkDocument::shape().collect(sections);
  std::string text =
      "# Reference of gate definitions\n\nGenerated from the declarations that read them (`penstock schema "
      "--reference`).\n\n"
      "## Documents\n\n";
  for (const auto& [name, markdown] : sections) text += markdown;
  return text + section("Kinds of gates", kinds.gates) + section("Kinds of deliveries", kinds.deliveries);
}

}  // namespace penstock::definitions
