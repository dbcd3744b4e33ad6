// A registry in which each lane has an alias, which daemons move, and strangers too.
#pragma once

#include <map>
#include <set>
#include <string>

#include "daemon/core/lane.hpp"
#include "plugins/sdk/kinds.hpp"
#include "tests/simulation/network.hpp"

namespace penstock::simulation {

class Registry : public Peer {
 public:
  explicit Registry(World& world) : world_(world) {}
  // PUT {"promotion": …, "key": …} moves the alias of the lane that the URL ends with, GET reads it.
  sdk::HttpResponse receive(const sdk::HttpRequest& request) override;
  // Somebody moves one of the aliases elsewhere.
  void move_by_hand();

  bool has_carried_out(const std::string& key) const { return keys_.contains(key); }
  // The promotion that the alias of the lane points to; empty when it points to nothing of Penstock's.
  std::string alias_of(const core::LaneKey& lane) const;

 private:
  World& world_;
  std::map<std::string, std::string> aliases_;  // by "<model>/<environment>": the promotion
  std::set<std::string> keys_;
};

// A delivery that moves the alias in the registry `with.registry`, and reads it back.
sdk::DeliveryKind alias_kind();

}  // namespace penstock::simulation
