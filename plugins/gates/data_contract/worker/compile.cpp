#include "plugins/gates/data_contract/worker/compile.hpp"

#include <algorithm>

#include "plugins/gates/data_contract/worker/ecma_pattern.hpp"

namespace penstock::gates::data_contract::worker {
namespace {

Check property_check(const Property& property, const std::string& kind, const std::string& needed) {
  return fixed(property.id + "/" + kind, kind, State::passed, needed, "");
}

void check_presence(Compiling& compiling, std::size_t index) {
  const auto& property = compiling.property(index);
  auto check = property_check(property, "present", "a column `" + property.column + "`");
  const bool may_lack =
      !property.required && !property.primary_key && compiling.plan.missing_optional_column == Weight::warn;
  check.advisory = may_lack;
  if (!compiling.column(index).present) violate(check, "the data has no column `" + property.column + "`");
  compiling.checks.push_back(std::move(check));
}

void check_type(Compiling& compiling, std::size_t index) {
  const auto& property = compiling.property(index);
  const auto& column = compiling.column(index);
  if (property.type == LogicalType::none) return;
  const auto type = std::string(name_of(property.type));
  const auto needed = property.name + " of logical type " + type +
                      (column.date_format.empty() ? "" : " written as " + column.date_format);
  if (column.present && !column.native.empty() && !column.fits) {
    auto check = property_check(property, "logicalType", needed);
    violate(check, "the column's type is " + column.native);
    compiling.checks.push_back(std::move(check));
    return;
  }
  if (column.native.empty() && (property.type == LogicalType::object || property.type == LogicalType::array)) {
    compiling.notes.unsupported(property.id + "/logicalType", property.mark,
                                "the logical type `" + type + "` is not checked in CSV");
    return;
  }
  compiling.add_rows(index, "logicalType", needed, column.raw + " IS NOT NULL AND " + column.value + " IS NULL");
}

// Nothing of a type that is not understood is checked: the reading of the contract has told so.
void check_property(Compiling& compiling, std::size_t index) {
  const auto& property = compiling.property(index);
  const auto& column = compiling.column(index);
  check_presence(compiling, index);
  if (!property.readable) return;
  if (!column.date_format.empty()) {
    Cell value;
    std::string why;
    const auto parsed = parse_text(column, "''");
    if (parsed == "NULL" || !compiling.try_out(parsed, value, why)) {
      compiling.notes.unsupported(property.id + "/format", property.mark,
                                  "the date format `" + column.date_format.substr(0, 60) +
                                      "` is not supported; nothing of this property is checked");
      return;
    }
  }
  check_type(compiling, index);
  if (property.required)
    compiling.add_rows(index, "required", property.name + " in every row", column.raw + " IS NULL");
  if (property.unique) {
    auto check = property_check(property, "unique", "no value of " + property.name + " twice");
    check.measure = Measure::keys;
    check.columns = {index};
    compiling.add(std::move(check));
  }
  compile_options(compiling, index);
  if (property.one_of != nullptr)
    if (const auto violates = outside_of(compiling, index, *property.one_of, property.id + "/enum"))
      compiling.add_rows(index, "enum",
                         property.name + " one of the " + std::to_string(property.one_of->size()) + " values of `enum`",
                         *violates);
  if (property.quality != nullptr) compile_rules(compiling, *property.quality, index);
}

// Several columns make one key together, in the order of their positions.
void check_primary_key(Compiling& compiling) {
  std::vector<std::size_t> key;
  for (std::size_t i = 0; i < compiling.contract.properties.size(); ++i)
    if (compiling.property(i).primary_key && compiling.property(i).readable) key.push_back(i);
  if (key.empty()) return;
  std::stable_sort(key.begin(), key.end(), [&](std::size_t left, std::size_t right) {
    return compiling.property(left).key_position < compiling.property(right).key_position;
  });
  std::string names;
  for (const auto index : key) {
    const auto& property = compiling.property(index);
    names += (names.empty() ? "" : ", ") + property.name;
    compiling.add_rows(index, "primaryKey", property.name + " in every row, as part of the primary key",
                       compiling.column(index).raw + " IS NULL");
  }
  auto check = fixed(compiling.contract.object + "/primaryKey", "primaryKey", State::passed,
                     "no primary key (" + names + ") twice", "");
  check.measure = Measure::keys;
  check.columns = key;
  compiling.add(std::move(check));
}

void check_columns(Compiling& compiling) {
  const auto& table = compiling.table;
  const auto policy = compiling.plan.additional_columns;
  if (policy == Policy::allow || !table.readable) return;
  auto check =
      fixed("additional_columns", "additionalColumns", State::passed, "no column that the contract does not name", "");
  check.advisory = policy == Policy::warn;
  check.count = static_cast<std::int64_t>(table.additional_count);
  if (table.additional_count > 0) {
    std::string names;
    for (std::size_t i = 0; i < std::min<std::size_t>(table.additional.size(), 10); ++i)
      names += (names.empty() ? "`" : ", `") + table.additional[i].substr(0, 60) + "`";
    violate(check,
            std::to_string(table.additional_count) + " more: " + names + (table.additional_count > 10 ? ", …" : ""));
  }
  compiling.checks.push_back(std::move(check));
}

void check_not_empty(Compiling& compiling) {
  if (!compiling.table.readable) return;
  auto check = fixed("rows", "rows", State::passed, "at least one row", "");
  check.advisory = compiling.plan.empty == Weight::warn;
  if (compiling.table.rows == 0) violate(check, "the file has no row: what is demanded of rows says nothing about it");
  compiling.checks.push_back(std::move(check));
}

// Rules may repeat names; what stands later gets a number.
void make_ids_unique(std::vector<Check>& checks) {
  std::map<std::string, int> seen;
  for (auto& check : checks) {
    const auto count = ++seen[check.id];
    if (count > 1) check.id += "#" + std::to_string(count);
  }
}

}  // namespace

Check& Compiling::add(Check check) {
  const auto missing = std::find_if(check.columns.begin(), check.columns.end(),
                                    [&](std::size_t index) { return !column(index).present; });
  if (!table.readable || missing != check.columns.end()) {
    check.measure = Measure::none;
    check.state = State::skipped;
    check.message =
        table.readable ? "the data has no column `" + column(*missing).name + "`" : "the data cannot be read";
  }
  return checks.emplace_back(std::move(check));
}

Check& Compiling::add_rows(std::size_t index, const std::string& kind, const std::string& needed,
                           const std::string& violates) {
  auto check = property_check(property(index), kind, needed);
  check.measure = Measure::rows;
  check.columns = {index};
  check.violates = violates;
  return add(std::move(check));
}

bool Compiling::try_out(const std::string& expression, Cell& value, std::string& why) {
  const auto rows = database.query("SELECT CAST(" + expression + " AS VARCHAR)");
  if (!rows || rows->empty()) {
    why = rows ? "no answer" : rows.error().message;
    return false;
  }
  value = rows->front().front();
  return true;
}

std::optional<std::string> Compiling::literal_for(std::size_t index, const Value& value, const std::string& id) {
  std::string why;
  auto text = literal(column(index), value, why);
  if (text && column(index).type != LogicalType::text && column(index).type != LogicalType::none) {
    Cell tried;
    if (!try_out(*text, tried, why)) {
      text.reset();
    } else if (!tried) {
      why = shown(value) + " is not a " + name_of(column(index).type);
      text.reset();
    }
  }
  if (!text) notes.error(id, value.mark, why + "; this is not checked");
  return text;
}

std::optional<std::string> outside_of(Compiling& compiling, std::size_t index, const Sequence& values,
                                      const std::string& id) {
  const auto& column = compiling.column(index);
  std::string list;
  for (const auto& item : values) {
    const auto* mapping = std::get_if<Mapping>(&item.data);
    const auto* value = mapping == nullptr ? &item : find(*mapping, "value");
    if (value == nullptr) value = &item;
    if (std::holds_alternative<std::monostate>(value->data))
      continue;  // no value is never invalid: `required` is about that
    const auto text = compiling.literal_for(index, *value, id);
    if (!text) return std::nullopt;
    list += (list.empty() ? "" : ", ") + *text;
  }
  // Something that is not of the type is none of the values either.
  if (list.empty()) return column.raw + " IS NOT NULL";
  const auto compared = column.type == LogicalType::none ? "CAST(" + column.raw + " AS VARCHAR)" : column.value;
  return column.raw + " IS NOT NULL AND coalesce(" + compared + " NOT IN (" + list + "), true)";
}

std::optional<std::string> without_match(Compiling& compiling, std::size_t index, const Value& pattern,
                                         const std::string& id) {
  const auto* text = std::get_if<std::string>(&pattern.data);
  if (text == nullptr) {
    compiling.notes.error(id, pattern.mark, "`pattern` needs text, found " + kind_of(pattern));
    return std::nullopt;
  }
  const auto translated = translate_pattern(*text);
  if (!translated) {
    compiling.notes.unsupported(id, pattern.mark, translated.error().message);
    return std::nullopt;
  }
  Cell value;
  std::string why;
  if (!compiling.try_out("regexp_matches('', " + sql_text(*translated) + ")", value, why)) {
    compiling.notes.unsupported(id, pattern.mark, "the pattern cannot be used: " + why.substr(0, 200));
    return std::nullopt;
  }
  const auto& raw = compiling.column(index).raw;
  return raw + " IS NOT NULL AND NOT regexp_matches(CAST(" + raw + " AS VARCHAR), " + sql_text(*translated) + ")";
}

std::string shown(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value.data)) return "`" + text->substr(0, 60) + "`";
  return core::declared::json_of(value).dump().substr(0, 60);
}

std::vector<Check> compile(const Plan& plan, const Contract& contract, const Table& table, Database& database,
                           Notes& notes) {
  Compiling compiling{plan, contract, table, database, notes, table.checks};
  check_not_empty(compiling);
  check_columns(compiling);
  if (table.readable) {
    for (std::size_t i = 0; i < contract.properties.size(); ++i) check_property(compiling, i);
    check_primary_key(compiling);
  } else {
    compiling.checks.push_back(fixed(contract.object + "/properties", "properties", State::skipped, "",
                                     "the data cannot be read: none of the " +
                                         std::to_string(contract.properties.size()) + " properties was looked at"));
  }
  if (contract.quality != nullptr) compile_rules(compiling, *contract.quality, std::nullopt);
  compiling.checks.insert(compiling.checks.end(), notes.checks.begin(), notes.checks.end());
  make_ids_unique(compiling.checks);
  return std::move(compiling.checks);
}

}  // namespace penstock::gates::data_contract::worker
