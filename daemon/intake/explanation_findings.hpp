// What a gate's answer makes of a node: shared by the gates of stages and those of the watch.
#pragma once

#include "daemon/core/promotion.hpp"
#include "daemon/intake/explanation_node.hpp"

namespace penstock::intake {

// Failed is not met; inconclusive and errored are not known: nobody could say.
void put_finding(Node& node, const core::Finding& finding);
// Asked, and not answered.
void put_unanswered(Node& node, const core::Check& check, const core::Promotion& promotion);
// The rules that the gate looked at; they tell more and do not count, because the gate judges them.
std::vector<Node> rule_nodes(const core::Finding& finding);

}  // namespace penstock::intake
