// One model in one environment: what is live, under way, waiting. The journalled unit.
#pragma once

#include <cstdint>
#include <vector>

#include "daemon/core/lane_state.hpp"
#include "daemon/core/promotion.hpp"

namespace penstock::core {

// `promotions` holds every promotion that has not ended, oldest first: at most one live, at most one under way
// (checking, awaiting_approval, delivering, held), any number queued. Those that end in a decision are still in the
// lane that advance() returns, so that the caller can store them; it then calls without_ended().
struct Lane {
  LaneKey key;
  std::int64_t version = 0;  // how many decisions were journalled; 0 = never seen
  std::vector<Promotion> promotions;
  LaneState state;

  bool operator==(const Lane&) const = default;
};

const Promotion* find(const Lane& lane, std::string_view promotion);
const Promotion* live_in(const Lane& lane);
const Promotion* under_way_in(const Lane& lane);
void without_ended(Lane& lane);
// As wait_of(), and knows when it is the lane's pin that a promotion waits for.
std::optional<Wait> wait_in(const Lane& lane, const Promotion& promotion);

}  // namespace penstock::core
