#include "daemon/intake/explanation.hpp"

#include "daemon/engine/engine.hpp"
#include "daemon/intake/api_promotions.hpp"
#include "daemon/intake/explanation_nodes.hpp"

namespace penstock::intake {
namespace {

using nlohmann::json;

json tree_of(const Explained& explained) {
  const auto& promotion = explained.promotion;
  const auto& policy = *promotion.policy;
  json tree = json::array();
  for (const auto& stage : policy.stages) tree.push_back(stage_node(explained, stage));
  if (!policy.approvals.empty()) tree.push_back(approvals_node(promotion));
  if (!policy.windows.empty() || std::holds_alternative<core::AwaitingWindow>(promotion.phase))
    tree.push_back(window_node(promotion));
  if (!policy.deliveries.empty()) tree.push_back(deliveries_node(promotion));
  if (policy.watch) tree.push_back(watch_node(explained, *policy.watch));
  return tree;
}

}  // namespace

Count count_of(const json& tree) {
  Count count;
  for (const auto& branch : tree) {
    if (branch["kind"] == "watch") continue;
    for (const auto& leaf : branch["conditions"]) {
      if (!leaf.value("blocking", true)) continue;
      ++count.all;
      if (leaf["met"].get<bool>()) ++count.met;
    }
  }
  return count;
}

json explain(const Explained& explained) {
  const auto& promotion = explained.promotion;
  auto tree = tree_of(explained);
  const auto count = count_of(tree);
  json document{{"promotion", promotion.id},
                {"model", promotion.lane.model},
                {"version", promotion.version},
                {"environment", promotion.lane.environment},
                {"candidate", promotion.candidate.text()},
                {"policy", {{"name", promotion.policy->name}, {"digest", promotion.policy->digest.text()}}},
                {"decide_on", engine::Engine::decision_digest(promotion).text()},
                {"phase", core::phase_name(promotion.phase)},
                {"conditions", {{"met", count.met}, {"of", count.all}}},
                {"paragraph", paragraph(explained, tree)},
                {"wait", wait_json(explained.lane, promotion)}};
  if (!promotion.takes_back.empty()) document["takes_back"] = promotion.takes_back;
  if (explained.lane.state.pin && std::holds_alternative<core::Queued>(promotion.phase))
    document["pin"] = core::to_json(explained.lane.state)["pin"];
  document["tree"] = std::move(tree);
  return document;
}

}  // namespace penstock::intake
