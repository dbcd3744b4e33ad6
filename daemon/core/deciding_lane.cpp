// How a lane takes candidates up, one at a time, and how they become live in it.
#include <algorithm>

#include "daemon/core/deciding.hpp"
#include "daemon/core/planted.hpp"

namespace penstock::core {
namespace {

// Not yet being delivered: stopping it takes nothing back. Going back is what a person or a watch wanted, because what
// is live is bad: no candidate that only shows itself gets in its way.
bool can_be_cancelled(const Promotion& promotion) {
  const auto& phase = promotion.phase;
  if (!promotion.takes_back.empty()) return false;
  if (const auto* held = std::get_if<Held>(&phase)) return std::holds_alternative<Checking>(held->from);
  return std::holds_alternative<Checking>(phase) || std::holds_alternative<AwaitingApproval>(phase) ||
         std::holds_alternative<AwaitingWindow>(phase);
}

}  // namespace

Promotion* Deciding::find(const PromotionId& id) {
  for (auto& promotion : decision_.lane.promotions)
    if (promotion.id == id) return &promotion;
  ignore("no open promotion " + id + " in " + to_text(decision_.lane.key));
  return nullptr;
}

void Deciding::on(const CandidateSeen& event) {
  for (const auto& veto : state().vetoes)
    if (veto.candidate == event.candidate)
      return ignore("this candidate was vetoed here by " + veto.by + " at " + to_text(veto.at) + ": " + veto.reason);
  for (const auto& promotion : decision_.lane.promotions)
    if (promotion.candidate == event.candidate)
      return ignore("this candidate is " + std::string(phase_name(promotion.phase)) + " here already as " +
                    promotion.id);
  Promotion promotion;
  promotion.id = event.promotion;
  promotion.lane = decision_.lane.key;
  promotion.candidate = event.candidate;
  promotion.version = event.version;
  promotion.authors = event.authors;
  promotion.submitter = event.submitter;
  promotion.trigger = event.trigger;
  promotion.policy = event.policy;
  promotion.opened_at = now_;
  set(promotion, Queued{now_ + event.policy->queue_for});
  supersede_others(promotion);
  decision_.lane.promotions.push_back(std::move(promotion));
  take_up_next();
  const auto& opened = decision_.lane.promotions.back();
  if (const auto* queued = std::get_if<Queued>(&opened.phase)) command(SetTimer{opened.id, "queue", queued->until});
}

// The newcomer's policy decides: it is the one in force now.
void Deciding::supersede_others(const Promotion& newcomer) {
  const auto mode = newcomer.policy->queue;
  if (mode == QueueMode::queue) return;
  for (auto& other : decision_.lane.promotions) {
    const bool waits = std::holds_alternative<Queued>(other.phase);
    if (waits || (mode == QueueMode::cancel_running && can_be_cancelled(other))) end(other, Superseded{newcomer.id});
  }
}

void Deciding::take_up_next() {
  const bool is_free = under_way_in(decision_.lane) == nullptr || PENSTOCK_PLANTED(3);
  if (state().pin || state().review || !is_free) return;
  const bool newest = world_.policy && world_.policy->order == QueueOrder::newest_first;
  Promotion* next = nullptr;
  for (auto& promotion : decision_.lane.promotions)
    if (std::holds_alternative<Queued>(promotion.phase) && (next == nullptr || newest)) next = &promotion;
  if (next == nullptr) return;
  if (next->opened_at != now_) command(ClearTimer{next->id, "queue"});
  enter_stage(*next, 0);
}

// Nothing is added to the lane's promotions here: those who call hold references to them.
void Deciding::go_live(Promotion& promotion) {
  for (auto& other : decision_.lane.promotions) {
    if (!is_live(other.phase)) continue;
    call_off(other);
    if (promotion.takes_back == other.id) {
      set(other, RolledBack{promotion.id});
      continue;
    }
    auto& former = state().former;
    std::erase_if(former, [&](const FormerLive& one) { return one.candidate == other.candidate; });
    former.insert(former.begin(), FormerLive{other.id, other.candidate, other.version, *live_since(other)});
    if (former.size() > LaneState::most_former) former.pop_back();
    set(other, Replaced{promotion.id});
  }
  std::erase_if(state().former, [&](const FormerLive& one) { return one.candidate == promotion.candidate; });
  call_off(promotion);
  if (promotion.policy->watch) {
    watch(promotion);
  } else {
    set(promotion, Live{now_});
  }
  soak(promotion);
  begin_looking(promotion);
  take_up_next();
}

void Deciding::hold(Promotion& promotion, std::string reason, std::string next,
                    std::variant<Checking, Delivering> from) {
  const auto until = now_ + promotion.policy->hold_for;
  set(promotion, Held{std::move(reason), std::move(next), from, until});
  if (!PENSTOCK_PLANTED(6)) command(SetTimer{promotion.id, "hold", until});
  if (!promotion.takes_back.empty())
    tell(promotion.id, NoticeKind::alarm, {},
         "going back in " + to_text(promotion.lane) + " did not work: " + std::get<Held>(promotion.phase).reason);
}

void Deciding::tell(const PromotionId& promotion, NoticeKind kind, std::vector<std::string> to, std::string text) {
  command(Notify{decision_.lane.key, ++state().notices, promotion, kind, std::move(to), std::move(text)});
}

void Deciding::on(const PinSet& event) {
  if (state().pin) return ignore(state().pin->by + " holds the lane already: " + state().pin->reason);
  state().pin = Pin{event.person, event.reason, now_};
}

void Deciding::on(const PinReleased&) {
  if (!state().pin) return ignore("nobody holds the lane");
  state().pin.reset();
  take_up_next();
}

void Deciding::end(Promotion& promotion, Phase phase) {
  set(promotion, std::move(phase));
  call_off(promotion);
}

// What this very decision asked for is taken back here: of one decision, what it calls off goes before what it asks
// for.
void Deciding::call_off(const Promotion& promotion) {
  std::erase_if(decision_.commands, [&](const Command& wish) {
    const auto* check = std::get_if<RunCheck>(&wish);
    const auto* delivery = std::get_if<Deliver>(&wish);
    const auto* timer = std::get_if<SetTimer>(&wish);
    const auto* look = std::get_if<LookAt>(&wish);
    return (check != nullptr && check->promotion == promotion.id) ||
           (delivery != nullptr && delivery->promotion == promotion.id) ||
           (timer != nullptr && timer->promotion == promotion.id) ||
           (look != nullptr && look->promotion == promotion.id);
  });
  command(CallOff{promotion.id});
}

}  // namespace penstock::core
