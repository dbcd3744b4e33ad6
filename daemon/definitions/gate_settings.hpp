// Checks what is written under `with` against what the kind declares. Internal to loading.
#pragma once

#include "daemon/definitions/parsed.hpp"

namespace penstock::definitions {

// A definition's own `with`. Keys may be missing: stages may add them. What is there must be right.
void check_gate_alone(const Parsed<GateText>& gate, const Options& options, Lints& lints);

// A definition's `with` with a stage's laid over it, key by key.
core::declared::Value merged_with(const GateText& gate, const GateUse& use);
// That, as a whole, and tried out. What is wrong in the definition's part was told by check_gate_alone() and is not
// told again.
void check_gate_use(const Parsed<GateText>& gate, const GateUse& use, const std::string& file, const Options& options,
                    Lints& lints);

void check_delivery(const DeliveryText& delivery, const std::string& file, const Options& options, Lints& lints);

}  // namespace penstock::definitions
