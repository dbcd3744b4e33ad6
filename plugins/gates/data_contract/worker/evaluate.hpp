// Counts what violates each check, and picks the first rows that do.
#pragma once

#include "plugins/gates/data_contract/worker/table.hpp"

namespace penstock::gates::data_contract::worker {

// Decides every check that has a measure. A Problem "unreadable" is the data's fault (a Parquet page that is damaged),
// "no-memory" and "engine" the machine's.
core::Result<void> evaluate(std::vector<Check>& checks, const Table& table, Database& database, int samples);

// "1 234 567"
std::string grouped(std::int64_t number);

}  // namespace penstock::gates::data_contract::worker
