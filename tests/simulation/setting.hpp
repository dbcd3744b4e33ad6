// Which policies, people and peers a seed has.
#pragma once

#include <map>

#include "daemon/core/policy.hpp"
#include "daemon/core/world.hpp"
#include "daemon/notice/notice_performer.hpp"
#include "tests/simulation/world.hpp"

namespace penstock::simulation {

// A part of each day, in minutes since midnight UTC, in which deliveries may begin.
struct OpenTime {
  int from = 0;
  int to = 0;
};

struct Setting {
  bool pair = false;  // two daemons on one journal
  std::vector<std::string> models;
  std::vector<std::shared_ptr<const core::Policy>> policies;
  std::map<std::string, std::vector<OpenTime>> open_times;  // by environment; of those with windows
  std::shared_ptr<const core::People> people;               // as daemons that start from now on are told
  std::string leaver;                                       // who loses a group some day; empty: nobody
  std::vector<sdk::Endpoint> endpoints;
  std::vector<notice::Listener> listeners;
  std::vector<std::string> examiners, receivers, pagers, registries;  // hosts
  Moment faults_for{};                                                // how long things go wrong
  int versions = 1;                                                   // how many candidates are shown

  std::vector<std::shared_ptr<const core::Policy>> covering(const std::string& model) const;
  const sdk::Endpoint& endpoint(const std::string& name) const;
  bool is_open(const std::string& environment, core::Time at) const;
  // The leaver loses the last of their groups; whoever is in none then is known no more.
  void lose_leaver();
};

// In which every clock shows UTC.
const core::TimeZones& time_zones();

Setting invented_setting(World& world);

}  // namespace penstock::simulation
