// A promotion as people and programs outside see it: names and times as text, with what it waits for.
#include <nlohmann/json.hpp>

#include "daemon/core/approval.hpp"
#include "daemon/core/codec.hpp"

namespace penstock::core {
namespace {

using nlohmann::json;

struct Reason {
  std::string operator()(const Queued&) const { return {}; }
  std::string operator()(const Checking&) const { return {}; }
  std::string operator()(const AwaitingApproval&) const { return {}; }
  std::string operator()(const AwaitingWindow& p) const { return p.reason; }
  std::string operator()(const Delivering&) const { return {}; }
  std::string operator()(const Watching&) const { return {}; }
  std::string operator()(const Live&) const { return {}; }
  std::string operator()(const Held& p) const { return p.reason; }
  std::string operator()(const Rejected& p) const { return "rejected by " + p.by + ": " + p.reason; }
  std::string operator()(const Expired& p) const { return p.what; }
  std::string operator()(const Superseded& p) const { return "superseded by " + p.by; }
  std::string operator()(const Withdrawn& p) const { return "withdrawn by " + p.by + ": " + p.reason; }
  std::string operator()(const Vetoed& p) const { return "vetoed by " + p.by + ": " + p.reason; }
  std::string operator()(const RolledBack& p) const { return "rolled back by " + p.by; }
  std::string operator()(const Replaced& p) const { return "replaced by " + p.by; }
};

json checks_of(const Promotion& promotion) {
  auto checks = json::array();
  for (const auto& check : promotion.checks) {
    json item{{"stage", check.stage},
              {"gate", check.gate},
              {"attempt", check.attempt},
              {"asked_at", to_text(check.asked_at)},
              {"deadline", to_text(check.deadline)}};
    if (check.finding) item["finding"] = to_json(*check.finding);
    for (const auto& waiver : check.waivers) item["waivers"].push_back(to_json(waiver));
    for (const auto& stage : promotion.policy->stages)
      for (const auto& gate : stage.gates)
        if (gate.name == check.gate) item["blocking"] = gate.blocking;
    checks.push_back(std::move(item));
  }
  return checks;
}

json approvals_of(const Promotion& promotion) {
  json given = json::array();
  for (const auto& approval : promotion.approvals) {
    json item{{"person", approval.person},
              {"groups", approval.groups},
              {"at", to_text(approval.at)},
              {"note", approval.note}};
    if (!approval.condition.empty()) item["condition"] = approval.condition;
    if (!approval.on_behalf_of.empty()) item["on_behalf_of"] = approval.on_behalf_of;
    if (!approval.voided.empty()) item["voided"] = approval.voided;
    given.push_back(std::move(item));
  }
  json rules = json::array();
  for (const auto& rule : progress(promotion))
    rules.push_back({{"group", rule.rule->group},
                     {"needed", rule.rule->count},
                     {"required", rule.rule->required},
                     {"given_by", rule.given_by},
                     {"met", rule.met()}});
  return {{"given", std::move(given)}, {"rules", std::move(rules)}};
}

json deliveries_of(const Promotion& promotion) {
  json deliveries = json::array();
  for (const auto& step : promotion.deliveries) {
    json item{{"name", step.name}, {"round", step.round}, {"state", name_of(step.state)}};
    if (!step.answer.empty()) item["answer"] = step.answer;
    if (step.deadline != Time{}) item["deadline"] = to_text(step.deadline);
    if (step.ended_at) item["ended_at"] = to_text(*step.ended_at);
    if (step.look) {
      item["look"] = {{"effect", name_of(step.look->effect)}, {"blind", step.look->blind}};
      if (!step.look->observed.empty()) item["look"]["observed"] = step.look->observed;
      if (step.look->at != Time{}) item["look"]["at"] = to_text(step.look->at);
    }
    deliveries.push_back(std::move(item));
  }
  return deliveries;
}

}  // namespace

json to_json(const Promotion& promotion) {
  json document{{"id", promotion.id},
                {"model", promotion.lane.model},
                {"environment", promotion.lane.environment},
                {"candidate", promotion.candidate.text()},
                {"version", promotion.version},
                {"submitter", promotion.submitter},
                {"authors", promotion.authors},
                {"trigger", promotion.trigger},
                {"policy", {{"name", promotion.policy->name}, {"digest", promotion.policy->digest.text()}}},
                {"opened_at", to_text(promotion.opened_at)},
                {"changed_at", to_text(promotion.changed_at)},
                {"phase", phase_name(promotion.phase)},
                {"ended", is_end(promotion.phase)},
                {"checks", checks_of(promotion)},
                {"approvals", approvals_of(promotion)},
                {"deliveries", deliveries_of(promotion)}};
  if (promotion.glass) document["break_glass"] = to_json(*promotion.glass);
  if (promotion.acknowledgement) {
    document["acknowledgement"] = to_json(*promotion.acknowledgement);
    document["acknowledgement"]["by"] = promotion.policy->audit.acknowledged_by;
  }
  if (!promotion.takes_back.empty()) document["takes_back"] = promotion.takes_back;
  if (const auto* waiting = std::get_if<AwaitingWindow>(&promotion.phase); waiting != nullptr && waiting->opens)
    document["next_open"] = to_text(*waiting->opens);
  if (const auto* waiting = std::get_if<AwaitingWindow>(&promotion.phase);
      waiting != nullptr && !waiting->semaphore.empty())
    document["semaphore"] = {{"name", waiting->semaphore}};
  if (const auto* watching = std::get_if<Watching>(&promotion.phase))
    document["watch"] = {{"since", to_text(watching->since)}, {"round", watching->round}, {"failed", watching->failed}};
  if (const auto reason = std::visit(Reason{}, promotion.phase); !reason.empty()) document["reason"] = reason;
  if (const auto* held = std::get_if<Held>(&promotion.phase); held != nullptr && !held->next.empty())
    document["next"] = held->next;
  if (const auto wait = wait_of(promotion))
    document["wait"] = {{"what", wait->what}, {"who", wait->who}, {"until", to_text(wait->until)}};
  return document;
}

}  // namespace penstock::core
