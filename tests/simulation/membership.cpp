#include "tests/simulation/membership.hpp"

#include <vector>

namespace penstock::simulation {

using namespace std::chrono_literals;

namespace {

// Nobody can tell when on its way the answer of the database was made.
constexpr int way_ms = 20;

}  // namespace

void Membership::join(Owner owner, const std::string& name, const core::Duration& clock) {
  const auto now = world_.schedule.now();
  auto& member = members_[owner] = {name, &clock, now, now, {}, false, 0};
  look_at_clock(member);
}

// Within what nobody can tell, time does not jump to and fro.
void Membership::look_at_clock(Member& member) {
  const auto ahead = core::Duration(world_.chance.between(-way_ms, way_ms)) - *member.clock;
  if (std::chrono::abs(ahead - member.clock_ahead) > core::Duration(2 * way_ms)) member.clock_ahead = ahead;
}

bool Membership::show(Owner owner) {
  auto& member = members_.at(owner);
  if (member.has_ended) return false;
  const auto now = world_.schedule.now();
  // Whoever had trouble to show itself blames itself and not the others, for a whole lease.
  if (now - member.shown_at > lease / 2) member.well_since = now;
  member.shown_at = now;
  look_at_clock(member);
  if (const auto listener = listeners_.find(owner); listener != listeners_.end() && member.heard != written_)
    listener->second();
  member.heard = written_;
  if (now - member.well_since < lease) return true;
  std::vector<Owner> dead;
  for (const auto& [other, it] : members_)
    if (other != owner && !it.has_ended && now - it.shown_at > lease) dead.push_back(other);
  for (const auto other : dead) {
    world_.history.tell(member.name, "declares run " + std::to_string(other) + " dead");
    end(other);
  }
  return true;
}

bool Membership::is_in_force(Owner owner) const {
  const auto& member = members_.at(owner);
  return world_.schedule.now() - member.shown_at < lease;
}

void Membership::end(Owner owner) {
  auto& member = members_.at(owner);
  if (member.has_ended) return;
  member.has_ended = true;
  ended_(owner);
}

void Membership::wrote(Owner owner) {
  ++written_;
  for (const auto& [other, told] : listeners_)
    if (other != owner)
      world_.schedule.after(world_.between(500us, 50ms), other, [this, listener = other] {
        if (const auto found = listeners_.find(listener); found != listeners_.end()) found->second();
      });
}

}  // namespace penstock::simulation
