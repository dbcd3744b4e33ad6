// `penstock simulate`: what a policy that is not in force would have decided.
#pragma once

#include <string>
#include <vector>

#include "daemon/cli/print.hpp"

namespace penstock::cli {

struct SimulateOptions {
  std::vector<std::string> files;
  std::string policy;  // its name, when the files hold several
  int last = 100;
};

// Prints which promotions would have ended differently and of which nobody can tell. Exit status 0 whatever they are, 2
// when the files have problems, which are printed as `penstock lint` does.
Exit simulate(Client& client, const SimulateOptions& options, Output output);

}  // namespace penstock::cli
