// What happens next: simulated time, and everything that is to happen in it, one thing after another on one thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <utility>
#include <vector>

namespace penstock::simulation {

// Since the beginning of the world, by a clock that nobody sets.
using Moment = std::chrono::microseconds;

// Whose it is: the world's own (peers, people, the network, disks), or one run of a daemon's.
using Owner = int;
inline constexpr Owner the_world = 0;

class Schedule {
 public:
  using Id = std::uint64_t;

  Moment now() const { return now_; }
  Id after(Moment delay, Owner owner, std::function<void()> what);
  // Lets it happen at once; nothing when it has happened or was dropped.
  void hasten(Id id);
  // A daemon's run ends: nothing more of it happens.
  void drop_all_of(Owner owner);
  // A daemon is stopped where it stands, and goes on with what has become due meanwhile.
  void freeze(Owner owner) { frozen_.insert(owner); }
  void thaw(Owner owner);
  bool is_frozen(Owner owner) const { return frozen_.contains(owner); }

  // The next thing happens; false when there is none.
  bool step();
  // When the next thing happens; nothing's is never.
  Moment next() const { return due_.empty() ? Moment::max() : due_.begin()->first.first; }

 private:
  struct Thing {
    Owner owner = the_world;
    std::function<void()> what;
  };
  using Place = std::pair<Moment, Id>;

  Moment now_{};
  Id given_ = 0;
  std::map<Place, Thing> due_;
  std::map<Id, Moment> places_;
  std::set<Owner> frozen_;
  std::map<Owner, std::vector<std::pair<Id, Thing>>> parked_;
};

}  // namespace penstock::simulation
