// What a policy lets two people go without in an emergency.
#pragma once

#include "daemon/definitions/definitions.hpp"
#include "daemon/definitions/documents.hpp"
#include "daemon/definitions/gate_uses.hpp"

namespace penstock::definitions {

// Told are gates that the policy does not ask, gates whose kind proves integrity, and groups that are too small.
void check_break_glass(const PolicyText& policy, const std::string& file, const GatesByName& gates,
                       const Options& options, Lints& lints);
core::BreakGlassSpec make_break_glass(const BreakGlassText& text);

}  // namespace penstock::definitions
