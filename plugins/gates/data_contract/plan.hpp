// What the gate asks of penstock-data-worker: one JSON document on its stdin.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "daemon/core/declared.hpp"
#include "plugins/gates/data_contract/settings.hpp"

namespace penstock::gates::data_contract {

struct Plan {
  std::string contract;  // absolute path of a regular file
  std::string data;      // likewise
  std::string scratch;   // a folder for what does not fit in memory
  std::string object;    // which entry of the contract's `schema`; empty: the only one
  DataFormat format = DataFormat::automatic;
  CsvDialect csv;
  Policy additional_columns = Policy::allow;
  Weight missing_optional_column = Weight::fail;
  Weight empty = Weight::fail;
  bool strict = false;
  bool exclusive_between = false;
  int samples = 5;
  int memory_mb = 1024;
  int threads = 2;

  static const core::declared::Shape<Plan>& shape();
};

nlohmann::json to_json(const Plan& plan);

}  // namespace penstock::gates::data_contract
