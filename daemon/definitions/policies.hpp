// Policies compared with the gates they use, the people they ask, and each other. Internal to loading.
#pragma once

#include "daemon/definitions/parsed.hpp"

namespace penstock::definitions {

using GatesByName = std::map<std::string, const Parsed<GateText>*>;

void check_policies(const std::vector<Parsed<PolicyText>>& policies, const GatesByName& gates, const Options& options,
                    Lints& lints);
// Only when nothing was wrong.
std::shared_ptr<const core::Policy> make_policy(const Parsed<PolicyText>& parsed, const GatesByName& gates,
                                                const Options& options);

}  // namespace penstock::definitions
