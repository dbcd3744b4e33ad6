// Nothing waits for ever, and nothing ends before its time.
#include <algorithm>

#include "tests/property/properties.hpp"

namespace penstock::property {
namespace {

using Broken = std::optional<std::string>;

// Says what is wrong with a timer that should be due at `until`, or before it where `may_be_earlier`.
Broken without_timer(const Instant& i, const PromotionId& promotion, const std::string& timer, Time until,
                     bool may_be_earlier = false) {
  const auto* row = i.outbox.find(key_of(SetTimer{promotion, timer, {}}));
  if (row == nullptr) return "and the timer `" + timer + "` is not set";
  if (row->due > until || (row->due < until && !may_be_earlier))
    return "until " + to_text(until) + ", and the timer `" + timer + "` is set to " + to_text(row->due);
  return std::nullopt;
}

struct WithoutEnd {
  const Instant& i;
  const Promotion& promotion;
  const Wait& wait;

  Broken operator()(const Queued& p) const { return without_timer(i, promotion.id, "queue", p.until); }
  Broken operator()(const Checking&) const {
    bool any = false;
    for (const auto& check : promotion.checks) {
      if (check.finding) continue;
      const auto key = key_of(RunCheck{promotion.id, check.gate, check.attempt, {}, {}});
      const auto* row = i.outbox.find(key);
      if (row == nullptr) return "and " + key + " is not due";
      if (std::get<RunCheck>(row->command).deadline > wait.until) return "and " + key + " may take longer";
      any = true;
    }
    return any ? Broken() : "and no check is under way";
  }
  Broken operator()(const AwaitingApproval&) const {
    return without_timer(i, promotion.id, "approval", wait.until, true);
  }
  Broken operator()(const AwaitingWindow& p) const { return without_timer(i, promotion.id, "window", p.until, true); }
  Broken operator()(const Delivering& p) const {
    const auto& step = promotion.deliveries[p.step];
    if (step.state == DeliveryState::sent)
      return without_timer(i, promotion.id, "receipt/" + step.name + "/" + std::to_string(step.round), step.deadline);
    const auto key = key_of(Deliver{promotion.id, step.name, step.round, {}});
    return i.outbox.find(key) == nullptr ? "and " + key + " is not due" : Broken();
  }
  Broken operator()(const Watching& p) const { return without_timer(i, promotion.id, "watch", p.until, true); }
  Broken operator()(const Held& p) const {
    if (p.reason.empty()) return "and nobody knows why";
    return without_timer(i, promotion.id, "hold", p.until);
  }
  template <class Other>
  Broken operator()(const Other&) const {
    return std::nullopt;
  }
};

Broken waits_for_ever(const Instant& i) {
  for (const auto& promotion : i.after().promotions) {
    if (is_end(promotion.phase) || std::holds_alternative<Live>(promotion.phase)) continue;
    const auto is = promotion.id + " is " + std::string(phase_name(promotion.phase)) + " ";
    const auto wait = wait_of(promotion);
    if (!wait || wait->what.empty()) return is + "and nobody knows what it waits for";
    if (wait->until == Time{}) return is + "without a deadline";
    if (wait->who.empty() || std::count(wait->who.begin(), wait->who.end(), "") > 0)
      return is + "and nobody is named who can end that";
    if (auto broken = std::visit(WithoutEnd{i, promotion, *wait}, promotion.phase)) return is + *broken;
  }
  const auto& waivers = i.after().state.waivers;
  if (waivers.empty()) return std::nullopt;
  const auto first = std::min_element(waivers.begin(), waivers.end(),
                                      [](const Waiver& a, const Waiver& b) { return a.ends < b.ends; });
  auto broken = without_timer(i, "", "waivers/" + the_lane.model + "/" + the_lane.environment, first->ends, true);
  return broken ? "the waiver " + first->id + " ends " + *broken : broken;
}

// Of what it was, when the deadline passes that ends it so.
struct EndsAt {
  const Promotion& promotion;

  std::optional<Time> operator()(const Queued& p) const { return p.until; }
  std::optional<Time> operator()(const Held& p) const { return p.until; }
  std::optional<Time> operator()(const AwaitingApproval& p) const {
    std::optional<Time> first;
    for (const auto& rule : promotion.policy->approvals)
      if (rule.required) first = std::min(first.value_or(p.since + rule.expires), p.since + rule.expires);
    return first;
  }
  std::optional<Time> operator()(const AwaitingWindow& p) const { return p.until; }
  std::optional<Time> operator()(const Delivering& p) const { return promotion.deliveries[p.step].deadline; }
  std::optional<Time> operator()(const Watching& p) const { return p.until; }
  template <class Other>
  std::optional<Time> operator()(const Other&) const {
    return std::nullopt;
  }
};

Broken over_before_its_time(const Instant& i) {
  const auto* passed = std::get_if<DeadlinePassed>(&i.event);
  for (const auto& promotion : i.after().promotions) {
    const auto* was = find(i.before, promotion.id);
    const bool is_over = was != nullptr && was->phase.index() != promotion.phase.index();
    const bool expired = std::holds_alternative<Expired>(promotion.phase);
    if (expired && (passed == nullptr || passed->promotion != promotion.id || was == nullptr))
      return promotion.id + " expired, and no deadline of it passed";
    if (!is_over || passed == nullptr || passed->promotion != promotion.id) continue;
    // Escalation may let approvals count that were given before: that is no end of the wait by time.
    if (std::holds_alternative<AwaitingApproval>(was->phase) && !expired) continue;
    // A window that opens ends the wait for it as it should.
    if (std::holds_alternative<AwaitingWindow>(was->phase) && !expired) continue;
    const auto until = std::visit(EndsAt{*was}, was->phase);
    if (!until || *until > i.now)
      return promotion.id + " was " + std::string(phase_name(was->phase)) + " until " +
             (until ? to_text(*until) : "nothing") + " and is " + std::string(phase_name(promotion.phase)) +
             " by the timer `" + passed->timer + "` already";
  }
  return std::nullopt;
}

Broken asked_twice(const Instant& i) {
  if (!i.outbox.asked_twice()) return std::nullopt;
  return *i.outbox.asked_twice() + " is asked for a second time";
}

constexpr Property of_waits[] = {
    {"whatever waits has a deadline, somebody who can end it, and something that will", waits_for_ever},
    {"nothing is over before its time", over_before_its_time},
    {"no check, delivery or notice is asked for twice", asked_twice},
};

}  // namespace

std::span<const Property> properties_of_waits() { return of_waits; }

}  // namespace penstock::property
