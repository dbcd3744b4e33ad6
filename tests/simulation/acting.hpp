// Who carries out what at this instant: what is due belongs to one daemon at a time.
#pragma once

#include <map>

#include "daemon/engine/performer.hpp"
#include "tests/simulation/ledger.hpp"
#include "tests/simulation/membership.hpp"

namespace penstock::simulation {

class Acting {
 public:
  Acting(World& world, const Membership& members, const Ledger& ledger)
      : world_(world), members_(members), ledger_(ledger) {}

  // What this run carries out under this key is a delivery, which acts from now on.
  void acts(Owner owner, const std::string& key);
  bool anybody() const { return !under_way_.empty(); }
  // As long as it lives, this run carries the row out. It ends with the coroutine that holds it, also when the process
  // is killed.
  class Stay {
   public:
    Stay(Acting& acting, Owner owner, const journal::OutboxRow& row);
    ~Stay();
    Stay(const Stay&) = delete;
    Stay& operator=(const Stay&) = delete;

   private:
    Acting& acting_;
    const std::pair<Owner, std::string> place_;
  };

 private:
  struct Deed {
    journal::OutboxRow row;
    Moment since{};
    bool acts = false;
  };
  // Whoever was declared dead begins nothing any more.
  void look_at_life_of(Owner owner, const std::string& key) const;
  // Nothing can be said of leases while clocks have just been set.
  bool is_sure() const;
  void look_at(Owner owner, const journal::OutboxRow& row) const;

  World& world_;
  const Membership& members_;
  const Ledger& ledger_;
  std::map<std::pair<Owner, std::string>, Deed> under_way_;  // by run and key
};

// A daemon's performer, seen by that.
class SeenPerformer : public engine::Performer {
 public:
  SeenPerformer(Acting& acting, Owner owner, engine::Performer& performer)
      : acting_(acting), owner_(owner), performer_(performer) {}
  engine::asio::awaitable<engine::Performed> perform(const core::Command& command,
                                                     const journal::OutboxRow& row) override;
  bool bounds_itself() const override { return performer_.bounds_itself(); }

 private:
  Acting& acting_;
  const Owner owner_;
  engine::Performer& performer_;
};

}  // namespace penstock::simulation
