// The decision: what a lane becomes when something happens. Pure: no I/O, no clock, no randomness.
#pragma once

#include <string>
#include <vector>

#include "daemon/core/command.hpp"
#include "daemon/core/event.hpp"
#include "daemon/core/lane.hpp"
#include "daemon/core/world.hpp"

namespace penstock::core {

struct Decision {
  Lane lane;
  std::vector<Command> commands;
  // Why the event changed nothing ("already decided", "a newer attempt is under way"); empty when it did something.
  // An ignored event is never an error of the sender: it came late or twice.
  std::string ignored;
  // Why a person's wish is refused (approval by the submitter, stale digest). Nothing changes.
  std::optional<Problem> refused;
};

// `event` names a promotion of `lane`, or opens one (CandidateSeen). `now` never goes into a comparison with another
// clock's time: deadlines are computed from the `now` of the decision that set them.
Decision advance(const Lane& lane, const Event& event, Time now, const World& world = {});

// What a person who decides on the promotion has seen of its findings.
Digest findings_digest(const Promotion& promotion, const World& world);

}  // namespace penstock::core
