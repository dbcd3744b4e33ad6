// The gate kind `executable`: any program, JSON in and JSON out. The protocol is told in plugins/sdk/PROTOCOL.md.
#pragma once

#include "plugins/sdk/kinds.hpp"

namespace penstock::gates {

sdk::GateKind executable_kind();

}  // namespace penstock::gates
