// Whether deliveries may begin, and what has become of them.
#include "daemon/intake/explanation_nodes.hpp"

namespace penstock::intake {
namespace {

using nlohmann::json;

json delivery_node(const core::Promotion& promotion, const core::DeliverySpec& spec) {
  json node{{"kind", "delivery"},
            {"name", spec.name},
            {"uses", spec.kind},
            {"needed", "a receipt, or the change read back"},
            {"met", false},
            {"who", json::array()},
            {"observed", "nothing: not reached"},
            {"state", "not reached"}};
  for (const auto& step : promotion.deliveries) {
    if (step.name != spec.name) continue;
    // A step that is due behind another one has no deadline yet.
    if (step.state == core::DeliveryState::due && step.deadline == core::Time{}) return node;
    node["state"] = core::name_of(step.state);
    node["round"] = step.round;
    node["met"] = step.state == core::DeliveryState::confirmed;
    node["observed"] = std::string(core::name_of(step.state)) + (step.answer.empty() ? "" : ": " + step.answer);
    if (step.ended_at) node["at"] = core::to_text(*step.ended_at);
    if (core::is_end(promotion.phase)) return node;
    if (step.state == core::DeliveryState::due) node["who"] = {"penstock"};
    if (step.state == core::DeliveryState::sent) node["who"] = {"receiver"};
    if (step.state == core::DeliveryState::refused) node["who"] = deciders(promotion);
    if (!step.ended_at) node["until"] = core::to_text(step.deadline);
  }
  return node;
}

}  // namespace

json window_node(const core::Promotion& promotion) {
  json leaf{{"kind", "window"},
            {"name", "deliveries may begin"},
            {"needed", "an open window, and no stop"},
            {"who", json::array()}};
  const auto* waiting = std::get_if<core::AwaitingWindow>(&promotion.phase);
  leaf["met"] = waiting == nullptr && !promotion.deliveries.empty();
  leaf["state"] = waiting != nullptr ? "closed" : leaf["met"].get<bool>() ? "open" : "not reached";
  leaf["observed"] = waiting != nullptr        ? "closed: " + waiting->reason
                     : leaf["met"].get<bool>() ? "it was open"
                                               : "nothing: not reached";
  if (waiting != nullptr) {
    leaf["who"] = {"penstock"};
    leaf["until"] = core::to_text(waiting->until);
    if (waiting->opens) leaf["opens"] = core::to_text(*waiting->opens);
  }
  json node{{"kind", "window"}, {"name", "window"}, {"met", leaf["met"]}, {"conditions", json::array()}};
  node["conditions"].push_back(std::move(leaf));
  return node;
}

json deliveries_node(const core::Promotion& promotion) {
  json deliveries = json::array();
  bool all = true;
  for (const auto& spec : promotion.policy->deliveries) {
    deliveries.push_back(delivery_node(promotion, spec));
    if (!deliveries.back()["met"].get<bool>()) all = false;
  }
  return {{"kind", "deliveries"}, {"name", "deliveries"}, {"met", all}, {"conditions", std::move(deliveries)}};
}

}  // namespace penstock::intake
