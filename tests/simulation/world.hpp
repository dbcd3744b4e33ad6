// What all parts of the simulation share: the seed's chance, time, the history, and the first promise that was broken.
#pragma once

#include <optional>
#include <string>

#include "daemon/core/words.hpp"
#include "tests/chance.hpp"
#include "tests/simulation/history.hpp"
#include "tests/simulation/schedule.hpp"

namespace penstock::simulation {

using tests::Chance;

struct Violation {
  std::string invariant;
  std::string seen;
};

struct World {
  explicit World(std::uint64_t the_seed) : seed(the_seed), chance(the_seed), history(schedule) {}
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  // What a clock on the wall shows; it is set from time to time.
  core::Time wall() const {
    return core::Time(std::chrono::floor<core::Duration>(schedule.now())) + begins + wall_is_ahead;
  }
  Moment between(Moment least, Moment most) {
    const auto span = static_cast<std::size_t>((most - least).count()) + 1;
    return least + Moment(static_cast<Moment::rep>(chance.below(span)));
  }
  void broken(const std::string& invariant, const std::string& seen) {
    if (violation) return;
    violation = Violation{invariant, seen};
    history.tell("BROKEN", invariant + ": " + seen);
  }

  const std::uint64_t seed;
  Chance chance;
  Schedule schedule;
  History history;
  std::optional<Violation> violation;
  bool faults = true;  // until they stop
  // 2026-11-21T00:00:00Z
  static constexpr core::Duration begins = std::chrono::milliseconds(1'795'219'200'000);
  core::Duration wall_is_ahead{};
  std::optional<Moment> clock_set_at;  // the newest time that any clock was set
};

}  // namespace penstock::simulation
