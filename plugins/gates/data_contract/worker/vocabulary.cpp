#include "plugins/gates/data_contract/worker/vocabulary.hpp"

#include <algorithm>
#include <cmath>

namespace penstock::gates::data_contract::worker {
namespace {

bool contains(const std::vector<std::string>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// Words that make a check somewhere in a contract, here or in older dialects.
const std::vector<std::string>& words_that_check() {
  static const std::vector<std::string> words = [] {
    std::vector<std::string> all{
        "required",           "unique",        "primaryKey", "quality",   "relationships", "logicalType",
        "logicalTypeOptions", "minLength",     "maxLength",  "minimum",   "maximum",       "exclusiveMinimum",
        "exclusiveMaximum",   "multipleOf",    "pattern",    "format",    "enum",          "validValues",
        "missingValues",      "metric",        "rule",       "arguments", "isNullable",    "isUnique",
        "isPrimaryKey",       "nullable",      "not_null",   "minItems",  "maxItems",      "uniqueItems",
        "minProperties",      "maxProperties", "properties", "items",     "slaProperties", "schema",
        "references",         "constraints",   "tests",      "columns",   "fields",        "unit"};
    all.insert(all.end(), words::operators().begin(), words::operators().end());
    return all;
  }();
  return words;
}

}  // namespace

namespace words {

const std::vector<std::string>& top_level() {
  static const std::vector<std::string> words{"version",
                                              "apiVersion",
                                              "kind",
                                              "id",
                                              "status",
                                              "name",
                                              "tenant",
                                              "tags",
                                              "servers",
                                              "dataProduct",
                                              "description",
                                              "domain",
                                              "schema",
                                              "support",
                                              "price",
                                              "team",
                                              "roles",
                                              "slaDefaultElement",
                                              "slaProperties",
                                              "authoritativeDefinitions",
                                              "customProperties",
                                              "contractCreatedTs"};
  return words;
}

const std::vector<std::string>& object() {
  static const std::vector<std::string> words{"id",
                                              "name",
                                              "physicalName",
                                              "logicalType",
                                              "physicalType",
                                              "description",
                                              "businessName",
                                              "dataGranularityDescription",
                                              "tags",
                                              "customProperties",
                                              "authoritativeDefinitions",
                                              "properties",
                                              "relationships",
                                              "quality",
                                              "deprecated"};
  return words;
}

const std::vector<std::string>& property() {
  static const std::vector<std::string> words{"id",
                                              "name",
                                              "physicalName",
                                              "logicalType",
                                              "logicalTypeOptions",
                                              "physicalType",
                                              "description",
                                              "businessName",
                                              "tags",
                                              "customProperties",
                                              "authoritativeDefinitions",
                                              "required",
                                              "unique",
                                              "primaryKey",
                                              "primaryKeyPosition",
                                              "partitioned",
                                              "partitionKeyPosition",
                                              "items",
                                              "properties",
                                              "relationships",
                                              "quality",
                                              "classification",
                                              "encryptedName",
                                              "criticalDataElement",
                                              "examples",
                                              "transformSourceObjects",
                                              "transformLogic",
                                              "transformDescription",
                                              "enum",
                                              "deprecated",
                                              "map",
                                              "vector",
                                              "dimensions",
                                              "elementType",
                                              "normalized",
                                              "distanceMetric",
                                              "embeddingModel",
                                              "embeddingModelVersion"};
  return words;
}

const std::vector<std::string>& rule() {
  static const std::vector<std::string> words = [] {
    std::vector<std::string> all{"id",
                                 "name",
                                 "description",
                                 "type",
                                 "dimension",
                                 "severity",
                                 "unit",
                                 "method",
                                 "businessImpact",
                                 "scheduler",
                                 "schedule",
                                 "tags",
                                 "customProperties",
                                 "authoritativeDefinitions",
                                 "metric",
                                 "rule",
                                 "arguments",
                                 "validValues",
                                 "query",
                                 "engine",
                                 "implementation"};
    all.insert(all.end(), operators().begin(), operators().end());
    return all;
  }();
  return words;
}

const std::vector<std::string>& operators() {
  static const std::vector<std::string> words{
      "mustBe",         "mustNotBe",           "mustBeGreaterThan", "mustBeGreaterOrEqualTo",
      "mustBeLessThan", "mustBeLessOrEqualTo", "mustBeBetween",     "mustNotBeBetween"};
  return words;
}

}  // namespace words

void Notes::add(const std::string& id, State state, const Mark& mark, const std::string& message) {
  checks.push_back(
      fixed(id, "contract", state, "", (mark.line > 0 ? "line " + std::to_string(mark.line) + ": " : "") + message));
}

void judge_keys(const Mapping& mapping, const std::vector<std::string>& known, const std::string& id, Notes& notes) {
  for (const auto& entry : mapping) {
    if (contains(known, entry.key)) continue;
    const auto shown = "`" + entry.key.substr(0, 60) + "`";
    const auto meant = core::declared::nearest(entry.key, known);
    const auto hint = meant.empty() ? std::string() : ", did you mean `" + meant + "`?";
    const auto near_check = core::declared::nearest(entry.key, words_that_check());
    if (!near_check.empty() || entry.key.rfind("must", 0) == 0)
      notes.error(
          id + "/" + entry.key.substr(0, 60), entry.mark,
          "the key " + shown + " does not stand here in the standard" + hint + "; what it demands is not checked");
    else
      notes.departure(id + "/" + entry.key.substr(0, 60), entry.mark, "unknown key " + shown + hint);
  }
}

const Value* find(const Mapping& mapping, const char* key) {
  const auto* entry = core::declared::find_entry(mapping, key);
  return entry == nullptr || std::holds_alternative<std::monostate>(entry->value.data) ? nullptr : &entry->value;
}

std::string text_of(const Mapping& mapping, const char* key, const std::string& id, Notes& notes) {
  const auto* value = find(mapping, key);
  if (value == nullptr) return {};
  if (const auto* text = std::get_if<std::string>(&value->data)) return *text;
  notes.error(id + "/" + key, value->mark, "`" + std::string(key) + "` needs text, found " + kind_of(*value));
  return {};
}

bool flag_of(const Mapping& mapping, const char* key, const std::string& id, Notes& notes) {
  const auto* value = find(mapping, key);
  if (value == nullptr) return false;
  if (const auto* flag = std::get_if<bool>(&value->data)) return *flag;
  notes.error(id + "/" + key, value->mark, "`" + std::string(key) + "` needs true or false, found " + kind_of(*value));
  return false;
}

const Sequence* list_of(const Mapping& mapping, const char* key, const std::string& id, Notes& notes) {
  const auto* value = find(mapping, key);
  if (value == nullptr) return nullptr;
  const auto* list = std::get_if<Sequence>(&value->data);
  if (list == nullptr)
    notes.error(id + "/" + key, value->mark, "`" + std::string(key) + "` needs a list, found " + kind_of(*value));
  return list;
}

bool number_of(const Value& value, double& number) {
  if (const auto* whole = std::get_if<std::int64_t>(&value.data))
    number = static_cast<double>(*whole);
  else if (const auto* real = std::get_if<double>(&value.data))
    number = *real;
  else
    return false;
  return std::isfinite(number);
}

std::string lower(std::string text) {
  for (auto& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

}  // namespace penstock::gates::data_contract::worker
