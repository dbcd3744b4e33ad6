// People who look at what is in the journal now and then, and decide: sensibly, and not.
#pragma once

#include "tests/simulation/callers.hpp"

namespace penstock::simulation {

class People {
 public:
  People(World& world, const Setting& setting, Ledger& ledger, Callers& callers)
      : world_(world), setting_(setting), ledger_(ledger), callers_(callers) {}

  // Shows candidates and decides until the faults stop.
  void begin();
  // A receiver has carried out what it was sent under this key, and says so some time later.
  void send_receipt(const std::string& key);
  // What somebody is still going to say.
  int pending() const { return pending_; }

 private:
  void say_later(Moment least, Moment most, core::Event event);
  void show();
  void look();
  void decide(const core::Promotion& promotion);
  void approve(const core::Promotion& promotion);
  void stop_all();
  void pin(const core::LaneKey& lane);
  void waive(const core::Promotion& promotion);
  std::string somebody();
  // None of somebody who has left, but may not have heard of it.
  std::vector<std::string> groups_of(const std::string& person) const {
    const auto known = setting_.people->find(person);
    return known == setting_.people->end() ? std::vector<std::string>() : known->second;
  }
  core::Time now() const { return world_.wall(); }

  World& world_;
  const Setting& setting_;
  Ledger& ledger_;
  Callers& callers_;
  int shown_ = 0;
  int pending_ = 0;
  int given_ = 0;  // ids of waivers and stops
};

}  // namespace penstock::simulation
