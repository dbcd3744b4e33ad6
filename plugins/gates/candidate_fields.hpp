// The gate kind `candidate-fields`: the candidate says what the policy needs to know, and its metrics are good enough.
#pragma once

#include "plugins/sdk/kinds.hpp"

namespace penstock::gates {

sdk::GateKind candidate_fields_kind();

}  // namespace penstock::gates
