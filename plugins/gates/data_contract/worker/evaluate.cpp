#include "plugins/gates/data_contract/worker/evaluate.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace penstock::gates::data_contract::worker {
namespace {

// Aggregates of one query: wide enough that the data is read a few times only, narrow enough for the engine's planner.
constexpr std::size_t batch = 200;
constexpr std::size_t max_shown_characters = 64;

std::int64_t number(const Cell& cell) { return cell ? std::stoll(*cell) : 0; }

bool is_violated(const Check& check) { return check.state == State::failed || check.state == State::warned; }

// Holds the count of bad rows (or keys) against what is allowed.
void decide(Check& check, std::int64_t bad_rows, const std::string& observed) {
  if (!check.threshold) {
    if (check.count > 0) violate(check, observed);
    return;
  }
  const auto percent = check.of == 0 ? 0.0 : 100.0 * static_cast<double>(bad_rows) / static_cast<double>(check.of);
  const auto measured = check.threshold->percent ? percent : static_cast<double>(check.count);
  if (meets(*check.threshold, measured)) return;
  const auto share = nlohmann::json(std::round(percent * 1000) / 1000).dump();
  violate(check, observed + (check.threshold->percent ? ", " + share + " percent" : ""));
}

core::Result<void> count_rows(std::vector<Check*>& checks, const Table& table, Database& database) {
  for (std::size_t from = 0; from < checks.size(); from += batch) {
    const auto to = std::min(from + batch, checks.size());
    std::string select;
    for (auto i = from; i < to; ++i)
      select += (select.empty() ? "SELECT " : ", ") + std::string("CAST(count(*) FILTER (WHERE ") +
                checks[i]->violates + ") AS VARCHAR)";
    const auto rows = database.query(select + " FROM d");
    if (!rows) return rows.error();
    for (auto i = from; i < to; ++i) {
      auto& check = *checks[i];
      check.count = number(rows->at(0).at(i - from));
      check.of = table.checked;
      decide(check, check.count,
             grouped(check.count) + " of " + grouped(check.of) + " rows" +
                 (check.threshold    ? ""
                  : check.count == 1 ? " violates"
                                     : " violate"));
    }
  }
  return {};
}

// The part of a query that groups by the key; rows without a complete key do not count.
std::string by_key(const Check& check, const Table& table) {
  std::string keys;
  std::string present;
  for (const auto index : check.columns) {
    const auto& key = table.columns[index].key;
    keys += (keys.empty() ? "" : ", ") + key;
    present += (present.empty() ? "" : " AND ") + key + " IS NOT NULL";
  }
  return " FROM d WHERE " + present + " GROUP BY " + keys;
}

core::Result<void> count_keys(Check& check, const Table& table, Database& database) {
  const auto rows = database.query(
      "SELECT CAST(count(*) FILTER (WHERE n > 1) AS VARCHAR), CAST(coalesce(sum(n - 1), 0) AS VARCHAR), "
      "CAST(coalesce(sum(n) FILTER (WHERE n > 1), 0) AS VARCHAR), CAST(coalesce(sum(n), 0) AS VARCHAR) FROM (SELECT "
      "count(*) AS n" +
      by_key(check, table) + ")");
  if (!rows) return rows.error();
  const auto& row = rows->at(0);
  check.count = number(row.at(0));
  check.surplus_rows = number(row.at(1));
  check.rows_in_repeated_keys = number(row.at(2));
  check.of = number(row.at(3));
  decide(check, check.surplus_rows,
         grouped(check.count) + (check.count == 1 ? " value repeats (" : " values repeat (") +
             grouped(check.surplus_rows) + " surplus of " + grouped(check.of) + " rows)");
  return {};
}

// SQL for what is shown of a cell; nothing of a sensitive one.
std::string shown_cell(const Column& column, const std::string& of) {
  if (column.sensitive) return "CASE WHEN " + of + " IS NULL THEN NULL ELSE '(not shown)' END";
  return "left(CAST(" + of + " AS VARCHAR), " + std::to_string(max_shown_characters) + ")";
}

core::Result<void> sample(Check& check, const Table& table, Database& database, int samples) {
  std::string select = "SELECT CAST(";
  const bool keys = check.measure == Measure::keys;
  select += keys ? "min(row) AS VARCHAR), CAST(count(*) AS VARCHAR)" : "row AS VARCHAR), '1'";
  for (const auto index : check.columns) {
    const auto& column = table.columns[index];
    select += ", " + shown_cell(column, keys ? "min(" + column.raw + ")" : column.raw);
  }
  const auto limit = " LIMIT " + std::to_string(samples);
  const auto rows =
      database.query(keys ? select + by_key(check, table) + " HAVING count(*) > 1 ORDER BY min(row)" + limit
                          : select + " FROM d WHERE " + check.violates + " ORDER BY row" + limit);
  if (!rows) return rows.error();
  for (const auto& row : *rows) {
    Sample one;
    one.row = number(row.at(0));
    one.occurrences = keys ? number(row.at(1)) : 0;
    one.values.assign(row.begin() + 2, row.end());
    check.samples.push_back(std::move(one));
  }
  return {};
}

}  // namespace

std::string grouped(std::int64_t value) {
  auto text = std::to_string(value);
  for (auto at = static_cast<std::ptrdiff_t>(text.size()) - 3; at > 0; at -= 3)
    text.insert(static_cast<std::size_t>(at), " ");
  return text;
}

core::Result<void> evaluate(std::vector<Check>& checks, const Table& table, Database& database, int samples) {
  std::vector<Check*> by_row;
  for (auto& check : checks)
    if (check.measure == Measure::rows) by_row.push_back(&check);
  if (auto counted = count_rows(by_row, table, database); !counted) return counted;
  for (auto& check : checks) {
    if (check.measure == Measure::row_count) {
      check.count = check.of = table.rows;
      decide(check, check.count, grouped(check.count) + (check.count == 1 ? " row" : " rows"));
    }
    if (check.measure == Measure::keys)
      if (auto counted = count_keys(check, table, database); !counted) return counted;
    const bool has_rows = check.measure == Measure::rows || check.measure == Measure::keys;
    if (samples > 0 && has_rows && is_violated(check) && check.count > 0)
      if (auto sampled = sample(check, table, database, samples); !sampled) return sampled;
  }
  return {};
}

}  // namespace penstock::gates::data_contract::worker
