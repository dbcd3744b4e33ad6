// What has become of the deliveries.
#include "daemon/intake/explanation_nodes.hpp"

namespace penstock::intake {
namespace {

void put_step(Node& node, const core::DeliveryStep& step, const core::Promotion& promotion) {
  const auto word = std::string(core::name_of(step.state));
  node.state = word;
  node.more["round"] = step.round;
  node.observed = word + (step.answer.empty() ? "" : ": " + step.answer);
  if (step.ended_at) node.more["at"] = core::to_text(*step.ended_at);
  if (!step.ended_at) node.until = step.deadline;
  // Sent, and no word of it yet: whether it took effect is not known.
  node.met = std::nullopt;
  if (step.state == core::DeliveryState::confirmed) node.met = true;
  if (step.state == core::DeliveryState::refused) node.met = false;
  // It was confirmed before it went live; what is under way or went wrong since is putting it back.
  if (core::is_live(promotion.phase)) {
    if (node.met != true) node.observed = "confirmed before, and put back: " + node.observed;
    node.met = true;
  }
  if (node.met == true || core::is_end(promotion.phase)) return;
  if (step.state == core::DeliveryState::due) {
    node.who = {"penstock"};
    node.how = "it is tried until it is confirmed, refused, or its deadline has passed";
  } else if (step.state == core::DeliveryState::sent) {
    node.who = {"receiver"};
    node.how = "the receiver sends its receipt";
  } else {
    node.who = deciders(promotion);
    node.how = command_for(promotion, "retry") +
               " once it is put right; approvals, gates, stops and windows are asked again for it";
  }
}

Node delivery_node(const core::Promotion& promotion, const core::DeliverySpec& spec) {
  Node node{spec.name, "delivery", "delivery " + spec.name + " (" + spec.kind + ") is confirmed"};
  node.more["uses"] = spec.kind;
  node.needed = "a receipt, or the change read back";
  node.state = "not reached";
  node.observed = "nothing: not reached";
  node.met = false;
  for (const auto& step : promotion.deliveries) {
    if (step.name != spec.name) continue;
    // A step that is due behind another one has no deadline yet.
    if (step.state == core::DeliveryState::due && step.deadline == core::Time{}) continue;
    put_step(node, step, promotion);
  }
  return node;
}

}  // namespace

Node deliveries_node(const Explained& explained) {
  Node node{"deliveries", "deliveries", "every delivery is confirmed", MetBy::all};
  for (const auto& spec : explained.promotion.policy->deliveries)
    node.children.push_back(delivery_node(explained.promotion, spec));
  return node;
}

}  // namespace penstock::intake
