// Where the contract and the data of one check are.
#pragma once

#include <filesystem>
#include <string>

#include "plugins/gates/data_contract/settings.hpp"
#include "plugins/sdk/gate.hpp"

namespace penstock::gates::data_contract {

struct Located {
  std::filesystem::path file;  // empty when the candidate does not have it
  std::string name;            // as findings show it
  std::string missing;         // why not, when it does not: the candidate's fault
};

// Problems are the operator's or the machine's fault: "missing-contract", "unknown-folder", …
core::Result<Located> locate_contract(const Settings& settings, const sdk::GateRequest& request, sdk::Tools& tools);
core::Result<Located> locate_data(const Settings& settings, const sdk::GateRequest& request, sdk::Tools& tools);

// Whether a path stays below where it starts: neither absolute nor with a `..`, and not empty.
bool stays_inside(const std::string& path);

}  // namespace penstock::gates::data_contract
