// The branches of an explanation's tree.
#pragma once

#include "daemon/intake/explanation.hpp"

namespace penstock::intake {

nlohmann::json stage_node(const Explained& explained, const core::Stage& stage);
nlohmann::json watch_node(const Explained& explained, const core::WatchSpec& watch);
nlohmann::json approvals_node(const core::Promotion& promotion);
nlohmann::json window_node(const core::Promotion& promotion);
nlohmann::json deliveries_node(const core::Promotion& promotion);

// Who can end a condition that is not met and whose machine has given its answer.
nlohmann::json deciders(const core::Promotion& promotion);

struct Count {
  int met = 0;
  int all = 0;
};
// Of the leaves that decide.
Count count_of(const nlohmann::json& tree);

}  // namespace penstock::intake
