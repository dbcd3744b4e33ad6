// What a decision may know beyond its lane and its event. Pure data and pure functions: the engine hands them in.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/core/lane_state.hpp"
#include "daemon/core/policy.hpp"

namespace penstock::core {

// Everybody who is known, and the groups they are in now.
using People = std::map<std::string, std::vector<std::string>>;

struct World {
  // SHA-256. Without it findings have no digest, and no approval is bound to them.
  std::function<Digest(std::string_view)> digest;
  // Nothing: who is in which group is not known, and what was true when an approval was given is taken to hold.
  const People* people = nullptr;
  // Without them windows with a time zone cannot be understood, and close the lane.
  const TimeZones* zones = nullptr;
  // The stops that hold for all lanes.
  const std::vector<Stop>* stops = nullptr;
  // The delegations that were given, ended ones among them.
  const std::vector<Delegation>* delegations = nullptr;
  // The environments that follow this one, and after how long.
  std::vector<AfterSpec> followers{};
  // The policy that covers the lane now; nothing when none does. Promotions keep their own.
  std::shared_ptr<const Policy> policy;
  // The id of a promotion that the decision itself opens (a rollback), made outside the core.
  PromotionId fresh_id;
  // The places of all lanes, and how many each semaphore has.
  const std::vector<Place>* places = nullptr;
  std::shared_ptr<const Semaphores> semaphores{};
};

}  // namespace penstock::core
