// Plays a case against advance(), and looks at every property after everything that happens.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "tests/property/ledger.hpp"
#include "tests/property/outbox.hpp"
#include "tests/property/properties.hpp"

namespace penstock::property {

class Play {
 public:
  // `the_case` without its steps: they are handed to happens(). It must outlive the play.
  explicit Play(const Case& the_case);

  std::optional<Failure> happens(const Step& step);
  // Everything that is due is carried out, in its order and with time moving on, until nothing is due any more; gates
  // answer this and that, receivers mostly confirm, and no person does anything.
  std::optional<Failure> is_left_to_itself();

  const Lane& lane() const { return lane_; }
  const Lane& every() const { return every_; }
  const Outbox& outbox() const { return outbox_; }
  const World& world() const { return world_; }
  const People& people() const { return people_; }
  Time now() const { return now_; }
  // Of the last step: why nothing was done; empty when something was.
  const std::string& answer() const { return answer_; }
  // Is called with every step of is_left_to_itself(), once it has happened.
  std::function<void(const Step&)> on_step;

 private:
  std::optional<Failure> decide(Event event);
  std::optional<Failure> decide_for_all_lanes(const Event& event);
  Event answer_to(const Row& row) const;

  const Case& case_;
  People people_;
  World world_;
  Lane lane_;
  Lane every_;  // the lane of all lanes
  Ledger ledger_;
  Outbox outbox_;
  Time now_;
  Time latest_;
  std::string answer_;
};

// What follows from a wish about a place: in the lane of all lanes, in the lane that is played, or in another one,
// which gives back what it is given.
std::optional<Event> event_of_place(const Command& command);

// The whole case, then left to itself.
std::optional<Failure> play(const Case& the_case);

// The case with as few steps, gates, rules and deliveries as break the same property.
Case shrunk(Case broken, const Failure& failure);

// The case as a story: the policies as JSON, then what happens, and what the lane is after it.
std::string story_of(const Case& the_case);

}  // namespace penstock::property
