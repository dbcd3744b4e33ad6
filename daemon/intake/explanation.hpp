// Why a promotion is where it is: every condition of its being live as a proof tree, and one paragraph for people.
#pragma once

#include <nlohmann/json.hpp>

#include "daemon/core/acknowledgement.hpp"
#include "daemon/core/lane.hpp"
#include "daemon/core/world.hpp"

namespace penstock::intake {

// What is explained; the lane is that of the promotion, which need not be in it any more.
struct Explained {
  const core::Promotion& promotion;
  const core::Lane& lane;
  const core::World& world;
  core::Time now;
  // The digest of the candidate's content as the journal has it now; nothing: it could not be read.
  std::optional<core::CandidateId> content{};
  // How far the audit log's sinks and witnesses are.
  std::vector<core::AcknowledgerState> acknowledgers{};
};

// {"promotion", "phase", "conditions": {"met", "of"}, "wait", "window", "paragraph", "tree": {…}}. The tree's root is
// "version X is live in lane Y"; explanation_schemas() tell what a node has. `conditions` counts those that decide: the
// gates, rules, hours, places and deliveries, not what they are made of. `pin` is there while the promotion is queued
// in a lane that somebody holds; `takes_back` when it goes back.
nlohmann::json explain(const Explained& explained);

// JSON Schemas (2020-12) by the names of the API's description: "Explanation" is what explain() gives.
nlohmann::json explanation_schemas();

}  // namespace penstock::intake
