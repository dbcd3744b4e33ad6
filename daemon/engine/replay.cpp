#include "daemon/engine/replay.hpp"

#include <algorithm>

#include "daemon/engine/replay_facts.hpp"

namespace penstock::engine {
namespace {

// Each gate, approval and timer is a step; what takes more goes round in circles.
constexpr int most_steps = 1000;

class Replay {
 public:
  Replay(const core::Promotion& stored, const ReplayRules& rules) : facts_(stored, rules) {
    lane_.key = stored.lane;
    lane_.state.waivers = facts_.waivers();
    world_.zones = rules.zones;
  }

  Replayed run() {
    apply(facts_.opening());
    for (int step = 0; step < most_steps; ++step) {
      const auto* promotion = core::find(lane_, facts_.stored().id);
      if (const auto reached = came_to(*promotion)) return decided(*promotion, *reached);
      if (std::holds_alternative<core::AwaitingWindow>(promotion->phase)) waited_for_window_ = true;
      if (std::holds_alternative<core::Held>(promotion->phase) && !facts_.unknown().empty()) return untold();
      auto next = next_fact(*promotion);
      if (!next) return as_it_stands(*promotion);
      now_ = std::max(now_, next->at);
      if (!next->event) return {came_to(facts_.stored()), "", now_, waited_for_window_};
      apply(*next->event);
    }
    return {std::nullopt, "deciding it took more than " + std::to_string(most_steps) + " steps", now_, false};
  }

 private:
  void apply(const core::Event& event) {
    auto decision = core::advance(lane_, event, std::max(now_, facts_.stored().opened_at), world_);
    if (decision.refused) {
      remark(decision.refused->message);
      return;
    }
    lane_ = std::move(decision.lane);
    for (const auto& command : decision.commands) {
      if (std::holds_alternative<core::CallOff>(command)) timers_.clear();
      if (const auto* cleared = std::get_if<core::ClearTimer>(&command)) timers_.erase(cleared->timer);
    }
    for (const auto& command : decision.commands)
      if (const auto* set = std::get_if<core::SetTimer>(&command)) timers_[set->timer] = set->due;
  }

  std::optional<Fact> next_fact(const core::Promotion& promotion) {
    auto fact = facts_.next(promotion, now_);
    auto timer = timers_.end();
    for (auto one = timers_.begin(); one != timers_.end(); ++one)
      if (timer == timers_.end() || one->second < timer->second) timer = one;
    if (timer == timers_.end() || (fact && fact->at <= timer->second)) {
      if (fact) facts_.take(*fact);
      return fact;
    }
    // Where nothing more is known of what people did, they are waited for; what expired then expires again.
    const bool waits_for_people = timer->first != "window";
    if (!fact && waits_for_people && came_to(facts_.stored()) != CameTo::expired) return std::nullopt;
    Fact passed{timer->second, core::DeadlinePassed{promotion.id, timer->first}};
    timers_.erase(timer);
    return passed;
  }

  Replayed decided(const core::Promotion& promotion, CameTo reached) {
    const auto* rejected = std::get_if<core::Rejected>(&promotion.phase);
    if (!facts_.unknown().empty() && rejected == nullptr) return untold();
    std::string why;
    if (rejected != nullptr) why = "rejected by " + rejected->by + ": " + rejected->reason;
    if (const auto* expired = std::get_if<core::Expired>(&promotion.phase)) why = expired->what;
    if (const auto* vetoed = std::get_if<core::Vetoed>(&promotion.phase))
      why = "vetoed by " + vetoed->by + ": " + vetoed->reason;
    if (reached == CameTo::delivered) why = "every gate and approval that it demands was there";
    return {reached, with_remarks(std::move(why)), now_, waited_for_window_};
  }

  Replayed as_it_stands(const core::Promotion& promotion) {
    if (!facts_.unknown().empty()) return untold();
    if (const auto* held = std::get_if<core::Held>(&promotion.phase))
      return {CameTo::held, with_remarks("a person would have had to decide: " + held->reason), now_, false};
    const auto wait = core::wait_of(promotion);
    const auto what = wait ? wait->what : std::string(core::phase_name(promotion.phase));
    if (!std::holds_alternative<core::AwaitingApproval>(promotion.phase))
      return {std::nullopt, "it would have waited for " + what, now_, false};
    return {CameTo::awaiting_approval, with_remarks("it would have waited for more: " + what + " are there"), now_,
            false};
  }

  Replayed untold() const {
    std::string why;
    for (const auto& one : facts_.unknown()) why += (why.empty() ? "" : "; ") + one;
    return {std::nullopt, why, now_, false};
  }

  void remark(const std::string& text) {
    if (remarks_.find(text) == std::string::npos) remarks_ += (remarks_.empty() ? "" : "; ") + text;
  }
  std::string with_remarks(std::string why) const { return remarks_.empty() ? why : why + " (" + remarks_ + ")"; }

  Facts facts_;
  core::Lane lane_;
  core::World world_;
  core::Time now_{};
  std::map<std::string, core::Time> timers_;
  std::string remarks_;
  bool waited_for_window_ = false;
};

// It expired while nothing could be delivered because of a stop, or because its lane had delivered as often as a window
// allows: not by what this policy or that demands of it.
bool was_kept_back(const core::Promotion& stored) {
  const auto* expired = std::get_if<core::Expired>(&stored.phase);
  if (expired == nullptr || !expired->what.starts_with("deliveries did not open within ")) return false;
  return expired->what.find(": stopped by ") != std::string::npos ||
         expired->what.find("have begun in this window") != std::string::npos;
}

}  // namespace

std::optional<CameTo> came_to(const core::Promotion& promotion) {
  const auto& phase = promotion.phase;
  if (!promotion.deliveries.empty() || core::is_live(phase) || std::holds_alternative<core::Replaced>(phase) ||
      std::holds_alternative<core::RolledBack>(phase))
    return CameTo::delivered;
  if (std::holds_alternative<core::Rejected>(phase)) return CameTo::rejected;
  if (std::holds_alternative<core::Expired>(phase)) return CameTo::expired;
  if (std::holds_alternative<core::Superseded>(phase)) return CameTo::superseded;
  if (std::holds_alternative<core::Withdrawn>(phase)) return CameTo::withdrawn;
  if (std::holds_alternative<core::Vetoed>(phase)) return CameTo::vetoed;
  return std::nullopt;
}

Replayed replay(const core::Promotion& stored, const ReplayRules& rules) {
  const auto& phase = stored.phase;
  const bool was_taken_up = !stored.checks.empty() || !stored.approvals.empty();
  const bool superseded = std::holds_alternative<core::Superseded>(phase) && stored.deliveries.empty();
  if (superseded && rules.policy->queue < stored.policy->queue)
    return {
        std::nullopt,
        "it was superseded before it was decided; under `queue: " + std::string(core::name_of(rules.policy->queue)) +
            "` a newer candidate does not do that, and what it would have come to was never seen",
        stored.changed_at, false};
  if (stored.glass && !stored.glass->skipped.empty()) {
    std::string skipped;
    for (const auto& one : stored.glass->skipped) skipped += (skipped.empty() ? "" : ", ") + one;
    return {std::nullopt,
            stored.glass->asked_by + " and " + stored.glass->confirmed_by + " broke the glass: it went on without " +
                skipped,
            stored.changed_at, false};
  }
  // Waiting for its turn is the lane's affair.
  const bool had_stages = !stored.policy->stages.empty();
  if (!was_taken_up && had_stages && (superseded || std::holds_alternative<core::Expired>(phase)))
    return {came_to(stored), "", stored.changed_at, false};
  auto replayed = Replay(stored, rules).run();
  if (replayed.came_to == CameTo::delivered && was_kept_back(stored)) replayed.came_to = CameTo::expired;
  return replayed;
}

}  // namespace penstock::engine
