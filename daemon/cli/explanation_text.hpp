// An explanation's proof tree on a terminal.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace penstock::cli {

// One line per node, indented: [x] met, [ ] not met, [?] not known, and in round brackets what decides nothing; below
// what is not met, what was needed, who can change it and how.
std::string tree_text(const nlohmann::json& explanation);

}  // namespace penstock::cli
