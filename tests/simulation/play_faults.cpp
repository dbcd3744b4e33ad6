// What goes wrong with daemons, disks and clocks, until it stops.
#include <cmath>

#include "tests/simulation/play.hpp"

namespace penstock::simulation {

using namespace std::chrono_literals;

// Short and long stretches without a crash are equally likely; some worlds have none.
int Play::next_crash() {
  const auto bits = world_.chance.between(3, 11);
  return (1 << bits) + static_cast<int>(world_.chance.below(std::size_t{1} << bits));
}

void Play::repeat(Moment least, Moment most, std::function<void()> fault) {
  world_.schedule.after(world_.between(least, most), the_world, [this, least, most, fault = std::move(fault)] {
    if (!world_.faults) return;
    fault();
    repeat(least, most, fault);
  });
}

void Play::plan_faults() {
  auto& chance = world_.chance;
  if (chance.percent(85)) until_crash_ = next_crash();
  if (chance.percent(80)) repeat(2s, 60s, [this] { network_.change_moods(); });
  if (chance.percent(40)) repeat(20s, 4min, [this] { set_clock(); });
  if (chance.percent(setting_.pair ? 80 : 30)) repeat(10s, 3min, [this] { freeze(); });
  if (chance.percent(15)) repeat(30s, 4min, [this] { fill_disk(); });
  if (chance.percent(60)) repeat(20s, 3min, [this] { registry_.move_by_hand(); });
  if (setting_.pair && chance.percent(20)) repeat(1min, 5min, [this] { cut_power(); });
  if (!setting_.leaver.empty())
    world_.schedule.after(world_.between(10s, setting_.faults_for), the_world, [this] { let_somebody_leave(); });
  if (setting_.pair) return;
  if (chance.percent(15)) repeat(1min, 5min, [this] { break_fsync(); });
}

void Play::set_clock() {
  const auto seconds = world_.chance.percent(80) ? world_.chance.between(-90, 120) : world_.chance.between(-900, 1800);
  const std::chrono::seconds by(seconds);
  world_.clock_set_at = world_.schedule.now();
  if (setting_.pair && world_.chance.percent(60)) {
    auto& place = places_[world_.chance.below(places_.size())];
    place.clock += by;
    return world_.history.tell(place.name, "has its clock set by " + std::to_string(seconds) + " s");
  }
  world_.wall_is_ahead += by;
  // The database's: those of the daemons' machines stay.
  if (setting_.pair)
    for (auto& place : places_) place.clock -= by;
  world_.history.tell("clock", "is set by " + std::to_string(seconds) + " s");
}

void Play::cut_power() {
  for (auto& place : places_) {
    if (!place.daemon) continue;
    crash(place, "is killed, as all are");
    restart_later(place);
  }
}

void Play::freeze() {
  auto& place = places_[world_.chance.below(places_.size())];
  if (!place.daemon || world_.schedule.is_frozen(place.last)) return;
  const auto run = place.last;
  world_.history.tell(place.name, "stands still");
  world_.schedule.freeze(run);
  const auto time = world_.chance.percent(60) ? world_.between(100ms, 10s) : world_.between(10s, 7min);
  world_.schedule.after(time, the_world, [this, run] {
    auto* woken = place_of(run);
    if (woken == nullptr || !world_.schedule.is_frozen(run)) return;
    world_.history.tell(woken->name, "goes on");
    world_.schedule.thaw(run);
  });
}

void Play::fill_disk() {
  world_.history.tell("disk", "is full");
  disk_.fill(true);
  world_.schedule.after(world_.between(100ms, 60s), the_world, [this] {
    world_.history.tell("disk", "has room");
    disk_.fill(false);
  });
}

void Play::break_fsync() {
  if (auto& place = places_.front(); place.daemon) disk_.break_fsync(place.last);
}

void Play::let_somebody_leave() {
  setting_.lose_leaver();
  world_.history.tell("people", setting_.leaver + " is in one group less");
  for (auto& place : places_)
    if (place.daemon) end_soon(place.last, "is begun anew, because people have changed");
}

// It ends by itself then.
void Play::end_for_the_disk(Owner owner) {
  world_.schedule.after(world_.between(0s, 10s), the_world, [this, owner] {
    auto* broken = place_of(owner);
    if (broken == nullptr) return;
    crash(*broken, "ends because of the disk");
    restart_later(*broken);
  });
}

void Play::stop_faults() {
  world_.history.tell("world", "the faults stop");
  world_.faults = false;
  network_.heal();
  disk_.fill(false);
  disk_.mend();
  for (auto& place : places_) {
    if (!place.daemon) {
      start(place);
      continue;
    }
    world_.schedule.thaw(place.last);
    if (!disk_.is_broken(place.last)) continue;
    crash(place, "ends, because it cannot write any more");
    start(place);
  }
}

}  // namespace penstock::simulation
