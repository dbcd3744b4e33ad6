#include "daemon/intake/explanation.hpp"

#include "daemon/engine/engine.hpp"
#include "daemon/intake/api_promotions.hpp"
#include "daemon/intake/delivery_window.hpp"
#include "daemon/intake/explanation_nodes.hpp"
#include "daemon/intake/kept_policy.hpp"

namespace penstock::intake {
namespace {

using nlohmann::json;

Node root_of(const Explained& explained) {
  const auto& promotion = explained.promotion;
  Node root{"live", "promotion", "version " + promotion.version + " is live in " + core::to_text(promotion.lane),
            MetBy::all};
  root.needed = "every condition of policy " + promotion.policy->name;
  root.observed = "it is " + std::string(core::phase_name(promotion.phase));
  root.since = promotion.changed_at;
  root.children.push_back(candidate_node(explained));
  for (const auto& stage : promotion.policy->stages) root.children.push_back(stage_node(explained, stage));
  root.children.push_back(approvals_node(explained));
  root.children.push_back(time_node(explained));
  root.children.push_back(lane_node(explained));
  root.children.push_back(deliveries_node(explained));
  if (promotion.policy->drift) root.children.push_back(drift_node(explained, *promotion.policy->drift));
  if (promotion.policy->watch) root.children.push_back(watch_node(explained, *promotion.policy->watch));
  if (const auto* held = std::get_if<core::Held>(&promotion.phase))
    root.children.push_back(hold_node(explained, *held));
  if (core::is_end(promotion.phase)) root.children.push_back(end_node(explained));
  if (const auto wait = core::wait_in(explained.lane, promotion)) root.until = wait->until;
  judge(root);
  return root;
}

}  // namespace

json explain(const Explained& explained) {
  const auto& promotion = explained.promotion;
  const auto root = root_of(explained);
  const auto count = count_of(root);
  json document{{"promotion", promotion.id},
                {"model", promotion.lane.model},
                {"version", promotion.version},
                {"environment", promotion.lane.environment},
                {"candidate", promotion.candidate.text()},
                {"policy", kept_policy_json(promotion, explained.world)},
                {"decide_on", engine::Engine::decision_digest(promotion).text()},
                {"phase", core::phase_name(promotion.phase)},
                {"at", core::to_text(explained.now)},
                {"conditions", {{"met", count.met}, {"of", count.all}}},
                {"paragraph", paragraph(explained, root)},
                {"wait", wait_json(explained.lane, promotion)},
                {"window", window_json(opening_for(explained), promotion.lane)}};
  if (!promotion.takes_back.empty()) document["takes_back"] = promotion.takes_back;
  if (explained.lane.state.pin && std::holds_alternative<core::Queued>(promotion.phase))
    document["pin"] = core::to_json(explained.lane.state)["pin"];
  document["tree"] = to_json(root);
  return document;
}

}  // namespace penstock::intake
