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
  json decision{{"type", "string"}, {"enum", {"approve", "reject", "veto", "take-back", "break-glass"}}};
  json properties{
      {"decision", std::move(decision)},
      {"note", text("For those who read it later.", 4000)},
      {"reason", text("The same as `note`; a rejection, a veto and broken glass need one of them.", 4000)},
      {"condition", text("With `approve`: what is demanded besides, such as \"only with 10 % of the traffic\".", 4000)},
      {"on_behalf_of", text("With `approve`: the person for whom the caller stands in.", 200)}};
  return object(std::move(properties), {"decision"});
}

json nothing_schema() { return object(json::object()); }

json reason_schema(const char* what) {
  json properties{{"reason", text(what, 4000)}};
  return object(std::move(properties), {"reason"});
}

json stop_schema() {
  json properties{{"reason", text("What happened.", 4000)},
                  {"model", text("Which models: a name or a pattern; all when it is left out.")},
                  {"environment", text("Which environments: a name or a pattern; all when it is left out.")}};
  return object(std::move(properties), {"reason"});
}

json review_schema() {
  json properties{{"text", text("What was found, and what follows from it.", 4000)}};
  return object(std::move(properties), {"text"});
}

json delegation_schema() {
  json ends = text("When it ends (RFC 3339), at most 90 days from now.", 40);
  ends["format"] = "date-time";
  json properties{{"to", text("Who stands in.", 200)},
                  {"group", text("In which group of the caller's; in all of them when it is left out.", 200)},
                  {"reason", text("Why.", 4000)},
                  {"ends", std::move(ends)},
                  {"for", text("How long it lasts, such as `72h`, instead of `ends`.", 40)}};
  auto schema = object(std::move(properties), {"to", "reason"});
  schema["oneOf"] = {{{"required", {"ends"}}}, {{"required", {"for"}}}};
  return schema;
}

json rollback_schema() {
  json properties{
      {"reason", text("What is wrong with what is live.", 4000)},
      {"candidate", text("The digest or the version of one that was live; the one before when it is left out.")},
      {"plan", {{"type", "boolean"}, {"default", false}, {"description", "Tell what would happen, and do nothing."}}}};
  return object(std::move(properties), {"reason"});
}

json waiver_schema() {
  json digest = text("For this candidate only.", 71);
  digest["pattern"] = digest_pattern;
  json ends = text("When it ends (RFC 3339), at most 90 days from now.", 40);
  ends["format"] = "date-time";
  json properties{{"gate", text("The gate's name.", 4000)},
                  {"rule", text("One rule of its findings; the whole gate when it is left out.", 4000)},
                  {"candidate", std::move(digest)},
                  {"versions", text("For the versions that match this pattern (`2.*`).", 4000)},
                  {"reason", text("Why the gate cannot be passed.", 4000)},
                  {"control", text("What is done instead.", 4000)},
                  {"ends", std::move(ends)},
                  {"for", text("How long it lasts, such as `72h`, instead of `ends`.", 40)}};
  auto schema = object(std::move(properties), {"gate", "reason", "control"});
  const auto needs = [](const char* key) { return json{{"required", {key}}}; };
  schema["allOf"] = {{{"oneOf", {needs("candidate"), needs("versions")}}}, {{"oneOf", {needs("ends"), needs("for")}}}};
  return schema;
}

json hook_schema() { return {{"description", "What the hook's sender sends, signed as it signs."}}; }

}  // namespace penstock::intake
