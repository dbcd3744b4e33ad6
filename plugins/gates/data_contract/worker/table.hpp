// The data under check: a view `d` of the engine with the row number and, for every property that the data has, its
// cell and its value; and what was noticed while reading.
#pragma once

#include <map>
#include <set>

#include "plugins/gates/data_contract/plan.hpp"
#include "plugins/gates/data_contract/worker/column.hpp"
#include "plugins/gates/data_contract/worker/database.hpp"
#include "plugins/gates/data_contract/worker/file.hpp"

namespace penstock::gates::data_contract::worker {

struct Table {
  std::string format;                   // "csv" or "parquet"
  std::vector<Column> columns;          // one for each property of the contract, in its order
  std::vector<std::string> additional;  // columns that the contract does not name (the first hundred)
  std::size_t additional_count = 0;
  bool readable = false;               // whether there is a view at all
  std::int64_t rows = 0;               // all of them
  std::int64_t checked = 0;            // those that are well formed; the others are known by their number alone
  std::vector<Check> checks;           // of the file's structure
  std::set<std::string> null_strings;  // CSV: what stood for "no value"
  std::string sha256;
  std::uint64_t bytes = 0;
};

// Columns of the contract, with nothing known of the data.
std::vector<Column> columns_of(const Contract& contract);

// Creates the view `d` over `from`, which has the columns `row` and c0, c1, … of the present columns.
core::Result<void> create_view(Database& database, Table& table, const std::string& from);

// Both read the file from its start, fill in the table, and lock the engine. Problem "no-memory", "engine", "changed"
// or "unreadable" only where the machine is at fault: what is wrong with the data is a failed check.
core::Result<Table> load_csv(const Plan& plan, const Contract& contract, File& file, Database& database);
core::Result<Table> open_parquet(const Plan& plan, const Contract& contract, File& file, Database& database);

}  // namespace penstock::gates::data_contract::worker
