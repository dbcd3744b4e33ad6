// One at a time: what a lane as a whole promises.
#include <algorithm>

#include "tests/property/properties.hpp"

namespace penstock::property {
namespace {

using Broken = std::optional<std::string>;

bool is_queued(const Promotion& promotion) { return std::holds_alternative<Queued>(promotion.phase); }
bool is_under_way(const Promotion& promotion) {
  return !is_queued(promotion) && !is_live(promotion.phase) && !is_end(promotion.phase);
}
std::string told(const Promotion& promotion) {
  return promotion.id + " is " + std::string(phase_name(promotion.phase));
}

template <class Holds>
Broken more_than_one(const Lane& lane, Holds holds) {
  const Promotion* first = nullptr;
  for (const auto& promotion : lane.promotions) {
    if (!holds(promotion)) continue;
    if (first != nullptr) return told(*first) + " and " + told(promotion);
    first = &promotion;
  }
  return std::nullopt;
}

Broken two_under_way(const Instant& i) { return more_than_one(i.after(), is_under_way); }
Broken two_live(const Instant& i) {
  return more_than_one(i.after(), [](const Promotion& promotion) { return is_live(promotion.phase); });
}

Broken nothing_live_any_more(const Instant& i) {
  const auto* live = live_in(i.before);
  if (live == nullptr || live_in(i.after()) != nullptr) return std::nullopt;
  return live->id + " was live, and nothing is";
}

Broken waits_in_a_free_lane(const Instant& i) {
  const auto& promotions = i.after().promotions;
  if (i.after().state.pin || i.after().state.review || std::any_of(promotions.begin(), promotions.end(), is_under_way))
    return std::nullopt;
  const auto waiting = std::find_if(promotions.begin(), promotions.end(), is_queued);
  if (waiting == promotions.end()) return std::nullopt;
  return waiting->id + " is queued, and nothing is under way";
}

Broken taken_up(const Instant& i, bool only_if_pinned) {
  bool older_waits = false;
  for (const auto& promotion : i.after().promotions) {
    const auto* was = find(i.before, promotion.id);
    const bool is_new = was == nullptr && promotion.takes_back.empty();
    const bool moved = (is_new || (was != nullptr && is_queued(*was))) && !is_queued(promotion) &&
                       (!is_end(promotion.phase) || is_beyond_approval(promotion.phase));
    if (moved && only_if_pinned && i.before.state.pin && i.after().state.pin)
      return promotion.id + " was taken up although " + i.before.state.pin->by + " holds the lane";
    const bool newest_first = i.world.policy->order == QueueOrder::newest_first;
    if (moved && !only_if_pinned && older_waits && !newest_first)
      return promotion.id + " was taken up before an older one";
    older_waits = older_waits || is_queued(promotion);
  }
  return std::nullopt;
}
Broken taken_up_before_the_review(const Instant& i) {
  if (!i.before.state.review || !i.after().state.review) return std::nullopt;
  for (const auto& promotion : i.after().promotions) {
    const auto* was = find(i.before, promotion.id);
    if (was != nullptr && is_queued(*was) && is_under_way(promotion))
      return promotion.id + " was taken up although the lane owes a review";
  }
  return std::nullopt;
}
Broken taken_up_in_a_pinned_lane(const Instant& i) { return taken_up(i, true); }
Broken taken_up_out_of_order(const Instant& i) { return taken_up(i, false); }

// By a newer candidate whose policy says so, and never a rollback; or by a rollback.
Broken overtaken(const Instant& i) {
  for (const auto& promotion : i.after().promotions) {
    const auto* end = std::get_if<Superseded>(&promotion.phase);
    if (end == nullptr) continue;
    const auto* by = find(i.after(), end->by);
    if (by == nullptr || find(i.before, end->by) != nullptr) return promotion.id + " is superseded by nobody who came";
    const auto* was = find(i.before, promotion.id);
    if (was == nullptr) return promotion.id + " is superseded before it was there";
    if (!by->takes_back.empty()) continue;
    const auto mode = by->policy->queue;
    if (mode == QueueMode::queue || (mode == QueueMode::supersede_waiting && !is_queued(*was)))
      return promotion.id + " was " + std::string(phase_name(was->phase)) + " and is superseded under the queue mode " +
             std::string(name_of(mode));
    if (!was->takes_back.empty()) return promotion.id + ", a rollback, is superseded by a candidate that was seen";
    if (i.ledger.of(promotion.id).began) return promotion.id + " is superseded while it is being delivered";
  }
  return std::nullopt;
}

Broken vetoed_opens(const Instant& i) {
  for (const auto& promotion : i.after().promotions)
    if (find(i.before, promotion.id) == nullptr && i.ledger.is_vetoed(promotion.candidate))
      return promotion.id + " is opened for the candidate " + promotion.version + ", which was vetoed";
  return std::nullopt;
}

Broken ended_moves(const Instant& i) {
  for (const auto& promotion : i.after().promotions)
    if (i.ledger.has_ended(promotion.id)) return promotion.id + " had ended, and is " + told(promotion);
  for (const auto& promotion : i.before.promotions)
    if (find(i.after(), promotion.id) == nullptr) return promotion.id + " vanished without an end";
  for (const auto& [key, row] : i.outbox.rows()) {
    const auto* promotion = find(i.after(), row.promotion);
    if (!row.promotion.empty() && (promotion == nullptr || is_end(promotion->phase)))
      return row.promotion + " has ended, and " + key + " is due for it";
  }
  return std::nullopt;
}

Broken no_does_something(const Instant& i) {
  if (!i.decision.refused && i.decision.ignored.empty()) return std::nullopt;
  if (!i.decision.commands.empty()) return key_of(i.decision.commands.front()) + " is asked for";
  if (!(i.after() == i.before)) return "the lane is another one than before";
  return std::nullopt;
}

constexpr Property of_lanes[] = {
    {"at most one promotion is under way", two_under_way},
    {"at most one candidate is live", two_live},
    {"what is live stays live until something else is", nothing_live_any_more},
    {"nobody waits for a lane that is free", waits_in_a_free_lane},
    {"a lane that somebody holds takes up nothing by itself", taken_up_in_a_pinned_lane},
    {"a lane that owes a review takes up nothing", taken_up_before_the_review},
    {"the oldest is taken up first", taken_up_out_of_order},
    {"nobody is overtaken but as the policy says", overtaken},
    {"a vetoed candidate never opens again", vetoed_opens},
    {"what has ended stays ended and asks for nothing", ended_moves},
    {"what is refused or ignored changes nothing", no_does_something},
};

}  // namespace

std::span<const Property> properties_of_lanes() { return of_lanes; }

}  // namespace penstock::property
