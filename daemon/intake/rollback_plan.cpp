#include "daemon/intake/rollback_plan.hpp"

#include "daemon/intake/api_lanes.hpp"

namespace penstock::intake {
namespace {

using nlohmann::json;

json stages_of(const core::Policy& policy) {
  auto stages = json::array();
  for (const auto& stage : policy.stages) {
    auto gates = json::array();
    for (const auto& gate : stage.gates)
      gates.push_back({{"name", gate.name},
                       {"uses", gate.kind},
                       {"blocking", gate.blocking},
                       {"deadline", core::to_text(gate.deadline)}});
    stages.push_back({{"name", stage.name}, {"gates", std::move(gates)}});
  }
  return stages;
}

json approvals_of(const core::Policy& policy) {
  auto approvals = json::array();
  for (const auto& rule : policy.approvals)
    approvals.push_back({{"group", rule.group}, {"needed", rule.count}, {"required", rule.required}});
  return approvals;
}

json deliveries_of(const core::Policy& policy) {
  auto deliveries = json::array();
  for (const auto& delivery : policy.deliveries)
    deliveries.push_back(
        {{"name", delivery.name}, {"uses", delivery.kind}, {"deadline", core::to_text(delivery.deadline)}});
  return deliveries;
}

}  // namespace

json rollback_plan(const core::Lane& lane, const core::Decision& decision, const core::PromotionId& opened) {
  const auto* back = core::find(decision.lane, opened);
  if (back == nullptr) return {{"ignored", decision.ignored}};
  auto supersedes = json::array();
  for (const auto& promotion : decision.lane.promotions) {
    const auto* superseded = std::get_if<core::Superseded>(&promotion.phase);
    if (superseded != nullptr && superseded->by == opened) supersedes.push_back(brief_json(promotion));
  }
  json document{{"model", lane.key.model},
                {"environment", lane.key.environment},
                {"takes_back", nullptr},
                {"target", {{"candidate", back->candidate.text()}, {"version", back->version}}},
                {"policy", back->policy->name},
                {"stages", stages_of(*back->policy)},
                {"approvals", approvals_of(*back->policy)},
                {"deliveries", deliveries_of(*back->policy)},
                {"supersedes", std::move(supersedes)},
                {"phase", core::phase_name(back->phase)},
                {"pin", core::to_json(decision.lane.state).value("pin", json())}};
  if (const auto* live = core::live_in(lane)) {
    document["takes_back"] = brief_json(*live);
    document["takes_back"]["decide_on"] = engine::Engine::decision_digest(*live).text();
  }
  return document;
}

}  // namespace penstock::intake
