// The route table: every path that Penstock answers, and who may ask.
#pragma once

#include "daemon/intake/api_parts.hpp"
#include "daemon/intake/hooks.hpp"

namespace penstock::intake {

// The handlers refer to `parts` and `hooks`, which must outlive them.
Routes make_routes(const ApiParts& parts, Hooks& hooks);

}  // namespace penstock::intake
