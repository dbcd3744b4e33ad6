// The part of compile.hpp about rules for single values: what counts as missing and what as invalid.
#include "plugins/gates/data_contract/worker/compile.hpp"

namespace penstock::gates::data_contract::worker {

// "No value" counts when the list has null, or when there is no list.
std::optional<std::string> missing_values(Compiling& compiling, std::size_t index, const Mapping* arguments,
                                          const std::string& id, const Mark& mark) {
  auto& notes = compiling.notes;
  const auto& column = compiling.column(index);
  if (arguments == nullptr) return column.raw + " IS NULL";
  const auto* values = list_of(*arguments, "missingValues", id, notes);
  if (values == nullptr) {
    notes.error(id, mark, "`missingValues` needs a list");
    return std::nullopt;
  }
  const bool numeric = column.type == LogicalType::number || column.type == LogicalType::integer;
  auto as_text = column;
  as_text.type = LogicalType::text;
  std::string texts;
  std::string numbers;
  bool null_counts = false;
  for (const auto& item : *values) {
    if (std::holds_alternative<std::monostate>(item.data)) {
      null_counts = true;
      continue;
    }
    std::string why;
    const auto text = literal(as_text, item, why);
    if (!text) {
      notes.error(id, item.mark, why);
      return std::nullopt;
    }
    texts += (texts.empty() ? "" : ", ") + *text;
    // In CSV the reader has taken these for "no value" already.
    if (const auto* word = std::get_if<std::string>(&item.data))
      null_counts = null_counts || compiling.table.null_strings.count(*word) != 0;
    // -999 is also meant where -999.0 stands.
    double number = 0;
    if (numeric && number_of(item, number))
      if (const auto same = literal(column, item, why)) numbers += " OR " + column.value + " = " + *same;
  }
  const std::string violates = null_counts ? column.raw + " IS NULL" : "false";
  if (texts.empty()) return violates;
  return violates + " OR CAST(" + column.raw + " AS VARCHAR) IN (" + texts + ")" + numbers;
}

// Either argument makes a value invalid; no value at all is never invalid.
std::optional<std::string> invalid_values(Compiling& compiling, std::size_t index, const Mapping& rule,
                                          const Mapping* arguments, const std::string& id, const Mark& mark) {
  auto& notes = compiling.notes;
  const auto* values = arguments == nullptr ? nullptr : list_of(*arguments, "validValues", id, notes);
  if (values == nullptr) values = list_of(rule, "validValues", id, notes);
  const auto* pattern = arguments == nullptr ? nullptr : find(*arguments, "pattern");
  if (values == nullptr && pattern == nullptr) {
    notes.error(id, mark, "`invalidValues` needs `validValues` or `pattern`");
    return std::nullopt;
  }
  std::string violates;
  if (values != nullptr) {
    const auto outside = outside_of(compiling, index, *values, id);
    if (!outside) return std::nullopt;
    violates = "(" + *outside + ")";
  }
  if (pattern != nullptr) {
    const auto without = without_match(compiling, index, *pattern, id);
    if (!without) return std::nullopt;
    violates += (violates.empty() ? "(" : " OR (") + *without + ")";
  }
  return violates;
}

}  // namespace penstock::gates::data_contract::worker
