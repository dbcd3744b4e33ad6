// The instant of delivery: answers that are not too old, windows, stops; and what follows when a candidate has soaked.
#include <algorithm>

#include "daemon/core/deciding.hpp"

namespace penstock::core {
namespace {

// A stop is looked at again this often: whoever lifts it does not know who waits.
constexpr Duration look_again = std::chrono::seconds(30);

const Stop* stop_of(const World& world, const Promotion& promotion) {
  if (world.stops == nullptr || !promotion.takes_back.empty()) return nullptr;
  for (const auto& stop : *world.stops)
    if (glob_match(stop.model, promotion.lane.model) && glob_match(stop.environment, promotion.lane.environment))
      return &stop;
  return nullptr;
}

struct Closed {
  std::string reason;
  std::optional<Time> opens;
  Time look_at{};
};

std::optional<Closed> closed_by_window(const World& world, const Promotion& promotion, const std::vector<Time>& began,
                                       Time now) {
  const auto& policy = *promotion.policy;
  if (policy.windows.empty()) return std::nullopt;
  if (world.zones == nullptr) return Closed{"the time zones are not known", std::nullopt, now + look_again};
  const auto opening = opening_at(policy.windows, now, *world.zones);
  auto next_open = opening.next_open;
  std::string reason = opening.reason;
  if (opening.open) {
    const auto since = open_since(policy.windows, now, *world.zones);
    const auto count = std::count_if(began.begin(), began.end(), [&](Time at) { return since && at >= *since; });
    if (policy.most_per_window == 0 || count < policy.most_per_window) return std::nullopt;
    reason = std::to_string(count) + " deliveries have begun in this window, which is the most it allows";
    next_open.reset();
    if (opening.next_close) next_open = opening_at(policy.windows, *opening.next_close, *world.zones).next_open;
  }
  if (!next_open) return Closed{reason, std::nullopt, now + look_ahead};
  const auto closes = opening_at(policy.windows, *next_open, *world.zones).next_close;
  const auto spread = closes ? std::min(policy.window_jitter, *closes - *next_open) : policy.window_jitter;
  const auto begins = with_jitter(*next_open, spread, promotion.id);
  return Closed{reason, begins, begins};
}

}  // namespace

bool Deciding::asks_old_gates_again(Promotion& promotion) {
  const auto& stages = promotion.policy->stages;
  for (std::size_t number = 0; number < stages.size(); ++number) {
    bool any = false;
    for (const auto& gate : stages[number].gates) {
      const auto* check = newest_check(promotion, gate.name);
      if (!gate.max_age || check->asked_at + *gate.max_age >= now_) continue;
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
  std::optional<Closed> closed;
  if (const auto* stop = stop_of(world_, promotion))
    closed = Closed{"stopped by " + stop->by + ": " + stop->reason, std::nullopt, now_ + look_again};
  else
    closed = closed_by_window(world_, promotion, state().began, now_);
  if (!closed) return false;
  const auto* waiting = std::get_if<AwaitingWindow>(&promotion.phase);
  const auto since = waiting != nullptr ? waiting->since : now_;
  const auto until = waiting != nullptr ? waiting->until : now_ + promotion.policy->window_for;
  set(promotion, AwaitingWindow{since, until, closed->reason, closed->opens});
  command(SetTimer{promotion.id, "window", std::min(closed->look_at, until)});
  return true;
}

void Deciding::pass_window_timer(Promotion& promotion) {
  const auto waiting = std::get<AwaitingWindow>(promotion.phase);
  if (now_ < waiting.until) return enter_delivery(promotion);
  end(promotion,
      Expired{"deliveries did not open within " + to_text(promotion.policy->window_for) + ": " + waiting.reason});
  take_up_next();
}

// Continuous: what ends being live is called off with its timers.
void Deciding::soak(const Promotion& promotion) {
  for (const auto& follower : world_.followers)
    command(SetTimer{promotion.id, "soak/" + follower.environment, now_ + follower.soak});
}

void Deciding::pass_soak_timer(const Promotion& promotion, const std::string& timer) {
  const auto environment = timer.substr(timer.find('/') + 1);
  for (const auto& follower : world_.followers)
    if (follower.environment == environment && is_early(promotion, timer, *live_since(promotion) + follower.soak))
      return;
  command(Follow{promotion.id, environment});
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
