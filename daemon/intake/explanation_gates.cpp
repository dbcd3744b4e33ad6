// What gates have found before a candidate goes live: every attempt, its rules, and the waivers.
#include <algorithm>

#include "daemon/core/waiver.hpp"
#include "daemon/intake/explanation_findings.hpp"
#include "daemon/intake/explanation_nodes.hpp"

namespace penstock::intake {
namespace {

using nlohmann::json;

struct OneGate {
  const Explained& explained;
  const core::GateSpec& gate;
  const core::Check* newest;  // nullptr: never asked
};

std::string ask_waiver(const core::Promotion& promotion, const core::GateSpec& gate) {
  return "penstock waiver ask " + lane_words(promotion.lane) + " " + shell_word(gate.name) + " --candidate " +
         promotion.candidate.text() + " --for 24h --reason WHY --control WHAT";
}

bool is_about(const core::Waiver& waiver, const core::Promotion& promotion, const core::GateSpec& gate) {
  if (waiver.gate != gate.name) return false;
  return waiver.versions.empty() ? waiver.candidate == promotion.candidate
                                 : core::glob_match(waiver.versions, promotion.version);
}

Node waiver_node(const OneGate& one, const core::Waiver& waiver, bool helps) {
  Node node{waiver.id, "waiver", "waiver " + waiver.id + (waiver.rule.empty() ? "" : " of rule " + waiver.rule)};
  node.met = helps;
  node.counts = false;
  node.state = helps ? "in force" : waiver.granter.empty() ? "asked for" : "does not help";
  node.needed = "granted by somebody else than " + waiver.requester + ", and not over";
  node.observed = "asked for by " + waiver.requester + " (" + waiver.reason + "; instead: " + waiver.control + "), " +
                  (waiver.granter.empty() ? "not granted" : "granted by " + waiver.granter);
  node.since = waiver.asked_at;
  node.until = waiver.ends;
  const auto& promotion = one.explained.promotion;
  if (waiver.granter.empty() && waiver.ends > one.explained.now) {
    node.who = deciders(promotion);
    node.how = "penstock waiver grant " + lane_words(promotion.lane) + " " + waiver.id;
  }
  return node;
}

// Once deliveries have begun those that they began by; before, those that count now.
std::vector<core::Waiver> waivers_that_help(const OneGate& one) {
  const auto& promotion = one.explained.promotion;
  if (!one.newest->waivers.empty() || has_begun(promotion) || core::is_end(promotion.phase)) return one.newest->waivers;
  std::vector<core::Waiver> waivers;
  for (const auto* waiver : core::waivers_of(one.explained.lane.state, promotion, *one.newest, one.explained.now))
    waivers.push_back(*waiver);
  return waivers;
}

std::string never_waivable(const core::Finding& finding) {
  for (const auto& detail : finding.details)
    if (detail.never_waivable && detail.verdict != core::Verdict::passed) return detail.rule;
  return {};
}

Node waivers_node(const OneGate& one) {
  const auto& promotion = one.explained.promotion;
  Node node{"waivers", "waivers", "it is waived"};
  node.needed = "a waiver of the gate, or of each of its open rules, granted by somebody else than its requester";
  const auto helping = waivers_that_help(one);
  node.met = !helping.empty();
  for (const auto& waiver : helping) node.children.push_back(waiver_node(one, waiver, true));
  const auto is_listed = [&](const core::Waiver& waiver) {
    return std::any_of(helping.begin(), helping.end(), [&](const auto& other) { return other.id == waiver.id; });
  };
  if (!has_begun(promotion) && !core::is_end(promotion.phase))
    for (const auto& waiver : one.explained.lane.state.waivers)
      if (is_about(waiver, promotion, one.gate) && !is_listed(waiver))
        node.children.push_back(waiver_node(one, waiver, false));
  const auto never = never_waivable(*one.newest->finding);
  node.observed = *node.met               ? "waived"
                  : !never.empty()        ? "rule " + never + " can never be waived"
                  : node.children.empty() ? "nobody has asked for a waiver"
                                          : "no waiver that was asked for lets it pass";
  if (*node.met || !never.empty() || core::is_end(promotion.phase)) return node;
  node.who = {"any person"};
  node.how = ask_waiver(promotion, one.gate);
  return node;
}

Node answer_node(const OneGate& one, const core::Check& check) {
  Node node{"answer-" + std::to_string(check.attempt), "answer",
            "attempt " + std::to_string(check.attempt) + " passes"};
  node.counts = &check == one.newest;
  node.since = check.asked_at;
  if (check.finding) {
    put_finding(node, *check.finding);
    if (node.counts) node.children = rule_nodes(*check.finding);
    return node;
  }
  put_unanswered(node, check, one.explained.promotion);
  return node;
}

Node never_asked(const OneGate& one) {
  Node node{"answer-1", "answer", "attempt 1 passes"};
  node.state = core::is_end(one.explained.promotion.phase) ? "never asked" : "not asked yet";
  node.observed = "nothing: its stage was not reached";
  node.needed = "an answer that passes";
  return node;
}

// The gate shows what its newest answer does.
void sum_up(Node& node, const OneGate& one, const Node& answer) {
  const auto& promotion = one.explained.promotion;
  node.state = answer.state;
  node.observed = answer.observed;
  node.needed = answer.needed;
  node.since = answer.since;
  node.until = answer.until;
  node.who = answer.who;
  node.how = answer.how;
  for (const auto& [key, value] : answer.more.items()) node.more[key] = value;
  if (one.newest != nullptr) node.more["attempt"] = one.newest->attempt;
  if (answer.met == true || one.newest == nullptr || !one.newest->finding) return;
  if (one.gate.blocking && std::holds_alternative<core::Held>(promotion.phase)) {
    node.who = deciders(promotion);
    node.how = command_for(promotion, "retry") + " asks it again; or " + ask_waiver(promotion, one.gate);
  }
}

Node gate_node(const Explained& explained, const core::Stage& stage, const core::GateSpec& gate) {
  OneGate one{explained, gate, nullptr};
  Node node{gate.name, "gate", "gate " + gate.name + " (" + gate.kind + ") passes or is waived", MetBy::any};
  for (const auto& check : explained.promotion.checks)
    if (check.gate == gate.name && check.stage == stage.name) one.newest = &check;
  for (const auto& check : explained.promotion.checks)
    if (check.gate == gate.name && check.stage == stage.name) node.children.push_back(answer_node(one, check));
  if (one.newest == nullptr) node.children.push_back(never_asked(one));
  sum_up(node, one, node.children.back());
  node.more["uses"] = gate.kind;
  node.more["blocking"] = gate.blocking;
  const bool has_answered = one.newest != nullptr && one.newest->finding.has_value();
  // An advisory gate is waited for, and whatever it answers stops nothing.
  if (!gate.blocking) {
    node.title = "gate " + gate.name + " (" + gate.kind + ") has answered; it only advises";
    node.counts = !has_answered && !is_gone_without(explained, "gate " + gate.name);
    return node;
  }
  if (is_gone_without(explained, "gate " + gate.name)) {
    node.children.push_back(glass_node(explained, "gate " + gate.name));
    node.state = "gone without";
    node.who.clear();
    node.how.clear();
    return node;
  }
  if (!has_answered || node.children.back().met == true) return node;
  auto waivers = waivers_node(one);
  if (*waivers.met) {
    node.more["verdict"] = node.state;
    node.state = core::name_of(core::Verdict::waived);
    node.who.clear();
    node.how.clear();
    node.more["waivers"] = json::array();
    for (const auto& waiver : waivers_that_help(one)) node.more["waivers"].push_back(core::to_json(waiver));
  }
  node.children.push_back(std::move(waivers));
  return node;
}

}  // namespace

Node stage_node(const Explained& explained, const core::Stage& stage) {
  Node node{"stages/" + stage.name, "stage", "stage " + stage.name + " lets it pass", MetBy::all};
  for (const auto& gate : stage.gates) node.children.push_back(gate_node(explained, stage, gate));
  return node;
}

}  // namespace penstock::intake
