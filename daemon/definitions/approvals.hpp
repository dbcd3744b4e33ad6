// Approval rules compared with the people there are, and with what is known of the policy's editor. Internal to
// loading.
#pragma once

#include "daemon/definitions/editors.hpp"
#include "daemon/definitions/parsed.hpp"

namespace penstock::definitions {

// What a policy demands of people: `rules` of the policy itself or of its way back.
void check_approvals(const std::vector<ApprovalText>& rules, const std::string& file, const Options& options,
                     Editors& editors, Lints& lints);
core::ApprovalRule make_rule(const ApprovalText& rule);

bool excludes_editor(const PolicyText& policy);

}  // namespace penstock::definitions
