#include "daemon/intake/policy_json.hpp"

namespace penstock::intake {

using nlohmann::json;

json stages_json(const core::Policy& policy) {
  auto stages = json::array();
  for (const auto& stage : policy.stages) {
    auto gates = json::array();
    for (const auto& gate : stage.gates) {
      gates.push_back({{"name", gate.name},
                       {"uses", gate.kind},
                       {"blocking", gate.blocking},
                       {"deadline", core::to_text(gate.deadline)},
                       {"attempts", gate.attempts}});
      if (gate.max_age) gates.back()["max_age"] = core::to_text(*gate.max_age);
    }
    stages.push_back({{"name", stage.name}, {"gates", std::move(gates)}});
  }
  return stages;
}

json approvals_json(const core::Policy& policy) {
  auto approvals = json::array();
  for (const auto& rule : policy.approvals) {
    auto excluded = json::array();
    for (const auto who : rule.excluded) excluded.push_back(core::name_of(who));
    approvals.push_back({{"group", rule.group},
                         {"needed", rule.count},
                         {"required", rule.required},
                         {"expires", core::to_text(rule.expires)},
                         {"not", std::move(excluded)}});
    if (rule.escalate)
      approvals.back()["escalates"] = {{"after", core::to_text(rule.escalate->after)}, {"group", rule.escalate->group}};
  }
  return approvals;
}

json deliveries_json(const core::Policy& policy) {
  auto deliveries = json::array();
  for (const auto& delivery : policy.deliveries)
    deliveries.push_back(
        {{"name", delivery.name}, {"uses", delivery.kind}, {"deadline", core::to_text(delivery.deadline)}});
  return deliveries;
}

}  // namespace penstock::intake
