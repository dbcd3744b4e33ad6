// Whether what was delivered is still there. It is no condition of being live.
#include "daemon/intake/explanation_nodes.hpp"

namespace penstock::intake {
namespace {

Node look_node(const core::Promotion& promotion, const core::DeliverySpec& spec) {
  Node node{spec.name, "look", "what delivery " + spec.name + " did is still there"};
  node.needed = "as it was delivered";
  node.state = "not reached";
  node.observed = "nobody has looked yet";
  for (const auto& step : promotion.deliveries) {
    if (step.name != spec.name || !step.look) continue;
    const auto& look = *step.look;
    node.state = core::name_of(look.effect);
    if (!look.observed.empty()) node.observed = look.observed;
    if (look.at != core::Time{}) node.since = look.at;
    if (look.effect == core::Effect::kept) node.met = true;
    if (look.effect == core::Effect::drifted) node.met = false;
    node.more["blind"] = look.blind;
    if (look.blind > 0) {
      node.met = std::nullopt;
      node.observed += "; the last " + std::to_string(look.blind) + " looks could not find out";
    }
    node.counts = look.effect != core::Effect::unreadable;
  }
  if (node.met == false && core::is_live(promotion.phase)) {
    const bool repairs = promotion.policy->drift->repair;
    node.who = {repairs ? "penstock" : "any person"};
    node.how = repairs ? "it is delivered again, unless a stop holds deliveries back"
                       : "put it back by hand, or promote what is there";
  }
  return node;
}

}  // namespace

Node drift_node(const Explained& explained, const core::DriftSpec& drift) {
  Node node{"drift", "drift", "what was delivered is still there", MetBy::all};
  node.counts = false;
  node.needed = "a look every " + core::to_text(drift.every) + " that finds nothing changed";
  node.more["repair"] = drift.repair;
  for (const auto& spec : explained.promotion.policy->deliveries)
    node.children.push_back(look_node(explained.promotion, spec));
  return node;
}

}  // namespace penstock::intake
