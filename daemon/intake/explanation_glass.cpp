// What is gone without behind broken glass.
#include <algorithm>

#include "daemon/core/broken_glass.hpp"
#include "daemon/intake/explanation_nodes.hpp"

namespace penstock::intake {

bool is_gone_without(const Explained& explained, const std::string& what) {
  const auto& promotion = explained.promotion;
  if (!promotion.glass || !promotion.policy->break_glass) return false;
  const auto& skipped = promotion.glass->skipped;
  if (has_begun(promotion)) return std::find(skipped.begin(), skipped.end(), what) != skipped.end();
  if (core::is_end(promotion.phase)) return false;
  if (const auto word = core::value_of<core::Dispensable>(what))
    return core::is_skipped(promotion, *word, explained.world, explained.now);
  const auto* gate = what.starts_with("gate ") ? core::gate_of(*promotion.policy, what.substr(5)) : nullptr;
  return gate != nullptr && core::is_skipped(promotion, *gate, explained.world, explained.now);
}

Node glass_node(const Explained& explained, const std::string& what) {
  const auto& glass = *explained.promotion.glass;
  Node node{"glass", "glass", "two people have broken the glass, and the policy lets them go on without " + what};
  node.met = true;
  node.needed = "two members of " + explained.promotion.policy->break_glass->group;
  node.observed = "broken by " + glass.asked_by + " and " + glass.confirmed_by + " (" + glass.reason + ")";
  node.since = glass.asked_at;
  node.until = glass.until;
  return node;
}

void go_without(const Explained& explained, Node& branch, const std::string& what) {
  if (!is_gone_without(explained, what)) return;
  for (auto& child : branch.children) child.counts = false;
  branch.children.push_back(glass_node(explained, what));
  branch.state = "gone without";
  branch.who.clear();
  branch.how.clear();
}

}  // namespace penstock::intake
