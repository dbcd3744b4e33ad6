#include "daemon/intake/explanation.hpp"

#include "daemon/core/approval.hpp"
#include "daemon/core/codec.hpp"
#include "daemon/engine/engine.hpp"

namespace penstock::intake {
namespace {

using nlohmann::json;

bool is_pass(core::Verdict verdict) { return verdict == core::Verdict::passed || verdict == core::Verdict::waived; }

// Who can end a condition that is not met and whose machine has given its answer.
json deciders(const core::Promotion& promotion) {
  auto who = json::array();
  if (core::is_end(promotion.phase)) return who;
  for (const auto& rule : promotion.policy->approvals) who.push_back("group:" + rule.group);
  if (who.empty()) who.push_back("any person");
  return who;
}

json gate_node(const core::Promotion& promotion, const core::GateSpec& gate) {
  json node{{"kind", "gate"}, {"name", gate.name}, {"uses", gate.kind}, {"blocking", gate.blocking}, {"met", false}};
  const auto* check = core::newest_check(promotion, gate.name);
  node["needed"] = "an answer that passes";
  node["who"] = json::array();
  if (check == nullptr) {
    node["state"] = core::is_end(promotion.phase) ? "never asked" : "not asked yet";
    node["observed"] = "nothing: its stage was not reached";
    return node;
  }
  node["attempt"] = check->attempt;
  if (!check->finding) {
    node["state"] = core::is_end(promotion.phase) ? "called off" : "under way";
    node["observed"] = "nothing yet: asked at " + core::to_text(check->asked_at);
    node["until"] = core::to_text(check->deadline);
    if (!core::is_end(promotion.phase)) node["who"] = {"penstock"};
    return node;
  }
  const auto& finding = *check->finding;
  node["state"] = core::name_of(finding.verdict);
  node["met"] = is_pass(finding.verdict);
  node["observed"] = finding.observed;
  if (!finding.needed.empty()) node["needed"] = finding.needed;
  const auto whole = core::to_json(finding);
  for (const auto* key : {"source", "at", "next", "details", "evidence"})
    if (whole.contains(key) && !whole[key].empty()) node[key] = whole[key];
  if (!node["met"].get<bool>() && gate.blocking) node["who"] = deciders(promotion);
  return node;
}

std::string approval_needed(const core::ApprovalRule& rule) {
  auto text = std::to_string(rule.count) + (rule.count == 1 ? " approval" : " approvals") + " by " + rule.group;
  std::string excluded;
  for (const auto one : rule.excluded)
    excluded += (excluded.empty() ? ", not by the " : " or the ") + std::string(core::name_of(one));
  return text + excluded + (rule.required ? "" : " (optional)");
}

json approvals_node(const core::Promotion& promotion) {
  json rules = json::array();
  bool all = true;
  for (const auto& progress : core::progress(promotion)) {
    const auto& rule = *progress.rule;
    json node{{"kind", "approval"},
              {"name", rule.group},
              {"needed", approval_needed(rule)},
              {"met", progress.met()},
              {"given_by", progress.given_by},
              {"who", json::array()}};
    std::string names;
    for (const auto& person : progress.given_by) names += (names.empty() ? ": " : ", ") + person;
    node["observed"] = std::to_string(progress.given_by.size()) + " of " + std::to_string(rule.count) + names;
    if (!progress.met()) {
      all = all && !rule.required;
      if (!core::is_end(promotion.phase)) node["who"].push_back("group:" + rule.group);
      if (const auto* waiting = std::get_if<core::AwaitingApproval>(&promotion.phase))
        node["until"] = core::to_text(waiting->since + rule.expires);
    }
    rules.push_back(std::move(node));
  }
  return {{"kind", "approvals"}, {"name", "approvals"}, {"met", all}, {"conditions", std::move(rules)}};
}

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

json tree_of(const core::Promotion& promotion) {
  json tree = json::array();
  for (const auto& stage : promotion.policy->stages) {
    json gates = json::array();
    bool all = true;
    for (const auto& gate : stage.gates) {
      gates.push_back(gate_node(promotion, gate));
      if (gate.blocking && !gates.back()["met"].get<bool>()) all = false;
    }
    tree.push_back({{"kind", "stage"}, {"name", stage.name}, {"met", all}, {"conditions", std::move(gates)}});
  }
  if (!promotion.policy->approvals.empty()) tree.push_back(approvals_node(promotion));
  if (!promotion.policy->deliveries.empty()) {
    json deliveries = json::array();
    bool all = true;
    for (const auto& spec : promotion.policy->deliveries) {
      deliveries.push_back(delivery_node(promotion, spec));
      if (!deliveries.back()["met"].get<bool>()) all = false;
    }
    tree.push_back(
        {{"kind", "deliveries"}, {"name", "deliveries"}, {"met", all}, {"conditions", std::move(deliveries)}});
  }
  return tree;
}

json count_of(const json& tree) {
  int met = 0;
  int all = 0;
  for (const auto& branch : tree) {
    for (const auto& leaf : branch["conditions"]) {
      if (!leaf.value("blocking", true)) continue;
      ++all;
      if (leaf["met"].get<bool>()) ++met;
    }
  }
  return {{"met", met}, {"of", all}};
}

}  // namespace

json explain(const core::Promotion& promotion) {
  auto tree = tree_of(promotion);
  json document{{"promotion", promotion.id},
                {"model", promotion.lane.model},
                {"version", promotion.version},
                {"environment", promotion.lane.environment},
                {"candidate", promotion.candidate.text()},
                {"policy", {{"name", promotion.policy->name}, {"digest", promotion.policy->digest.text()}}},
                {"decide_on", engine::Engine::decision_digest(promotion).text()},
                {"phase", core::phase_name(promotion.phase)},
                {"conditions", count_of(tree)},
                {"paragraph", paragraph(promotion, tree)},
                {"wait", nullptr}};
  if (const auto wait = core::wait_of(promotion))
    document["wait"] = {{"what", wait->what}, {"who", wait->who}, {"until", core::to_text(wait->until)}};
  document["tree"] = std::move(tree);
  return document;
}

}  // namespace penstock::intake
