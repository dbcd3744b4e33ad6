#include "plugins/gates/data_contract/worker/contract.hpp"

#include <algorithm>

namespace penstock::gates::data_contract::worker {
namespace {

core::Problem not_a_contract(const Mark& mark, const std::string& message) {
  return {"not-a-contract", message, mark.line > 0 ? "line " + std::to_string(mark.line) : std::string(),
          "write an Open Data Contract Standard 3.x contract"};
}

// Service levels that could be judged by looking at the data or the calendar, with the standard's short names.
bool is_about_data(const std::string& name) {
  static const std::vector<std::string> words{
      "latency", "ly",        "freshness", "retention",           "re", "frequency", "fy", "endofsupport",
      "es",      "endoflife", "el",        "generalavailability", "ga"};
  return std::find(words.begin(), words.end(), lower(name)) != words.end();
}
bool is_about_service(const std::string& name) {
  static const std::vector<std::string> words{"availability",      "av", "throughput",   "th", "errorrate",    "er",
                                              "timetodetect",      "td", "timetonotify", "tn", "timetorepair", "tr",
                                              "timeofavailability"};
  return std::find(words.begin(), words.end(), lower(name)) != words.end();
}

void read_service_levels(const Mapping& top, Notes& notes) {
  const auto* levels = list_of(top, "slaProperties", "contract", notes);
  if (levels == nullptr) return;
  for (std::size_t i = 0; i < levels->size(); ++i) {
    const auto& value = (*levels)[i];
    auto id = "contract/slaProperties/" + std::to_string(i + 1);
    const auto* level = std::get_if<Mapping>(&value.data);
    if (level == nullptr) {
      notes.error(id, value.mark, "a service level needs a mapping, found " + kind_of(value));
      continue;
    }
    const auto name = text_of(*level, "property", id, notes);
    if (is_about_service(name))
      notes.listed(id, value.mark,
                   "the service level `" + name + "` is about a running service, not about a data file");
    else if (is_about_data(name))
      notes.unsupported(id, value.mark, "the service level `" + name + "` is not checked");
    else
      notes.unsupported(id, value.mark, "the service level `" + name.substr(0, 60) + "` is not known");
  }
}

// Sets what the contract is called and which version of the standard it is written for.
core::Result<void> read_heading(const Mapping& top, Contract& contract, Notes& notes) {
  const auto kind = text_of(top, "kind", "contract", notes);
  if (kind != "DataContract")
    return not_a_contract({1, 1}, "`kind` is " + (kind.empty() ? "missing" : "`" + kind.substr(0, 60) + "`") +
                                      "; DataContract is needed");
  contract.api_version = text_of(top, "apiVersion", "contract", notes);
  static const std::vector<std::string> versions{"v3.0.0", "v3.0.1", "v3.0.2", "v3.1.0", "v3.2.0"};
  if (std::find(versions.begin(), versions.end(), contract.api_version) == versions.end())
    return not_a_contract(
        {1, 1}, "`apiVersion` is " +
                    (contract.api_version.empty() ? "missing" : "`" + contract.api_version.substr(0, 60) + "`") +
                    "; v3.0.0 to v3.0.2, v3.1.0 and v3.2.0 are understood");
  contract.legacy = contract.api_version.rfind("v3.0", 0) == 0;
  contract.id = text_of(top, "id", "contract", notes);
  contract.version = text_of(top, "version", "contract", notes);
  contract.name = text_of(top, "name", "contract", notes);
  if (contract.name.empty()) contract.name = contract.id;
  for (const auto* key : {"id", "version", "status"})
    if (find(top, key) == nullptr)
      notes.departure(std::string("contract/") + key, {1, 1},
                      "the standard demands the key `" + std::string(key) + "`");
  return {};
}

bool is_called(const Mapping& object, const std::string& wanted) {
  for (const auto* key : {"name", "physicalName", "id"}) {
    const auto* value = find(object, key);
    const auto* text = value == nullptr ? nullptr : std::get_if<std::string>(&value->data);
    if (text != nullptr && *text == wanted) return true;
  }
  return false;
}

core::Result<const Mapping*> choose(const Mapping& top, const std::string& wanted) {
  const auto* value = find(top, "schema");
  const auto* objects = value == nullptr ? nullptr : std::get_if<Sequence>(&value->data);
  if (objects == nullptr || objects->empty())
    return not_a_contract(value == nullptr ? Mark{1, 1} : value->mark, "`schema` lists no object: nothing is demanded");
  const Mapping* chosen = nullptr;
  std::string names;
  for (const auto& item : *objects) {
    const auto* object = std::get_if<Mapping>(&item.data);
    if (object == nullptr)
      return not_a_contract(item.mark, "an entry of `schema` needs a mapping, found " + kind_of(item));
    const auto* name = find(*object, "name");
    if (name != nullptr && std::holds_alternative<std::string>(name->data) && names.size() < 300)
      names += (names.empty() ? "`" : ", `") + std::get<std::string>(name->data).substr(0, 60) + "`";
    if (!wanted.empty() && !is_called(*object, wanted)) continue;
    if (chosen != nullptr)
      return not_a_contract(item.mark, "`schema` has several objects (" + names + "); name one in the gate's `schema`");
    chosen = object;
  }
  if (chosen == nullptr) return not_a_contract(value->mark, "`schema` has no object `" + wanted + "`; it has " + names);
  return chosen;
}

}  // namespace

const char* name_of(LogicalType type) {
  switch (type) {
    case LogicalType::none:
      return "any";
    case LogicalType::text:
      return "string";
    case LogicalType::integer:
      return "integer";
    case LogicalType::number:
      return "number";
    case LogicalType::boolean:
      return "boolean";
    case LogicalType::date:
      return "date";
    case LogicalType::timestamp:
      return "timestamp";
    case LogicalType::time:
      return "time";
    case LogicalType::object:
      return "object";
    case LogicalType::array:
      return "array";
  }
  return "?";
}

core::Result<Contract> read_contract(const Value& document, const std::string& object, Notes& notes) {
  const auto* top = std::get_if<Mapping>(&document.data);
  if (top == nullptr) return not_a_contract(document.mark, "a contract is a mapping, found " + kind_of(document));
  Contract contract;
  if (auto heading = read_heading(*top, contract, notes); !heading) return heading.error();
  const auto chosen = choose(*top, object);
  if (!chosen) return chosen.error();
  judge_keys(*top, words::top_level(), "contract", notes);
  read_service_levels(*top, notes);

  const auto& entry = **chosen;
  contract.object = text_of(entry, "name", "schema", notes);
  if (contract.object.empty()) return not_a_contract({}, "an entry of `schema` has no `name`");
  judge_keys(entry, words::object(), contract.object, notes);
  if (const auto* relationships = find(entry, "relationships"))
    notes.unsupported(contract.object + "/relationships", relationships->mark, "relationships are not checked");
  contract.quality = list_of(entry, "quality", contract.object, notes);
  if (const auto* properties = list_of(entry, "properties", contract.object, notes))
    read_properties(*properties, contract, notes);
  if (contract.properties.empty() && (contract.quality == nullptr || contract.quality->empty()))
    return not_a_contract({},
                          "the object `" + contract.object + "` demands nothing: it has no properties and no rules");
  return contract;
}

}  // namespace penstock::gates::data_contract::worker
