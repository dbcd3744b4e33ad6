// What a daemon has loaded, compared with the definitions at hand.
#pragma once

#include "daemon/cli/client.hpp"
#include "daemon/definitions/difference.hpp"

namespace penstock::cli {

struct DefinitionsByName {
  definitions::DocumentsByName policies, gates, frameworks;
};
struct DefinitionsDifference {
  definitions::Difference policies, gates, frameworks;
  bool empty() const { return policies.empty() && gates.empty() && frameworks.empty(); }
};

// From what the daemon has loaded (its answer to GET /v1/definitions) to what is at hand here. Problem "not-penstock"
// when it is no such answer.
core::Result<DefinitionsDifference> compare_with(const nlohmann::json& loaded, const DefinitionsByName& here);

// One line for each that differs, and one for each field of it.
std::string to_text(const DefinitionsDifference& difference);
nlohmann::json to_json(const DefinitionsDifference& difference);

}  // namespace penstock::cli
