// The definitions in force as the HTTP API serves them, and as it tries out others beside them.
#pragma once

#include "daemon/intake/api_parts.hpp"
#include "daemon/policies_in_force.hpp"

namespace penstock {

// `policies` must outlive what is given.
intake::DefinitionsPort serve_definitions(const PoliciesInForce& policies);

// {"severity", "file", "line", "column", "path", "message"}: a problem as programs read it.
nlohmann::json lint_json(const definitions::Lint& lint);

}  // namespace penstock
