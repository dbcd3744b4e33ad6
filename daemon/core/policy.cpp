#include "daemon/core/policy.hpp"

#include "daemon/core/json_writing.hpp"

namespace penstock::core {
namespace {

using nlohmann::json;

json windows_to_json(const Policy& policy) {
  auto windows = json::array();
  for (const auto& window : policy.windows)
    windows.push_back({{"kind", name_of(window.kind)},
                       {"when", window.when},
                       {"timezone", window.timezone},
                       {"reason", window.reason}});
  return {{"windows", std::move(windows)},
          {"jitter", to_text(policy.window_jitter)},
          {"most", policy.most_per_window},
          {"for", to_text(policy.window_for)}};
}

json gates_to_json(const std::vector<GateSpec>& gates) {
  auto documents = json::array();
  for (const auto& gate : gates) documents.push_back(to_json(gate));
  return documents;
}

json stages_to_json(const std::vector<Stage>& stages) {
  auto documents = json::array();
  for (const auto& stage : stages) documents.push_back({{"name", stage.name}, {"gates", gates_to_json(stage.gates)}});
  return documents;
}

// What is as it is by default is left out, so that a policy that says nothing new keeps its digest.
json rule_to_json(const ApprovalRule& rule) {
  auto excluded = json::array();
  for (const auto who : rule.excluded) excluded.push_back(name_of(who));
  json document{
      {"group", rule.group}, {"count", rule.count}, {"expires", to_text(rule.expires)}, {"not", std::move(excluded)}};
  if (!rule.required) document["required"] = false;
  if (rule.remind) document["remind"] = to_text(*rule.remind);
  if (rule.escalate) document["escalate"] = {{"after", to_text(rule.escalate->after)}, {"group", rule.escalate->group}};
  return document;
}

json rules_to_json(const std::vector<ApprovalRule>& rules) {
  auto documents = json::array();
  for (const auto& rule : rules) documents.push_back(rule_to_json(rule));
  return documents;
}

json watch_to_json(const WatchSpec& watch) {
  return {{"for", to_text(watch.duration)},
          {"every", to_text(watch.every)},
          {"gates", gates_to_json(watch.gates)},
          {"failures", watch.failures},
          {"of", watch.of},
          {"on_failure", name_of(watch.on_failure)}};
}

// Documents come from the journal, which only holds what to_json wrote: a member of another type is damage.
Duration duration_at(const json& document, const char* key, Duration fallback) {
  return parse_duration(document.value(key, "")).value_or(fallback);
}

std::vector<GateSpec> read_gates(const json& document) {
  std::vector<GateSpec> gates;
  for (const auto& gate : document.value("gates", json::array())) {
    GateSpec spec;
    spec.name = gate.at("name");
    spec.kind = gate.at("kind");
    spec.with = gate.value("with", json::object());
    spec.blocking = gate.value("blocking", true);
    spec.deadline = duration_at(gate, "deadline", spec.deadline);
    spec.attempts = gate.value("attempts", 1);
    spec.max_age = parse_duration(gate.value("max_age", ""));
    gates.push_back(std::move(spec));
  }
  return gates;
}

std::vector<Stage> read_stages(const json& document) {
  std::vector<Stage> stages;
  for (const auto& item : document.value("stages", json::array()))
    stages.push_back({item.at("name"), read_gates(item)});
  return stages;
}

std::vector<ApprovalRule> read_rules(const json& document) {
  std::vector<ApprovalRule> rules;
  for (const auto& item : document.value("approvals", json::array())) {
    ApprovalRule rule;
    rule.group = item.at("group");
    rule.count = item.value("count", 1);
    rule.expires = duration_at(item, "expires", rule.expires);
    rule.excluded.clear();
    for (const auto& name : item.value("not", json::array()))
      if (const auto excluded = value_of<Excluded>(name.get<std::string>())) rule.excluded.push_back(*excluded);
    rule.required = item.value("required", true);
    rule.remind = parse_duration(item.value("remind", ""));
    if (item.contains("escalate"))
      rule.escalate = Escalation{duration_at(item["escalate"], "after", {}), item["escalate"].at("group")};
    rules.push_back(std::move(rule));
  }
  return rules;
}

WatchSpec read_watch(const json& document) {
  WatchSpec watch;
  watch.duration = duration_at(document, "for", watch.duration);
  watch.every = duration_at(document, "every", watch.every);
  watch.gates = read_gates(document);
  watch.failures = document.value("failures", watch.failures);
  watch.of = document.value("of", watch.of);
  watch.on_failure = value_of<OnFailure>(document.value("on_failure", "")).value_or(OnFailure::alarm);
  return watch;
}

void read_windows(const json& document, Policy& policy) {
  for (const auto& item : document.at("windows"))
    policy.windows.push_back({value_of<WindowKind>(item.at("kind").get<std::string>()).value_or(WindowKind::deny),
                              item.at("when"), item.at("timezone"), item.value("reason", "")});
  policy.window_jitter = duration_at(document, "jitter", policy.window_jitter);
  policy.most_per_window = document.value("most", 0);
  policy.window_for = duration_at(document, "for", policy.window_for);
}

Policy read(const json& document) {
  Policy policy;
  policy.name = document.at("name");
  policy.model = document.at("model");
  policy.environment = document.at("environment");
  policy.queue = value_of<QueueMode>(document.value("queue", "queue")).value_or(QueueMode::queue);
  policy.queue_for = duration_at(document, "queue_for", policy.queue_for);
  policy.hold_for = duration_at(document, "hold_for", policy.hold_for);
  policy.stages = read_stages(document);
  policy.approvals = read_rules(document);
  for (const auto& item : document.value("deliver", json::array())) {
    DeliverySpec delivery;
    delivery.name = item.at("name");
    delivery.kind = item.at("kind");
    delivery.with = item.value("with", json::object());
    delivery.deadline = duration_at(item, "deadline", delivery.deadline);
    policy.deliveries.push_back(std::move(delivery));
  }
  if (document.contains("window")) read_windows(document["window"], policy);
  policy.semaphore = document.value("semaphore", "");
  if (document.contains("audit")) {
    const auto& audit = document["audit"];
    policy.audit.acknowledged_by = audit.at("acknowledged_by").get<std::vector<std::string>>();
    policy.audit.within = duration_at(audit, "within", policy.audit.within);
  }
  policy.order = value_of<QueueOrder>(document.value("order", "")).value_or(QueueOrder::oldest_first);
  if (document.contains("after"))
    policy.after = AfterSpec{document["after"].at("environment"), duration_at(document["after"], "soak", {})};
  if (document.contains("watch")) policy.watch = read_watch(document["watch"]);
  if (document.contains("drift"))
    policy.drift =
        DriftSpec{duration_at(document["drift"], "every", DriftSpec{}.every), document["drift"].value("repair", false)};
  if (document.contains("rollback"))
    policy.rollback = {read_stages(document["rollback"]), read_rules(document["rollback"])};
  if (document.contains("break_glass")) policy.break_glass = break_glass_spec_from_json(document["break_glass"]);
  policy.editor = document.value("editor", "");
  return policy;
}

}  // namespace

json to_json(const GateSpec& gate) {
  json document{{"name", gate.name},
                {"kind", gate.kind},
                {"with", gate.with},
                {"blocking", gate.blocking},
                {"deadline", to_text(gate.deadline)},
                {"attempts", gate.attempts}};
  if (gate.max_age) document["max_age"] = to_text(*gate.max_age);
  return document;
}

json to_json(const Policy& policy) {
  auto deliver = json::array();
  for (const auto& delivery : policy.deliveries)
    deliver.push_back({{"name", delivery.name},
                       {"kind", delivery.kind},
                       {"with", delivery.with},
                       {"deadline", to_text(delivery.deadline)}});
  json document{{"name", policy.name},
                {"model", policy.model},
                {"environment", policy.environment},
                {"queue", name_of(policy.queue)},
                {"queue_for", to_text(policy.queue_for)},
                {"hold_for", to_text(policy.hold_for)},
                {"stages", stages_to_json(policy.stages)},
                {"approvals", rules_to_json(policy.approvals)},
                {"deliver", std::move(deliver)}};
  const Policy plain;
  if (!policy.windows.empty() || policy.window_jitter != plain.window_jitter ||
      policy.most_per_window != plain.most_per_window || policy.window_for != plain.window_for)
    document["window"] = windows_to_json(policy);
  if (!policy.semaphore.empty()) document["semaphore"] = policy.semaphore;
  if (!policy.audit.acknowledged_by.empty())
    document["audit"] = {{"acknowledged_by", policy.audit.acknowledged_by}, {"within", to_text(policy.audit.within)}};
  if (policy.order != QueueOrder::oldest_first) document["order"] = name_of(policy.order);
  if (policy.after)
    document["after"] = {{"environment", policy.after->environment}, {"soak", to_text(policy.after->soak)}};
  if (policy.watch) document["watch"] = watch_to_json(*policy.watch);
  if (policy.drift) document["drift"] = {{"every", to_text(policy.drift->every)}, {"repair", policy.drift->repair}};
  if (policy.rollback != RollbackSpec{})
    document["rollback"] = {{"stages", stages_to_json(policy.rollback.stages)},
                            {"approvals", rules_to_json(policy.rollback.approvals)}};
  if (policy.break_glass) document["break_glass"] = to_json(*policy.break_glass);
  if (!policy.editor.empty()) document["editor"] = policy.editor;
  return document;
}

const GateSpec* gate_of(const Policy& policy, std::string_view name) {
  for (const auto& stage : policy.stages)
    for (const auto& gate : stage.gates)
      if (gate.name == name) return &gate;
  if (policy.watch)
    for (const auto& gate : policy.watch->gates)
      if (gate.name == name) return &gate;
  return nullptr;
}

Policy rollback_policy(const Policy& policy) {
  Policy back = policy;
  back.stages = policy.rollback.stages;
  back.approvals = policy.rollback.approvals;
  back.watch.reset();
  back.break_glass.reset();
  back.windows.clear();  // the way back is open at all times
  back.semaphore.clear();
  back.audit = {};
  back.digest = {};
  return back;
}

Result<Policy> policy_from_json(const nlohmann::json& document) {
  try {
    return read(document);
  } catch (const nlohmann::json::exception& error) {
    return Problem{"invalid-document", std::string("not a stored policy: ") + error.what(), "", "", false};
  }
}

std::string canonical_bytes(const Policy& policy) { return json_text(to_json(policy)); }

}  // namespace penstock::core
