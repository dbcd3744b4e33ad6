#include "daemon/intake/api_schemas.hpp"

namespace penstock::intake {
namespace {

using nlohmann::json;

json text(const char* description, int longest = 2000) {
  return {{"type", "string"}, {"description", description}, {"maxLength", longest}};
}

json texts_by_name(const char* description) {
  return {{"type", "object"}, {"description", description}, {"additionalProperties", {{"type", "string"}}}};
}

json object(json properties, std::vector<std::string> required = {}) {
  json schema{{"type", "object"}, {"additionalProperties", false}, {"properties", std::move(properties)}};
  if (!required.empty()) schema["required"] = required;
  return schema;
}

constexpr auto digest_pattern = "^sha256:[0-9a-f]{64}$";

}  // namespace

json candidate_schema() {
  json digest = text("The tree digest of the files.", 71);
  digest["pattern"] = digest_pattern;
  json properties{
      {"model", text("The model's name.", 200)},
      {"version", text("The version, as its registry names it.", 200)},
      {"source", text("The configured source that can fetch the artifact.", 200)},
      {"registry", texts_by_name("Which registry entry this is.")},
      {"artifact", object({{"digest", digest}, {"uri", text("Where the source finds the files.")}}, {"digest"})},
      {"git", object({{"repository", text("URL, without credentials.")},
                      {"commit", text("The commit's id in hex digits.", 64)}},
                     {"repository", "commit"})},
      {"data_sets", texts_by_name("Data sets by name.")},
      {"data_contract", text("The data contract's path.")},
      {"metrics",
       {{"type", "object"}, {"description", "Metrics by name."}, {"additionalProperties", {{"type", "number"}}}}},
      {"labels", texts_by_name("Free labels.")},
      {"authors", {{"type", "array"}, {"description", "People who made it."}, {"items", {{"type", "string"}}}}},
      {"again",
       {{"type", "boolean"},
        {"default", false},
        {"description", "Open a new promotion where an earlier one of this candidate has ended."}}}};
  return object(std::move(properties), {"model", "version"});
}

json decision_schema() {
  json decision{{"type", "string"}, {"enum", {"approve", "reject"}}};
  json properties{{"decision", std::move(decision)},
                  {"note", text("For those who read it later.", 4000)},
                  {"reason", text("The same as `note`; a rejection needs one of them.", 4000)}};
  return object(std::move(properties), {"decision"});
}

json nothing_schema() { return object(json::object()); }

json withdrawal_schema() {
  json properties{{"reason", text("Why it is not wanted any more.", 4000)}};
  return object(std::move(properties), {"reason"});
}

json hook_schema() { return {{"description", "What the hook's sender sends, signed as it signs."}}; }

}  // namespace penstock::intake
