// The part of contract.hpp about an object's properties.
#include <set>

#include "plugins/gates/data_contract/worker/contract.hpp"

namespace penstock::gates::data_contract::worker {
namespace {

constexpr std::size_t max_properties = 10'000;

std::optional<LogicalType> type_called(const std::string& name) {
  for (const auto type :
       {LogicalType::text, LogicalType::integer, LogicalType::number, LogicalType::boolean, LogicalType::date,
        LogicalType::timestamp, LogicalType::time, LogicalType::object, LogicalType::array})
    if (name == name_of(type)) return type;
  return std::nullopt;
}

void read_type(const Mapping& mapping, const Contract& contract, Property& property, Notes& notes) {
  const auto* value = find(mapping, "logicalType");
  const auto* options = find(mapping, "logicalTypeOptions");
  if (options != nullptr) {
    property.options = std::get_if<Mapping>(&options->data);
    if (property.options == nullptr)
      notes.error(property.id + "/logicalTypeOptions", options->mark,
                  "`logicalTypeOptions` needs a mapping, found " + kind_of(*options));
    else if (value == nullptr)
      notes.error(property.id + "/logicalTypeOptions", options->mark,
                  "`logicalTypeOptions` has no meaning without `logicalType`: none of it is checked");
    if (value == nullptr) property.options = nullptr;
  }
  if (value == nullptr) {
    notes.listed(property.id + "/logicalType", property.mark, "no `logicalType`: values of every type are taken");
    return;
  }
  const auto word = text_of(mapping, "logicalType", property.id, notes);
  if (const auto type = type_called(word)) {
    property.type = *type;
    property.legacy_date = contract.legacy && *type == LogicalType::date;
    if (contract.legacy && (*type == LogicalType::timestamp || *type == LogicalType::time))
      notes.departure(property.id + "/logicalType", value->mark,
                      "`" + word + "` is not a logical type of " + contract.api_version);
    return;
  }
  property.readable = false;
  if (word == "map" || word == "vector")
    notes.unsupported(property.id + "/logicalType", value->mark, "the logical type `" + word + "` is not checked");
  else
    notes.error(property.id + "/logicalType", value->mark,
                "`" + word.substr(0, 60) + "` is not a logical type; nothing of this property is checked");
}

void read_nested(const Mapping& mapping, const Property& property, Notes& notes) {
  for (const auto* key : {"properties", "items", "map", "vector", "dimensions"})
    if (const auto* value = find(mapping, key))
      notes.unsupported(property.id + "/" + key, value->mark,
                        "what `" + std::string(key) + "` demands of nested values is not checked");
  if (const auto* value = find(mapping, "relationships"))
    notes.unsupported(property.id + "/relationships", value->mark, "relationships are not checked");
  if (const auto* value = find(mapping, "physicalType"))
    notes.listed(property.id + "/physicalType", value->mark,
                 "`physicalType` is of the contract's server and was not held against the file");
}

Property read_property(const Mapping& mapping, const Mark& mark, const Contract& contract, std::string name,
                       Notes& notes) {
  Property property;
  property.name = std::move(name);
  property.id = contract.object + "/" + property.name;
  property.mark = mark;
  judge_keys(mapping, words::property(), property.id, notes);
  property.column = text_of(mapping, "physicalName", property.id, notes);
  if (property.column.empty()) property.column = property.name;
  property.required = flag_of(mapping, "required", property.id, notes);
  property.unique = flag_of(mapping, "unique", property.id, notes);
  property.primary_key = flag_of(mapping, "primaryKey", property.id, notes);
  if (const auto* position = find(mapping, "primaryKeyPosition"))
    if (!number_of(*position, property.key_position))
      notes.error(property.id + "/primaryKeyPosition", position->mark,
                  "`primaryKeyPosition` needs a number, found " + kind_of(*position));
  // Whatever is not said to be open is not shown; an unreadable classification is not an open one.
  const auto* classification = find(mapping, "classification");
  const auto* word = classification == nullptr ? nullptr : std::get_if<std::string>(&classification->data);
  property.sensitive =
      find(mapping, "encryptedName") != nullptr ||
      (classification != nullptr && (word == nullptr || (lower(*word) != "public" && lower(*word) != "internal")));
  read_type(mapping, contract, property, notes);
  read_nested(mapping, property, notes);
  property.one_of = list_of(mapping, "enum", property.id, notes);
  property.quality = list_of(mapping, "quality", property.id, notes);
  return property;
}

}  // namespace

void read_properties(const Sequence& properties, Contract& contract, Notes& notes) {
  std::set<std::string> columns;
  if (properties.size() > max_properties) {
    notes.error(contract.object + "/properties", properties.front().mark,
                "more than " + std::to_string(max_properties) + " properties; none is checked");
    return;
  }
  for (const auto& item : properties) {
    const auto* mapping = std::get_if<Mapping>(&item.data);
    const auto* name = mapping == nullptr ? nullptr : find(*mapping, "name");
    const auto* text = name == nullptr ? nullptr : std::get_if<std::string>(&name->data);
    if (text == nullptr || text->empty()) {
      notes.error(contract.object + "/properties", item.mark,
                  "a property needs a mapping with a `name`; it is not checked");
      continue;
    }
    auto property = read_property(*mapping, item.mark, contract, *text, notes);
    if (!columns.insert(property.column).second) {
      notes.error(property.id, item.mark,
                  "the column `" + property.column + "` is described twice; the second is not checked");
      continue;
    }
    contract.properties.push_back(std::move(property));
  }
}

}  // namespace penstock::gates::data_contract::worker
