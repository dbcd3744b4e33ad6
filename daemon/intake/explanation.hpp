// Why a promotion is where it is: every condition of its policy, and one paragraph that a person can read.
#pragma once

#include <nlohmann/json.hpp>

#include "daemon/core/promotion.hpp"

namespace penstock::intake {

// {"promotion", "phase", "conditions": {"met", "of"}, "wait", "paragraph", "tree": […]}: the tree has a node for each
// stage (its children are the gates), for the approvals (the rules) and for the deliveries. A leaf says what was
// `observed` and `needed`, whether it is `met`, and `who` can change it. An advisory gate is shown and never counted.
nlohmann::json explain(const core::Promotion& promotion);

// "fraud 7 is awaiting approval in production: 3 of 5 conditions are met. …" `tree` is that of explain().
std::string paragraph(const core::Promotion& promotion, const nlohmann::json& tree);

}  // namespace penstock::intake
