// Why a promotion is where it is: every condition of its policy, and one paragraph that a person can read.
#pragma once

#include <nlohmann/json.hpp>

#include "daemon/core/lane.hpp"

namespace penstock::intake {

// What is explained; the lane is that of the promotion, which need not be in it any more.
struct Explained {
  const core::Promotion& promotion;
  const core::Lane& lane;
  core::Time now;
};

// {"promotion", "phase", "conditions": {"met", "of"}, "wait", "pin", "paragraph", "tree": […]}: the tree has a node for
// each stage (its children are the gates), for the approvals (the rules; with every approval that was `given`, the
// voided ones too), for the windows, for the deliveries, and for the watch. A leaf says what was `observed` and
// `needed`, whether it is `met`, and `who` can change it. What only advises or watches is shown and never counted.
// `pin` is there while the promotion is queued in a lane that somebody holds; `takes_back` when it goes back.
nlohmann::json explain(const Explained& explained);

// "fraud 7 is awaiting approval in production: 3 of 5 conditions are met. …" `tree` is that of explain().
std::string paragraph(const Explained& explained, const nlohmann::json& tree);

}  // namespace penstock::intake
