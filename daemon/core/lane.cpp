#include "daemon/core/lane.hpp"

namespace penstock::core {

std::optional<Wait> wait_in(const Lane& lane, const Promotion& promotion) {
  auto wait = wait_of(promotion);
  if (!wait || !std::holds_alternative<Queued>(promotion.phase)) return wait;
  const auto& pin = lane.state.pin;
  if (const auto& review = lane.state.review) {
    wait->what = "the review of the broken glass of " + review->promotion + " in " + to_text(lane.key) + ", owed by " +
                 to_text(review->due);
    wait->who = {"group:" + review->group};
    return wait;
  }
  if (!pin) return wait;
  wait->what = "the release of " + to_text(lane.key) + ", which " + pin->by + " holds since " + to_text(pin->since) +
               " (" + pin->reason + ")";
  wait->who = {"any person"};
  if (const auto* under_way = under_way_in(lane)) {
    wait->what += ", and for its turn after " + under_way->id;
    wait->who.push_back("the promotion under way");
  }
  return wait;
}

}  // namespace penstock::core
