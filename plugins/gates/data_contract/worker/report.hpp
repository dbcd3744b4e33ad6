// What the worker answers: one JSON document on its stdout.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "plugins/gates/data_contract/worker/table.hpp"

namespace penstock::gates::data_contract::worker {

// {"understood": true, "contract": {…}, "data": {…}, "summary": {"passed": 3, …}, "checks": [{"id", "kind", "state",
// …}]}. Stays below 8 MiB: samples are given up first, and `checks_left_out` says how many checks did not fit (none
// that is not passed is ever left out before all that are).
nlohmann::json report(const Contract& contract, const std::string& contract_digest, const Table& table,
                      std::vector<Check> checks);

// For a contract that cannot be read at all: {"understood": false, "contract": {"sha256"}, "problem": {…}}.
nlohmann::json not_understood(const std::string& contract_digest, const core::Problem& problem);

}  // namespace penstock::gates::data_contract::worker
