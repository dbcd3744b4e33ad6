// What an explanation looks like, for those who generate clients from /openapi.json.
#include "daemon/intake/delivery_window.hpp"
#include "daemon/intake/explanation.hpp"

namespace penstock::intake {
namespace {

using nlohmann::json;

json text(const char* description) { return {{"type", "string"}, {"description", description}}; }
json time(const char* description) {
  return {{"type", "string"}, {"format", "date-time"}, {"description", description}};
}
json time_or_null(const char* description) {
  return {{"type", {"string", "null"}}, {"format", "date-time"}, {"description", description}};
}
json list_of(json items, const char* description) {
  return {{"type", "array"}, {"items", std::move(items)}, {"description", description}};
}
json object(json properties, std::vector<std::string> required, bool is_open = false) {
  return {{"type", "object"},
          {"additionalProperties", is_open},
          {"required", std::move(required)},
          {"properties", std::move(properties)}};
}

json node_schema() {
  json by{
      {"type", "string"},
      {"enum", {"itself", "all", "any"}},
      {"description", "What `met` follows from: what it observed itself, all children that count, or any of them."}};
  json met{{"type", {"boolean", "null"}},
           {"description", "null: not known (nobody has looked, or could not find out)."}};
  json counts{{"type", "boolean"},
              {"description", "false: it is shown, and its parent's `met` does not follow from it."}};
  json properties{
      {"id", text("A path from the root, stable while the policy is the same: live/stages/data/contract.")},
      {"kind",
       text("promotion, candidate, stage, gate, answer, rule, waivers, waiver, approvals, approval, given, "
            "missing, voided, time, windows, window, limit, stops, stop, begin, place, soak, age, lane, turn, pin, "
            "veto, review, glass, deliveries, delivery, watch, round, drift, look, hold, end; others may come.")},
      {"name", text("The last part of the id, or what the policy calls it.")},
      {"title", text("What must be so.")},
      {"by", std::move(by)},
      {"met", std::move(met)},
      {"counts", std::move(counts)},
      {"state", text("One word of its kind's own, such as `under way` or `waived`.")},
      {"observed", text("What was seen.")},
      {"needed", text("What must be seen.")},
      {"since", time("Since when it is so.")},
      {"until", time("Until when it is so or is waited for.")},
      {"who", list_of({{"type", "string"}},
                      "Who can change it: group:NAME, person:NAME, any person, penstock, "
                      "receiver, the promotion under way.")},
      {"how", text("How they do.")},
      {"children", list_of({{"$ref", "#/components/schemas/ExplanationNode"}}, "What it is made of.")}};
  // Kinds add members of their own.
  return object(std::move(properties),
                {"id", "kind", "name", "title", "by", "met", "counts", "observed", "needed", "who", "how", "children"},
                true);
}

}  // namespace

json window_schema() {
  json properties{
      {"open", {{"type", "boolean"}}},
      {"reason", text("Why it is closed; empty when it is open.")},
      {"next_open", time_or_null("When it opens next; null: no time is known, `text` says why.")},
      {"next_close", time_or_null("When it closes next; null: no time is known, `text` says why.")},
      {"begins", time_or_null("When this promotion begins: next_open and its jitter.")},
      {"looked_until", time_or_null("How far was looked; null: there are no windows.")},
      {"stops", list_of({{"type", "object"}}, "The stops that hold: nothing opens until people lift them.")},
      {"text", text("All of it in words.")}};
  return object(std::move(properties),
                {"open", "reason", "next_open", "next_close", "begins", "looked_until", "stops", "text"});
}

namespace {

json explanation_schema() {
  const json whole{{"type", "integer"}, {"minimum", 0}};
  json wait = object({{"what", text("What it waits for.")},
                      {"who", list_of({{"type", "string"}}, "Who can end that.")},
                      {"until", time("Until when it waits.")}},
                     {"what", "who", "until"});
  wait["type"] = {"object", "null"};
  json properties{{"promotion", text("Its id.")},
                  {"model", text("The model.")},
                  {"version", text("The version.")},
                  {"environment", text("The environment.")},
                  {"candidate", text("The candidate's digest.")},
                  {"policy", object({{"name", text("Its name.")},
                                     {"digest", text("Its digest.")},
                                     {"in_force", {{"const", false}}},
                                     {"now", text("What covers the lane now, where that is another one.")}},
                                    {"name", "digest"})},
                  {"decide_on", text("What a decision must name in If-Match.")},
                  {"phase", text("Where it stands.")},
                  {"at", time("When this was so.")},
                  {"conditions", object({{"met", whole}, {"of", whole}}, {"met", "of"})},
                  {"paragraph", text("All of it for a person; the first sentence says what is needed next.")},
                  {"wait", std::move(wait)},
                  {"window", {{"$ref", "#/components/schemas/Window"}}},
                  {"takes_back", text("The promotion that it takes back.")},
                  {"pin", {{"type", "object"}}},
                  {"tree", {{"$ref", "#/components/schemas/ExplanationNode"}}}};
  return object(std::move(properties),
                {"promotion", "model", "version", "environment", "candidate", "policy", "decide_on", "phase", "at",
                 "conditions", "paragraph", "wait", "window", "tree"});
}

}  // namespace

json explanation_schemas() {
  return {{"Explanation", explanation_schema()}, {"ExplanationNode", node_schema()}, {"Window", window_schema()}};
}

}  // namespace penstock::intake
