// What people have given, taken back, or are still to give.
#include "daemon/core/approval.hpp"
#include "daemon/intake/explanation_nodes.hpp"

namespace penstock::intake {
namespace {

using nlohmann::json;

std::string told(core::Excluded excluded) {
  switch (excluded) {
    case core::Excluded::submitter:
      return "the submitter";
    case core::Excluded::author:
      return "an author";
    case core::Excluded::editor:
      break;
  }
  return "the last editor of the policy";
}

std::string approval_needed(const core::ApprovalRule& rule) {
  auto text = std::to_string(rule.count) + (rule.count == 1 ? " approval" : " approvals") + " by " + rule.group;
  std::string excluded;
  for (const auto one : rule.excluded) excluded += (excluded.empty() ? ", not by " : " or ") + told(one);
  return text + excluded + (rule.required ? "" : " (optional)");
}

json rule_node(const core::Promotion& promotion, const core::RuleProgress& progress) {
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
  if (progress.met()) return node;
  if (!core::is_end(promotion.phase)) node["who"].push_back("group:" + rule.group);
  const auto* waiting = std::get_if<core::AwaitingApproval>(&promotion.phase);
  if (waiting == nullptr) return node;
  node["until"] = core::to_text(waiting->since + rule.expires);
  if (!rule.escalate) return node;
  const bool escalated = core::is_escalated(promotion, rule);
  node["escalation"] = {{"group", rule.escalate->group},
                        {"at", core::to_text(waiting->since + rule.escalate->after)},
                        {"escalated", escalated}};
  if (escalated) node["who"].push_back("group:" + rule.escalate->group);
  return node;
}

}  // namespace

json deciders(const core::Promotion& promotion) {
  auto who = json::array();
  if (core::is_end(promotion.phase)) return who;
  for (const auto& rule : promotion.policy->approvals) who.push_back("group:" + rule.group);
  if (who.empty()) who.push_back("any person");
  return who;
}

json approvals_node(const core::Promotion& promotion) {
  json rules = json::array();
  bool all = true;
  for (const auto& progress : core::progress(promotion)) {
    rules.push_back(rule_node(promotion, progress));
    if (!progress.met() && progress.rule->required) all = false;
  }
  json given = json::array();
  for (const auto& approval : promotion.approvals) {
    json one{{"person", approval.person}, {"at", core::to_text(approval.at)}};
    if (!approval.note.empty()) one["note"] = approval.note;
    if (!approval.condition.empty()) one["condition"] = approval.condition;
    if (!approval.voided.empty()) one["voided"] = approval.voided;
    given.push_back(std::move(one));
  }
  return {{"kind", "approvals"},
          {"name", "approvals"},
          {"met", all},
          {"conditions", std::move(rules)},
          {"given", std::move(given)}};
}

}  // namespace penstock::intake
