#include "tests/simulation/acting.hpp"

#include "tests/simulation/promises.hpp"

namespace penstock::simulation {

using namespace std::chrono_literals;

namespace {

// Leases go by the clock on the wall: for as long as one lasts, a clock that was set may have ended it for somebody.
constexpr Moment unsure_after_setting = 6min;

}  // namespace

Acting::Stay::Stay(Acting& acting, Owner owner, const journal::OutboxRow& row)
    : acting_(acting), place_(owner, row.key) {
  acting_.look_at(owner, row);
  acting_.under_way_[place_] = {row, acting_.world_.schedule.now(), false};
}

Acting::Stay::~Stay() { acting_.under_way_.erase(place_); }

void Acting::look_at_life_of(Owner owner, const std::string& key) const {
  if (members_.has_ended(owner))
    world_.broken(promises::one_acts,
                  "run " + std::to_string(owner) + " begins " + key + " after it was declared dead");
}

void Acting::look_at(Owner owner, const journal::OutboxRow& row) const {
  look_at_life_of(owner, row.key);
  if (!is_sure()) return;
  const auto now = world_.schedule.now();
  for (const auto& [place, deed] : under_way_) {
    const auto& [other, key] = place;
    // One that is dead may still be in the middle of it, where it stands.
    if (members_.has_ended(other) || key != row.key) continue;
    world_.broken(promises::one_acts, "run " + std::to_string(owner) + " begins " + key + ", which run " +
                                          std::to_string(other) + " has carried out since " +
                                          std::to_string((now - deed.since) / 1s) + " s");
  }
}

void Acting::acts(Owner owner, const std::string& key) {
  look_at_life_of(owner, key);
  const auto found = under_way_.find({owner, key});
  if (found == under_way_.end()) return;
  found->second.acts = true;
  const auto& lane = found->second.row.lane;
  for (const auto& [place, deed] : under_way_)
    // A request may hang for longer than the receipt takes that it was carried out: what is not due any more is over.
    if (place.first != owner && deed.acts && deed.row.lane == lane && ledger_.is_due(place.second) &&
        !members_.has_ended(place.first) && is_sure())
      world_.broken(promises::one_acts, "run " + std::to_string(owner) + " acts on " + key + " while run " +
                                            std::to_string(place.first) + " acts on " + place.second);
}

bool Acting::is_sure() const {
  return !world_.clock_set_at || world_.schedule.now() - *world_.clock_set_at >= unsure_after_setting;
}

engine::asio::awaitable<engine::Performed> SeenPerformer::perform(const core::Command& command,
                                                                  const journal::OutboxRow& row) {
  const Acting::Stay stay(acting_, owner_, row);
  co_return co_await performer_.perform(command, row);
}

}  // namespace penstock::simulation
