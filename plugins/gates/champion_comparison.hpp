// The gate kind `champion-comparison`: the challenger's metrics against those of the champion, which is what is live.
#pragma once

#include "plugins/sdk/kinds.hpp"

namespace penstock::gates {

sdk::GateKind champion_comparison_kind();

}  // namespace penstock::gates
