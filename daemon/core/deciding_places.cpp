// Places of semaphores: lanes ask the lane of all lanes for them, and give them back.
#include <algorithm>

#include "daemon/core/deciding.hpp"

namespace penstock::core {
namespace {

// What a lane does while it takes up a place: until then it may give way to others, and after that nothing is at risk.
bool takes_up_place(const Phase& phase) {
  if (const auto* held = std::get_if<Held>(&phase)) return std::holds_alternative<Delivering>(held->from);
  return std::holds_alternative<Delivering>(phase) || std::holds_alternative<Watching>(phase);
}

bool is_needed(const Lane& lane, const Place& place) {
  return std::any_of(lane.promotions.begin(), lane.promotions.end(), [&](const Promotion& promotion) {
    if (promotion.policy->semaphore != place.semaphore) return false;
    if (place.since) return takes_up_place(promotion.phase);
    const auto* waiting = std::get_if<AwaitingWindow>(&promotion.phase);
    return waiting != nullptr && waiting->semaphore == place.semaphore && promotion.id == place.promotion;
  });
}

template <class Places>
auto find_same(Places& places, const Place& place) {
  return std::find_if(places.begin(), places.end(), [&](const Place& one) { return is_same(one, place); });
}

}  // namespace

// The last thing that is looked at: whoever has a place begins at once, or gives it back. A lane that is still watching
// what it delivered before uses the place it has.
bool Deciding::waits_for_place(Promotion& promotion) {
  const auto& semaphore = promotion.policy->semaphore;
  if (semaphore.empty()) return false;
  auto& places = state().places;
  const auto place = std::find_if(places.begin(), places.end(), [&](const Place& one) {
    return one.semaphore == semaphore && (one.since || one.promotion == promotion.id);
  });
  if (place != places.end() && place->since) return false;
  if (is_skipped(promotion, Dispensable::semaphores)) {
    keep_what_was_skipped(promotion, "semaphores");
    return false;
  }
  if (place == places.end()) {
    places.push_back({semaphore, decision_.lane.key, ++state().asked, promotion.id, now_, std::nullopt});
    command(AskPlace{places.back()});
  }
  static const std::vector<Place> unknown;
  const auto& all = world_.places != nullptr ? *world_.places : unknown;
  const auto* waiting = std::get_if<AwaitingWindow>(&promotion.phase);
  AwaitingWindow phase{now_, now_ + promotion.policy->window_for, "", std::nullopt, semaphore};
  if (waiting != nullptr) {
    phase.since = waiting->since;
    phase.until = waiting->until;
  }
  phase.reason = to_text(semaphore, places_of(semaphore, all, world_.semaphores.get()));
  set(promotion, phase);
  command(SetTimer{promotion.id, "window", phase.until});
  return true;
}

// After every decision: so nobody keeps a place, or goes on waiting for one, whatever has ended it.
void Deciding::give_back_places() {
  if (decision_.lane.key == every_lane) return;
  std::erase_if(state().places, [&](const Place& place) {
    if (is_needed(decision_.lane, place)) return false;
    const bool just_asked = std::erase_if(decision_.commands, [&](const Command& wish) {
      const auto* ask = std::get_if<AskPlace>(&wish);
      return ask != nullptr && is_same(ask->place, place);
    });
    if (!just_asked) command(ReturnPlace{place});
    return true;
  });
}

void Deciding::on(const PlaceGranted& event) {
  const auto place = find_same(state().places, event.place);
  // Nobody waits for it any more, or it was given back since: it must not stay with this lane.
  if (place == state().places.end()) return command(ReturnPlace{event.place});
  if (place->since) return ignore("the lane has this place already");
  place->since = event.place.since.value_or(now_);
  for (auto& promotion : decision_.lane.promotions) {
    if (promotion.id != place->promotion) continue;
    command(ClearTimer{promotion.id, "window"});
    return enter_delivery(promotion);
  }
}

// In the lane of all lanes.

void Deciding::on(const PlaceAsked& event) {
  if (find_same(state().places, event.place) != state().places.end()) return ignore("this place was asked for already");
  state().places.push_back(event.place);
  state().places.back().since.reset();
  give_out_places();
}

void Deciding::on(const PlaceReturned& event) {
  const auto place = find_same(state().places, event.place);
  if (place == state().places.end()) return ignore("this place was given back already");
  state().places.erase(place);
  give_out_places();
}

void Deciding::on(const LimitsChanged&) {
  if (!give_out_places()) ignore("nobody waits for a place that there is");
}

// In the order of asking. A limit that was lowered takes nothing away: nothing more is given until enough came back.
bool Deciding::give_out_places() {
  bool any = false;
  for (auto& place : state().places) {
    if (place.since || !places_of(place.semaphore, state().places, world_.semaphores.get()).has_room()) continue;
    place.since = now_;
    command(GrantPlace{place});
    any = true;
  }
  return any;
}

}  // namespace penstock::core
