// The gate kind `rollback-readiness`: the way back is there before the way forward is taken.
#pragma once

#include "plugins/sdk/kinds.hpp"

namespace penstock::gates {

sdk::GateKind rollback_readiness_kind();

}  // namespace penstock::gates
