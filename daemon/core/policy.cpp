#include "daemon/core/policy.hpp"

namespace penstock::core {
namespace {

nlohmann::json gate_to_json(const GateSpec& gate) {
  return {{"name", gate.name},
          {"kind", gate.kind},
          {"with", gate.with},
          {"blocking", gate.blocking},
          {"deadline", to_text(gate.deadline)},
          {"attempts", gate.attempts}};
}

// Documents come from the journal, which only holds what to_json wrote: a member of another type is damage.
Duration duration_at(const nlohmann::json& document, const char* key, Duration fallback) {
  return parse_duration(document.value(key, "")).value_or(fallback);
}

Policy read(const nlohmann::json& document) {
  Policy policy;
  policy.name = document.at("name");
  policy.model = document.at("model");
  policy.environment = document.at("environment");
  policy.queue = value_of<QueueMode>(document.value("queue", "queue")).value_or(QueueMode::queue);
  policy.queue_for = duration_at(document, "queue_for", policy.queue_for);
  policy.hold_for = duration_at(document, "hold_for", policy.hold_for);
  for (const auto& item : document.value("stages", nlohmann::json::array())) {
    Stage stage{item.at("name"), {}};
    for (const auto& gate : item.value("gates", nlohmann::json::array())) {
      GateSpec spec;
      spec.name = gate.at("name");
      spec.kind = gate.at("kind");
      spec.with = gate.value("with", nlohmann::json::object());
      spec.blocking = gate.value("blocking", true);
      spec.deadline = duration_at(gate, "deadline", spec.deadline);
      spec.attempts = gate.value("attempts", 1);
      stage.gates.push_back(std::move(spec));
    }
    policy.stages.push_back(std::move(stage));
  }
  for (const auto& item : document.value("approvals", nlohmann::json::array())) {
    ApprovalRule rule;
    rule.group = item.at("group");
    rule.count = item.value("count", 1);
    rule.expires = duration_at(item, "expires", rule.expires);
    rule.excluded.clear();
    for (const auto& name : item.value("not", nlohmann::json::array()))
      if (const auto excluded = value_of<Excluded>(name.get<std::string>())) rule.excluded.push_back(*excluded);
    policy.approvals.push_back(std::move(rule));
  }
  for (const auto& item : document.value("deliver", nlohmann::json::array())) {
    DeliverySpec delivery;
    delivery.name = item.at("name");
    delivery.kind = item.at("kind");
    delivery.with = item.value("with", nlohmann::json::object());
    delivery.deadline = duration_at(item, "deadline", delivery.deadline);
    policy.deliveries.push_back(std::move(delivery));
  }
  return policy;
}

}  // namespace

nlohmann::json to_json(const Policy& policy) {
  auto stages = nlohmann::json::array();
  for (const auto& stage : policy.stages) {
    auto gates = nlohmann::json::array();
    for (const auto& gate : stage.gates) gates.push_back(gate_to_json(gate));
    stages.push_back({{"name", stage.name}, {"gates", std::move(gates)}});
  }
  auto approvals = nlohmann::json::array();
  for (const auto& rule : policy.approvals) {
    auto excluded = nlohmann::json::array();
    for (const auto who : rule.excluded) excluded.push_back(name_of(who));
    approvals.push_back({{"group", rule.group},
                         {"count", rule.count},
                         {"expires", to_text(rule.expires)},
                         {"not", std::move(excluded)}});
  }
  auto deliver = nlohmann::json::array();
  for (const auto& delivery : policy.deliveries)
    deliver.push_back({{"name", delivery.name},
                       {"kind", delivery.kind},
                       {"with", delivery.with},
                       {"deadline", to_text(delivery.deadline)}});
  return {{"name", policy.name},
          {"model", policy.model},
          {"environment", policy.environment},
          {"queue", name_of(policy.queue)},
          {"queue_for", to_text(policy.queue_for)},
          {"hold_for", to_text(policy.hold_for)},
          {"stages", std::move(stages)},
          {"approvals", std::move(approvals)},
          {"deliver", std::move(deliver)}};
}

Result<Policy> policy_from_json(const nlohmann::json& document) {
  try {
    return read(document);
  } catch (const nlohmann::json::exception& error) {
    return Problem{"invalid-document", std::string("not a stored policy: ") + error.what(), "", "", false};
  }
}

std::string canonical_bytes(const Policy& policy) {
  return to_json(policy).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace penstock::core
