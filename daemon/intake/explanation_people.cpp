// What people have given, taken back, or are still to give.
#include <algorithm>

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

// Who may not count for the rule, by the names that the promotion knows them by.
json excluded_by(const core::Promotion& promotion, const core::ApprovalRule& rule) {
  auto all = json::array();
  const auto add = [&](const std::string& name, core::Excluded as) {
    if (!name.empty()) all.push_back({{"name", name}, {"as", core::name_of(as)}});
  };
  for (const auto excluded : rule.excluded) {
    if (excluded == core::Excluded::submitter) add(promotion.submitter, excluded);
    if (excluded == core::Excluded::editor) add(promotion.policy->editor, excluded);
    if (excluded == core::Excluded::author)
      for (const auto& author : promotion.authors) add(author, excluded);
  }
  return all;
}

std::string approval_needed(const core::ApprovalRule& rule) {
  auto text = std::to_string(rule.count) + (rule.count == 1 ? " approval" : " approvals") + " by " + rule.group;
  std::string excluded;
  for (const auto one : rule.excluded) excluded += (excluded.empty() ? ", not by " : " or ") + told(one);
  return text + excluded + (rule.required ? "" : " (optional)");
}

const core::Approval* given_by(const core::Promotion& promotion, const std::string& person) {
  for (const auto& approval : promotion.approvals)
    if (approval.person == person && approval.voided.empty()) return &approval;
  return nullptr;
}

Node given_node(const core::Promotion& promotion, const std::string& person) {
  Node node{"given/" + person, "given", person + " approves"};
  node.met = true;
  node.needed = "an approval that counts";
  node.observed = person + " has approved";
  const auto* approval = given_by(promotion, person);
  if (approval == nullptr) return node;
  node.since = approval->at;
  if (!approval->condition.empty()) node.observed += " on a condition: " + approval->condition;
  node.who = {"person:" + person};
  const auto& phase = promotion.phase;
  if (std::holds_alternative<core::AwaitingApproval>(phase) || std::holds_alternative<core::AwaitingWindow>(phase))
    node.how = decision_for(promotion, "take-back") + " takes it back";
  else
    node.who.clear();
  return node;
}

std::vector<std::string> askable(const core::Promotion& promotion, const core::ApprovalRule& rule) {
  if (core::is_end(promotion.phase)) return {};
  std::vector<std::string> who{"group:" + rule.group};
  if (core::is_escalated(promotion, rule)) who.push_back("group:" + rule.escalate->group);
  return who;
}

Node missing_node(const core::Promotion& promotion, const core::ApprovalRule& rule, std::size_t number) {
  Node node{"missing/" + std::to_string(number), "missing", "one more of " + rule.group + " approves"};
  node.met = false;
  node.needed = "an approval by a person who has not given one";
  node.observed = "not given";
  node.who = askable(promotion, rule);
  if (core::is_end(promotion.phase)) return node;
  const auto* waiting = std::get_if<core::AwaitingApproval>(&promotion.phase);
  const auto approve = decision_for(promotion, "approve");
  node.how = waiting != nullptr ? approve : approve + ", once its gates have passed";
  if (waiting != nullptr) node.until = waiting->since + rule.expires;
  return node;
}

Node rule_node(const core::Promotion& promotion, const core::RuleProgress& progress) {
  const auto& rule = *progress.rule;
  Node node{rule.group, "approval", approval_needed(rule), MetBy::all};
  node.needed = approval_needed(rule);
  node.counts = rule.required;
  node.more["given_by"] = progress.given_by;
  node.more["excluded"] = excluded_by(promotion, rule);
  node.more["required"] = rule.required;
  std::string names;
  for (const auto& person : progress.given_by) {
    names += (names.empty() ? ": " : ", ") + person;
    node.children.push_back(given_node(promotion, person));
  }
  const auto count = static_cast<std::size_t>(rule.count);
  for (auto given = progress.given_by.size(); given < count; ++given)
    node.children.push_back(missing_node(promotion, rule, given + 1));
  node.observed = std::to_string(progress.given_by.size()) + " of " + std::to_string(rule.count) + names;
  if (progress.met()) return node;
  node.who = node.children.back().who;
  node.how = node.children.back().how;
  const auto* waiting = std::get_if<core::AwaitingApproval>(&promotion.phase);
  if (waiting == nullptr) return node;
  node.since = waiting->since;
  node.until = waiting->since + rule.expires;
  if (rule.escalate)
    node.more["escalation"] = {{"group", rule.escalate->group},
                               {"at", core::to_text(waiting->since + rule.escalate->after)},
                               {"escalated", core::is_escalated(promotion, rule)}};
  return node;
}

Node voided_node(const core::Approval& approval) {
  Node node{"voided/" + approval.person, "voided", "the approval of " + approval.person + " counts"};
  node.met = false;
  node.counts = false;
  node.since = approval.at;
  node.needed = "an approval that counts";
  node.observed = "it no longer counts: " + approval.voided;
  return node;
}

}  // namespace

Node approvals_node(const Explained& explained) {
  const auto& promotion = explained.promotion;
  Node node{"approvals", "approvals", "the people who must agree do", MetBy::all};
  for (const auto& progress : core::progress(promotion)) node.children.push_back(rule_node(promotion, progress));
  json given = json::array();
  for (const auto& approval : promotion.approvals) {
    json one{{"person", approval.person}, {"at", core::to_text(approval.at)}};
    if (!approval.note.empty()) one["note"] = approval.note;
    if (!approval.condition.empty()) one["condition"] = approval.condition;
    if (!approval.voided.empty()) one["voided"] = approval.voided;
    given.push_back(std::move(one));
    if (!approval.voided.empty()) node.children.push_back(voided_node(approval));
  }
  node.more["given"] = std::move(given);
  go_without(explained, node, "approvals");
  return node;
}

}  // namespace penstock::intake
