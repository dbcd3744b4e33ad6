// What gates have found: before a candidate goes live, and while it is watched.
#include <algorithm>

#include "daemon/core/waiver.hpp"
#include "daemon/intake/explanation_nodes.hpp"

namespace penstock::intake {
namespace {

using nlohmann::json;

// Once it went live those that it went live by; before, those that count now.
json waivers_that_help(const Explained& explained, const core::Check& check) {
  auto waivers = json::array();
  for (const auto& waiver : check.waivers) waivers.push_back(core::to_json(waiver));
  const auto& phase = explained.promotion.phase;
  if (!waivers.empty() || core::is_live(phase) || core::is_end(phase)) return waivers;
  for (const auto* waiver : core::waivers_of(explained.lane.state, explained.promotion, check, explained.now))
    waivers.push_back(core::to_json(*waiver));
  return waivers;
}

json new_node(const core::GateSpec& gate) {
  return {{"kind", "gate"},      {"name", gate.name},
          {"uses", gate.kind},   {"blocking", gate.blocking},
          {"met", false},        {"needed", "an answer that passes"},
          {"who", json::array()}};
}

void put_finding(json& node, const core::Finding& finding) {
  node["state"] = core::name_of(finding.verdict);
  node["met"] = finding.verdict == core::Verdict::passed;
  node["observed"] = finding.observed;
  if (!finding.needed.empty()) node["needed"] = finding.needed;
  const auto whole = core::to_json(finding);
  for (const auto* key : {"source", "at", "next", "details", "evidence"})
    if (whole.contains(key) && !whole[key].empty()) node[key] = whole[key];
}

json gate_node(const Explained& explained, const core::GateSpec& gate) {
  const auto& promotion = explained.promotion;
  const bool has_ended = core::is_end(promotion.phase);
  auto node = new_node(gate);
  const auto* check = core::newest_check(promotion, gate.name);
  if (check == nullptr) {
    node["state"] = has_ended ? "never asked" : "not asked yet";
    node["observed"] = "nothing: its stage was not reached";
    return node;
  }
  node["attempt"] = check->attempt;
  if (!check->finding) {
    node["state"] = has_ended ? "called off" : "under way";
    node["observed"] = "nothing yet: asked at " + core::to_text(check->asked_at);
    node["until"] = core::to_text(check->deadline);
    if (!has_ended) node["who"] = {"penstock"};
    return node;
  }
  put_finding(node, *check->finding);
  if (node["met"].get<bool>()) return node;
  if (auto waivers = waivers_that_help(explained, *check); !waivers.empty()) {
    node["verdict"] = node["state"];
    node["state"] = core::name_of(core::Verdict::waived);
    node["met"] = true;
    node["waivers"] = std::move(waivers);
  } else if (gate.blocking) {
    node["who"] = deciders(promotion);
  }
  return node;
}

// The newest answer: while a round is under way the one before is what is known.
json watch_gate_node(const core::Promotion& promotion, const core::GateSpec& gate) {
  auto node = new_node(gate);
  node["state"] = "not reached";
  node["observed"] = "nothing yet";
  for (const auto& check : promotion.checks) {
    if (check.gate != gate.name) continue;
    if (node["state"] == "not reached") node["state"] = "under way";
    if (!check.finding) continue;
    node["attempt"] = check.attempt;
    put_finding(node, *check.finding);
  }
  return node;
}

}  // namespace

json stage_node(const Explained& explained, const core::Stage& stage) {
  json gates = json::array();
  bool all = true;
  for (const auto& gate : stage.gates) {
    gates.push_back(gate_node(explained, gate));
    if (gate.blocking && !gates.back()["met"].get<bool>()) all = false;
  }
  return {{"kind", "stage"}, {"name", stage.name}, {"met", all}, {"conditions", std::move(gates)}};
}

json watch_node(const Explained& explained, const core::WatchSpec& watch) {
  const auto& promotion = explained.promotion;
  json gates = json::array();
  bool all = true;
  for (const auto& gate : watch.gates) {
    gates.push_back(watch_gate_node(promotion, gate));
    if (gate.blocking && !gates.back()["met"].get<bool>()) all = false;
  }
  json node{{"kind", "watch"},
            {"name", "watch"},
            {"met", all},
            {"needed", "fewer than " + std::to_string(watch.failures) + " of the last " + std::to_string(watch.of) +
                           " looks fail, for " + core::to_text(watch.duration)},
            {"on_failure", core::name_of(watch.on_failure)},
            {"conditions", std::move(gates)}};
  if (const auto* watching = std::get_if<core::Watching>(&promotion.phase)) {
    const auto failed = std::count(watching->failed.begin(), watching->failed.end(), true);
    node["round"] = watching->round;
    node["since"] = core::to_text(watching->since);
    node["until"] = core::to_text(watching->until);
    node["looks"] = watching->failed.size();
    node["failed"] = failed;
    node["blind"] = watching->blind;
  }
  return node;
}

}  // namespace penstock::intake
