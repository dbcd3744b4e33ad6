#include "daemon/core/delivery_opening.hpp"

#include <algorithm>

namespace penstock::core {
namespace {

std::vector<const Stop*> stops_of(const World& world, const LaneKey& lane) {
  std::vector<const Stop*> found;
  if (world.stops == nullptr) return found;
  for (const auto& stop : *world.stops)
    if (glob_match(stop.model, lane.model) && glob_match(stop.environment, lane.environment)) found.push_back(&stop);
  return found;
}

// Whether as many deliveries as the window that is open allows have begun in it; says so.
bool is_full(const DeliveryQuestion& question, const World& world, Time now, std::string& reason) {
  const auto most = question.policy.most_per_window;
  if (most == 0) return false;
  const auto since = open_since(question.policy.windows, now, *world.zones);
  const auto& began = question.began;
  const auto count = std::count_if(began.begin(), began.end(), [&](Time at) { return since && at >= *since; });
  if (count < most) return false;
  reason = std::to_string(count) + " deliveries have begun in this window, which is the most it allows";
  return true;
}

void look_at_windows(DeliveryOpening& answer, const DeliveryQuestion& question, const World& world, Time now) {
  const auto& policy = question.policy;
  if (world.zones == nullptr) {
    answer.reason = "the time zones are not known";
    return;
  }
  answer.looked_until = now + look_ahead;
  const auto opening = opening_at(policy.windows, now, *world.zones);
  answer.open = opening.open;
  answer.reason = opening.reason;
  answer.next_close = opening.next_close;
  answer.next_open = opening.next_open;
  if (opening.open) {
    if (!is_full(question, world, now, answer.reason)) return;
    answer.open = false;
    answer.is_full = true;
    answer.next_open.reset();
    if (opening.next_close) answer.next_open = opening_at(policy.windows, *opening.next_close, *world.zones).next_open;
  }
  if (!answer.next_open) {
    answer.next_close.reset();
    return;
  }
  answer.next_close = opening_at(policy.windows, *answer.next_open, *world.zones).next_close;
  auto spread = policy.window_jitter;
  if (answer.next_close) spread = std::min(spread, *answer.next_close - *answer.next_open);
  answer.begins = with_jitter(*answer.next_open, spread, question.promotion);
}

}  // namespace

DeliveryOpening delivery_opening(const DeliveryQuestion& question, const World& world, Time now) {
  DeliveryOpening answer;
  if (question.goes_back) {
    answer.open = true;
    return answer;
  }
  if (!question.past_stops) answer.stops = stops_of(world, question.lane);
  if (!answer.stops.empty()) {
    answer.reason = "stopped by " + answer.stops.front()->by + ": " + answer.stops.front()->reason;
    return answer;
  }
  if (question.policy.windows.empty())
    answer.open = true;
  else
    look_at_windows(answer, question, world, now);
  return answer;
}

}  // namespace penstock::core
