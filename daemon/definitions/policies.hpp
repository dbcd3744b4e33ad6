// Policies compared with the gates they use, the people they ask, and each other. Internal to loading.
#pragma once

#include "daemon/definitions/editors.hpp"
#include "daemon/definitions/gate_uses.hpp"

namespace penstock::definitions {

void check_policies(const std::vector<Parsed<PolicyText>>& policies, const GatesByName& gates, const Options& options,
                    Editors& editors, Lints& lints);
// Only when nothing was wrong.
std::shared_ptr<const core::Policy> make_policy(const Parsed<PolicyText>& parsed, const GatesByName& gates,
                                                const Options& options, Editors& editors);

}  // namespace penstock::definitions
