// Keeps the documents behind an answer, by digest, and bounds what a finding carries.
#pragma once

#include <functional>

#include "daemon/runtime/content_store.hpp"
#include "plugins/sdk/gate.hpp"

namespace penstock::gating {

// Whether to try again what may go better the next time; it returns when that is to be.
using Again = std::function<bool()>;

// The finding with its evidence stored and named. Problem "evidence-too-large" over 8 MiB a document; store problems,
// a transient one only when `again` says no or is not given. At most 50 details are kept in the finding: the rest is
// counted, and is in the evidence.
core::Result<core::Finding> keep_evidence(sdk::GateAnswer answer, core::Time now, runtime::ContentStore& store,
                                          const Again& again = {});

// What an answer that never came is recorded as.
core::Finding errored(const core::Problem& problem, core::Time now);

}  // namespace penstock::gating
