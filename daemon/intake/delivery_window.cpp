#include "daemon/intake/delivery_window.hpp"

#include "daemon/core/broken_glass.hpp"

namespace penstock::intake {
namespace {

using nlohmann::json;

json time_or_null(const std::optional<core::Time>& time) { return time ? json(core::to_text(*time)) : json(); }

std::string stops_text(const core::DeliveryOpening& opening) {
  std::string text;
  for (const auto* stop : opening.stops)
    text += (text.empty() ? "" : "; and ") + ("stopped by " + stop->by) + " since " + core::to_text(stop->since) +
            " (" + stop->reason + "), until a person lifts that: penstock lift " + stop->id;
  return text;
}

std::string text_of(const core::DeliveryOpening& opening, const core::LaneKey& lane) {
  const auto deliveries = "deliveries to " + core::to_text(lane) + " are ";
  if (!opening.stops.empty()) return deliveries + stops_text(opening);
  const auto horizon = opening.looked_until ? core::to_text(*opening.looked_until) : std::string();
  if (opening.open) {
    if (!opening.looked_until) return deliveries + "open: no window and no stop closes them";
    if (!opening.next_close) return deliveries + "open, and no window closes them before " + horizon;
    return deliveries + "open until " + core::to_text(*opening.next_close) +
           (opening.next_open ? ", and again from " + core::to_text(*opening.next_open)
                              : ", and open at no time after that before " + horizon);
  }
  const auto closed = deliveries + "closed (" + opening.reason + ")";
  if (!opening.looked_until) return closed;
  if (!opening.next_open) return closed + ", and open at no time before " + horizon + ": change the policy's windows";
  return closed + ", open at " + core::to_text(*opening.next_open) +
         (opening.next_close ? " and close at " + core::to_text(*opening.next_close)
                             : " and close at no time before " + horizon);
}

}  // namespace

core::DeliveryOpening opening_of(const core::World& world, const core::Lane& lane, const core::Promotion& promotion,
                                 core::Time now) {
  core::DeliveryQuestion question{promotion.lane, *promotion.policy, lane.state.began, promotion.id,
                                  !promotion.takes_back.empty()};
  question.past_stops = core::is_skipped(promotion, core::Dispensable::stops, world, now);
  auto opening = core::delivery_opening(question, world, now);
  if (opening.open || !opening.stops.empty() || !core::is_skipped(promotion, core::Dispensable::windows, world, now))
    return opening;
  core::DeliveryOpening behind_glass;
  behind_glass.open = true;
  return behind_glass;
}

json window_json(const core::DeliveryOpening& opening, const core::LaneKey& lane) {
  json stops = json::array();
  for (const auto* stop : opening.stops) stops.push_back(core::to_json(*stop));
  return {{"open", opening.open},
          {"reason", opening.reason},
          {"next_open", time_or_null(opening.next_open)},
          {"next_close", time_or_null(opening.next_close)},
          {"begins", time_or_null(opening.begins)},
          {"looked_until", time_or_null(opening.looked_until)},
          {"stops", std::move(stops)},
          {"text", text_of(opening, lane)}};
}

json window_json(const core::World& world, const core::Lane& lane, core::Time now) {
  if (!world.policy) return nullptr;
  return window_json(core::delivery_opening({lane.key, *world.policy, lane.state.began, ""}, world, now), lane.key);
}

}  // namespace penstock::intake
