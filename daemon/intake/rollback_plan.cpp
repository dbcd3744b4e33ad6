#include "daemon/intake/rollback_plan.hpp"

#include "daemon/intake/api_lanes.hpp"
#include "daemon/intake/delivery_window.hpp"
#include "daemon/intake/policy_json.hpp"

namespace penstock::intake {

using nlohmann::json;

json rollback_plan(const core::Lane& lane, const core::Decision& decision, const core::PromotionId& opened,
                   const core::World& world, core::Time now) {
  const auto* back = core::find(decision.lane, opened);
  if (back == nullptr) return {{"ignored", decision.ignored}};
  auto supersedes = json::array();
  for (const auto& promotion : decision.lane.promotions) {
    const auto* superseded = std::get_if<core::Superseded>(&promotion.phase);
    if (superseded != nullptr && superseded->by == opened) supersedes.push_back(brief_json(promotion));
  }
  json document{{"model", lane.key.model},
                {"environment", lane.key.environment},
                {"takes_back", nullptr},
                {"target", {{"candidate", back->candidate.text()}, {"version", back->version}}},
                {"policy", back->policy->name},
                {"stages", stages_json(*back->policy)},
                {"approvals", approvals_json(*back->policy)},
                {"deliveries", deliveries_json(*back->policy)},
                {"supersedes", std::move(supersedes)},
                {"phase", core::phase_name(back->phase)},
                {"window", window_json(opening_of(world, decision.lane, *back, now), lane.key)},
                {"pin", core::to_json(decision.lane.state).value("pin", json())}};
  if (const auto* live = core::live_in(lane)) {
    document["takes_back"] = brief_json(*live);
    document["takes_back"]["decide_on"] = engine::Engine::decision_digest(*live).text();
  }
  return document;
}

}  // namespace penstock::intake
