// The gate kind `security-signoff`: every file of the artifact is looked at by its content, in a worker process, and
// only what is understood and harmless is signed off.
#pragma once

#include "plugins/sdk/kinds.hpp"

namespace penstock::gates::security {

sdk::GateKind security_signoff_kind();

}  // namespace penstock::gates::security
