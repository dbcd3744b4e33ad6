// The instant of delivery: answers that are not too old, windows, stops; and what follows when a candidate has soaked.
#include <algorithm>

#include "daemon/core/deciding.hpp"
#include "daemon/core/delivery_opening.hpp"

namespace penstock::core {
namespace {

// A stop is looked at again this often: whoever lifts it does not know who waits.
constexpr Duration look_again = std::chrono::seconds(30);

}  // namespace

bool Deciding::asks_old_gates_again(Promotion& promotion) {
  const auto& stages = promotion.policy->stages;
  for (std::size_t number = 0; number < stages.size(); ++number) {
    bool any = false;
    for (const auto& gate : stages[number].gates) {
      const auto* check = newest_check(promotion, gate.name);
      if (!gate.max_age || is_skipped(promotion, gate) || check->asked_at + *gate.max_age >= now_) continue;
      const auto attempt = check->attempt + 1;
      set(promotion, Checking{number});
      ask(promotion, stages[number].name, gate, attempt, gate.attempts - 1, now_);
      any = true;
    }
    if (any) return true;
  }
  return false;
}

bool Deciding::waits_for_window(Promotion& promotion) {
  const auto goes_back = !promotion.takes_back.empty();
  DeliveryQuestion question{promotion.lane, *promotion.policy, state().began, promotion.id, goes_back};
  auto opening = delivery_opening(question, world_, now_);
  if (!opening.stops.empty() && is_skipped(promotion, Dispensable::stops)) {
    keep_what_was_skipped(promotion, "stops");
    question.past_stops = true;
    opening = delivery_opening(question, world_, now_);
  }
  if (!opening.open && opening.stops.empty() && is_skipped(promotion, Dispensable::windows)) {
    keep_what_was_skipped(promotion, "windows");
    return false;
  }
  if (opening.open) return false;
  const auto* waiting = std::get_if<AwaitingWindow>(&promotion.phase);
  const auto since = waiting != nullptr ? waiting->since : now_;
  const auto until = waiting != nullptr ? waiting->until : now_ + promotion.policy->window_for;
  set(promotion, AwaitingWindow{since, until, opening.reason, opening.begins});
  const bool may_open_any_time = !opening.stops.empty() || !opening.looked_until;
  const auto look_at = opening.begins.value_or(may_open_any_time ? now_ + look_again : now_ + look_ahead);
  command(SetTimer{promotion.id, "window", std::min(look_at, until)});
  return true;
}

void Deciding::pass_window_timer(Promotion& promotion) {
  const auto waiting = std::get<AwaitingWindow>(promotion.phase);
  if (is_acknowledged_too_late(promotion)) return;
  if (now_ < waiting.until) return enter_delivery(promotion);
  const auto* what = waiting.acknowledgement     ? "deliveries could not begin within "
                     : waiting.semaphore.empty() ? "deliveries did not open within "
                                                 : "no place became free within ";
  end(promotion, Expired{what + to_text(promotion.policy->window_for) + ": " + waiting.reason});
  take_up_next();
}

// Continuous: what ends being live is called off with its timers.
void Deciding::soak(const Promotion& promotion) {
  for (const auto& follower : world_.followers)
    command(SetTimer{promotion.id, "soak/" + follower.environment, *live_since(promotion) + follower.soak});
}

void Deciding::on(const FollowersChanged&) {
  const auto* live = live_in(decision_.lane);
  if (live == nullptr || world_.followers.empty()) return ignore("nothing is live that another lane follows");
  soak(*live);
}

void Deciding::pass_soak_timer(const Promotion& promotion, const std::string& timer) {
  const auto environment = timer.substr(timer.find('/') + 1);
  for (const auto& follower : world_.followers) {
    if (follower.environment != environment) continue;
    if (!is_early(promotion, timer, *live_since(promotion) + follower.soak)) command(Follow{promotion.id, environment});
    return;
  }
  ignore(environment + " follows " + promotion.lane.environment + " no longer");
}

void Deciding::on(const StopSet& event) {
  for (const auto& stop : state().stops)
    if (stop.id == event.stop.id) return ignore("this stop is set already");
  auto stop = event.stop;
  stop.since = now_;
  tell("", NoticeKind::alarm, {},
       stop.by + " has stopped deliveries of " + stop.model + " to " + stop.environment + ": " + stop.reason);
  state().stops.push_back(std::move(stop));
}

void Deciding::on(const StopLifted& event) {
  const auto lifted = std::erase_if(state().stops, [&](const Stop& stop) { return stop.id == event.stop; });
  if (lifted == 0) return ignore("there is no stop " + event.stop);
  tell("", NoticeKind::alarm, {}, event.person + " has lifted the stop " + event.stop);
}

}  // namespace penstock::core
