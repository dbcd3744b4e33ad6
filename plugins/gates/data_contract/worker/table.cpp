#include "plugins/gates/data_contract/worker/table.hpp"

namespace penstock::gates::data_contract::worker {

std::vector<Column> columns_of(const Contract& contract) {
  std::vector<Column> columns;
  for (const auto& property : contract.properties) {
    Column column;
    column.name = property.column;
    column.type = property.type;
    column.legacy_date = property.legacy_date;
    column.sensitive = property.sensitive;
    if (property.options != nullptr && (property.type == LogicalType::date || property.type == LogicalType::timestamp ||
                                        property.type == LogicalType::time))
      if (const auto* format = find(*property.options, "format"))
        if (const auto* text = std::get_if<std::string>(&format->data)) column.date_format = *text;
    columns.push_back(std::move(column));
  }
  return columns;
}

core::Result<void> create_view(Database& database, Table& table, const std::string& from) {
  std::string select = "CREATE VIEW d AS SELECT row";
  for (std::size_t i = 0; i < table.columns.size(); ++i)
    if (table.columns[i].present) select += ", " + define(table.columns[i], i, "c" + std::to_string(i));
  auto created = database.execute(select + " FROM " + from);
  table.readable = created.has_value();
  return created;
}

}  // namespace penstock::gates::data_contract::worker
