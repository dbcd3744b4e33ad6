// Which policies, people and peers a seed has.
#pragma once

#include "daemon/core/policy.hpp"
#include "daemon/core/world.hpp"
#include "daemon/notice/notice_performer.hpp"
#include "tests/simulation/world.hpp"

namespace penstock::simulation {

struct Setting {
  bool pair = false;  // two daemons on one journal
  std::vector<std::string> models;
  std::vector<std::shared_ptr<const core::Policy>> policies;
  std::shared_ptr<const core::People> people;
  std::vector<sdk::Endpoint> endpoints;
  std::vector<notice::Listener> listeners;
  std::vector<std::string> examiners, receivers, pagers, registries;  // hosts
  Moment faults_for{};                                                // how long things go wrong
  int versions = 1;                                                   // how many candidates are shown

  std::vector<std::shared_ptr<const core::Policy>> covering(const std::string& model) const;
  const sdk::Endpoint& endpoint(const std::string& name) const;
};

Setting invented_setting(World& world);

}  // namespace penstock::simulation
