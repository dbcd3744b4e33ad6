// Which runs of daemons share the journal: how they show that they are alive, how they declare others dead, and what
// time they agree on. As daemon/journal/postgres_membership does it. The world's clock on the wall is the database's.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "daemon/journal/shared.hpp"
#include "tests/simulation/world.hpp"

namespace penstock::simulation {

class Membership {
 public:
  static constexpr Moment lease = std::chrono::seconds(3);
  static constexpr Moment interval = lease / 6;

  // `ended` is called when an epoch has ended: what it had claimed is free.
  Membership(World& world, std::function<void(Owner)> ended) : world_(world), ended_(std::move(ended)) {}

  // `clock` tells how far the clock of its machine is ahead of the world's, from now on.
  void join(Owner owner, const std::string& name, const core::Duration& clock);
  // It shows that it is alive, and looks around. False when its own epoch has ended.
  bool show(Owner owner);
  bool is_in_force(Owner owner) const;
  bool has_ended(Owner owner) const { return members_.at(owner).has_ended; }
  // How far the database's clock is ahead of its machine's, as far as it knows.
  core::Duration clock_ahead(Owner owner) const { return members_.at(owner).clock_ahead; }
  // Its process is gone, and was alone with the journal.
  void end(Owner owner);
  // Its process is gone.
  void leave(Owner owner) { listeners_.erase(owner); }

  void listen(Owner owner, std::function<void()> events) { listeners_[owner] = std::move(events); }
  // Somebody has written events.
  void wrote(Owner owner);

 private:
  struct Member {
    std::string name;
    const core::Duration* clock = nullptr;
    Moment shown_at{};
    Moment well_since{};
    core::Duration clock_ahead{};
    bool has_ended = false;
    std::int64_t heard = 0;
  };
  void look_at_clock(Member& member);

  World& world_;
  std::function<void(Owner)> ended_;
  std::map<Owner, Member> members_;
  std::map<Owner, std::function<void()>> listeners_;
  std::int64_t written_ = 0;  // how often somebody has written events
};

}  // namespace penstock::simulation
