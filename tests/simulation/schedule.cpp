#include "tests/simulation/schedule.hpp"

#include <algorithm>

namespace penstock::simulation {

Schedule::Id Schedule::after(Moment delay, Owner owner, std::function<void()> what) {
  const auto id = ++given_;
  const auto at = now_ + std::max(delay, Moment(0));
  due_.emplace(Place{at, id}, Thing{owner, std::move(what)});
  places_.emplace(id, at);
  return id;
}

void Schedule::hasten(Id id) {
  const auto place = places_.find(id);
  if (place == places_.end()) return;
  auto node = due_.extract(Place{place->second, id});
  if (node.empty()) return;  // parked: it is as quick as it can be
  node.key() = Place{now_, id};
  due_.insert(std::move(node));
  place->second = now_;
}

void Schedule::drop_all_of(Owner owner) {
  // What is dropped may drop or schedule other things while it goes.
  std::vector<Thing> dropped;
  for (auto thing = due_.begin(); thing != due_.end();) {
    if (thing->second.owner != owner) {
      ++thing;
      continue;
    }
    places_.erase(thing->first.second);
    dropped.push_back(std::move(thing->second));
    thing = due_.erase(thing);
  }
  for (auto& [id, thing] : parked_[owner]) {
    places_.erase(id);
    dropped.push_back(std::move(thing));
  }
  parked_.erase(owner);
  frozen_.erase(owner);
}

void Schedule::thaw(Owner owner) {
  frozen_.erase(owner);
  for (auto& [id, thing] : parked_[owner]) {
    due_.emplace(Place{now_, id}, std::move(thing));
    places_[id] = now_;
  }
  parked_.erase(owner);
}

bool Schedule::step() {
  while (!due_.empty()) {
    auto node = due_.extract(due_.begin());
    now_ = node.key().first;
    const auto id = node.key().second;
    auto& thing = node.mapped();
    if (frozen_.contains(thing.owner)) {
      parked_[thing.owner].emplace_back(id, std::move(thing));
      continue;
    }
    places_.erase(id);
    thing.what();
    return true;
  }
  return false;
}

}  // namespace penstock::simulation
