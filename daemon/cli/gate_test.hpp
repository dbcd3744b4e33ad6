// `penstock gate test`: asks one gate about a sample, on this machine, without a daemon.
#pragma once

#include <map>
#include <string>

#include "daemon/cli/promotions.hpp"

namespace penstock::cli {

struct GateTestOptions {
  std::string definitions;                        // folder of the gate definitions
  std::string gate;                               // a gate's name there
  std::string candidate;                          // the candidate as JSON; "-" is stdin
  std::string artifact;                           // a folder with its files; empty: it has none
  std::map<std::string, std::string> data_roots;  // name -> folder
  std::string environment = "test";
  core::Duration deadline = std::chrono::minutes(10);
};

// Prints the finding, and its evidence to stderr. Exit status 0 passed, 3 failed or inconclusive, 1 errored, 2
// wrong use.
Exit gate_test(const GateTestOptions& options, Output output);

}  // namespace penstock::cli
