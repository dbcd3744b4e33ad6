// The gate kind `smoke-test`: the candidate answers real requests where it is integrated.
#pragma once

#include "plugins/sdk/kinds.hpp"

namespace penstock::gates {

sdk::GateKind smoke_test_kind();

}  // namespace penstock::gates
