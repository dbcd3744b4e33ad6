// The rows of several Writes as columns: each column is one array of a statement, for unnest.
#pragma once

#include <functional>
#include <unordered_set>

#include "daemon/journal/postgres_unit.hpp"

namespace penstock::journal {

// One row and the Write that it is of. Both belong to a unit.
template <class Row>
struct PostgresRowOf {
  const Write* write;
  const Row* row;
};
template <class Row>
using PostgresRowsOf = std::vector<PostgresRowOf<Row>>;

template <class Row>
PostgresRowsOf<Row> rows_of(const std::vector<const Write*>& writes, std::vector<Row> Write::*member) {
  PostgresRowsOf<Row> rows;
  for (const auto* write : writes)
    for (const auto& row : write->*member) rows.push_back({write, &row});
  return rows;
}

inline std::string_view column_text(const std::string& text) { return text; }
inline std::string_view column_text(const core::Digest& digest) { return digest.hex(); }
inline std::int64_t column_number(std::int64_t number) { return number; }
inline std::int64_t column_number(Time time) { return time.time_since_epoch().count(); }

// `read` gives the value of a Row, texts by reference.
template <class Row, class Read>
PostgresValue texts(const PostgresRowsOf<Row>& rows, Read read) {
  static_assert(std::is_reference_v<std::invoke_result_t<Read, const Row&>>);
  std::vector<std::string_view> values;
  for (const auto& one : rows) values.push_back(column_text(std::invoke(read, *one.row)));
  return PostgresValue::texts(values);
}
template <class Row, class Read>
PostgresValue documents(const PostgresRowsOf<Row>& rows, Read read) {
  static_assert(std::is_reference_v<std::invoke_result_t<Read, const Row&>>);
  std::vector<std::string_view> values;
  for (const auto& one : rows) values.push_back(std::invoke(read, *one.row));
  return PostgresValue::documents(values);
}
template <class Row, class Read>
PostgresValue numbers(const PostgresRowsOf<Row>& rows, Read read) {
  std::vector<std::int64_t> values;
  for (const auto& one : rows) values.push_back(column_number(std::invoke(read, *one.row)));
  return PostgresValue::numbers(values);
}

template <class Row>
const std::string& model_of(const Row& row) {
  return row.lane.model;
}
template <class Row>
const std::string& environment_of(const Row& row) {
  return row.lane.environment;
}

using PostgresRefusal = std::optional<core::Problem>;

// Of a statement that RETURNs the `key` of each row that it has taken: `otherwise` is why the first one is not among
// them.
template <class Row, class Key, class Otherwise>
PostgresJudge each_returned(PostgresRowsOf<Row> rows, Key key, Otherwise otherwise) {
  return [rows = std::move(rows), key, otherwise](const PostgresResult& result) -> PostgresRefusal {
    if (!result.good()) return std::nullopt;
    std::unordered_multiset<std::string> taken;
    for (int i = 0; i < result.rows(); ++i) taken.insert(result.text(i, 0));
    for (const auto& one : rows) {
      const auto found = taken.find(std::string(column_text(std::invoke(key, *one.row))));
      if (found == taken.end()) return otherwise(one);
      taken.erase(found);
    }
    return std::nullopt;
  };
}

// Adds the statements for what begins and ends being live.
void add_live_changes(const std::vector<const Write*>& writes, std::vector<PostgresStep>& steps);

}  // namespace penstock::journal
