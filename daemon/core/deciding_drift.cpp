// Drift: whether what was delivered is still there, as long as it is live.
#include <algorithm>

#include "daemon/core/deciding.hpp"
#include "daemon/core/delivery_opening.hpp"

namespace penstock::core {
namespace {

// So many looks in a row that could not find out are told. One of them may be a registry that restarts.
constexpr int too_blind = 3;

bool is_being_delivered(const Promotion& promotion) {
  const auto* held = std::get_if<Held>(&promotion.phase);
  return std::holds_alternative<Delivering>(promotion.phase) ||
         (held != nullptr && std::holds_alternative<Delivering>(held->from));
}

std::string told_of(const Promotion& promotion, const DeliveryStep& step) {
  return "delivery " + step.name + " of version " + promotion.version + ", live in " + to_text(promotion.lane) + ", ";
}

}  // namespace

void Deciding::begin_looking(Promotion& promotion) {
  if (!promotion.policy->drift) return;
  for (auto& step : promotion.deliveries) {
    step.look = Look{};
    look_at(promotion, step);
  }
}

void Deciding::look_at(const Promotion& promotion, DeliveryStep& step) {
  command(LookAt{promotion.id, step.name, ++step.look->number, now_ + promotion.policy->drift->every});
}

void Deciding::on(const EffectSeen& event) {
  auto* promotion = find(event.promotion);
  if (promotion == nullptr) return;
  const auto step = std::find_if(promotion->deliveries.begin(), promotion->deliveries.end(),
                                 [&](const DeliveryStep& one) { return one.name == event.delivery; });
  const bool is_awaited = is_live(promotion->phase) && step != promotion->deliveries.end() && step->look &&
                          step->look->number == event.number;
  if (!is_awaited) return ignore("nobody waits for look " + std::to_string(event.number) + " at " + event.delivery);
  // What is being delivered may be there already: it says nothing of what is live until then.
  const auto& all = decision_.lane.promotions;
  const bool tells = event.effect == Effect::unreadable || std::none_of(all.begin(), all.end(), is_being_delivered);
  if (tells) note_effect(*promotion, *step, event);
  if (step->look->effect != Effect::unreadable) look_at(*promotion, *step);
}

// Each state is told once, however often it is seen.
void Deciding::note_effect(Promotion& promotion, DeliveryStep& step, const EffectSeen& event) {
  auto& look = *step.look;
  if (event.effect == Effect::unknown) {
    if (++look.blind == too_blind)
      tell(promotion.id, NoticeKind::alarm, {},
           told_of(promotion, step) + "cannot be looked at, " + std::to_string(look.blind) +
               " times in a row: " + event.observed);
    return;
  }
  const auto before = look;
  look.effect = event.effect;
  look.observed = event.observed;
  look.at = now_;
  look.blind = 0;
  if (look.effect != before.effect || look.observed != before.observed) promotion.changed_at = now_;
  if (look.effect == Effect::drifted) {
    const bool repairs = may_put_back(promotion);
    if (before.effect != Effect::drifted || before.observed != look.observed)
      tell(promotion.id, NoticeKind::alarm, {},
           told_of(promotion, step) + "is no longer there: " + look.observed +
               (repairs ? "; it is put back" : "; nobody promoted that here"));
    if (repairs) put_back(promotion, step);
  } else if (before.effect == Effect::drifted) {
    if (step.state != DeliveryState::confirmed) {
      step.state = DeliveryState::confirmed;
      step.answer = look.observed;
      step.ended_at = now_;
    }
    tell(promotion.id, NoticeKind::alarm, {}, told_of(promotion, step) + "is there again: " + look.observed);
  }
}

// A person's order that nothing is delivered holds for repairs too: somebody may be moving things by hand.
bool Deciding::may_put_back(const Promotion& promotion) {
  if (!promotion.policy->drift->repair) return false;
  const DeliveryQuestion question{promotion.lane, *promotion.policy, state().began, promotion.id};
  return delivery_opening(question, world_, now_).stops.empty();
}

void Deciding::put_back(Promotion& promotion, DeliveryStep& step) {
  const bool under_way = step.state == DeliveryState::due || step.state == DeliveryState::sent;
  if (under_way && now_ < step.deadline) return;
  ++step.round;
  step.state = DeliveryState::due;
  step.ended_at.reset();
  step.deadline = now_ + longest_repair;
  promotion.changed_at = now_;
  command(Deliver{promotion.id, step.name, step.round, step.deadline});
}

// What is about to be delivered takes the place of what was to be put back.
void Deciding::give_up_repairs() {
  for (auto& promotion : decision_.lane.promotions) {
    if (!is_live(promotion.phase)) continue;
    for (auto& step : promotion.deliveries)
      if (step.state == DeliveryState::due || step.state == DeliveryState::sent) {
        step.state = DeliveryState::refused;
        step.answer = "given up: another version is being delivered";
        step.ended_at = now_;
      }
  }
}

// The answers of a repair. There is no timer: the next look tells what came of it.
DeliveryStep* Deciding::repaired_step(Promotion& promotion, const std::string& delivery, int round) {
  for (auto& step : promotion.deliveries)
    if (step.name == delivery && step.round == round && step.look &&
        (step.state == DeliveryState::due || step.state == DeliveryState::sent)) {
      promotion.changed_at = now_;
      return &step;
    }
  ignore("round " + std::to_string(round) + " of " + delivery + " is not under way: the promotion is live");
  return nullptr;
}

void Deciding::repaired(Promotion& promotion, const DeliveryConfirmed& event) {
  auto* step = repaired_step(promotion, event.delivery, event.round);
  if (step == nullptr) return;
  step->state = DeliveryState::confirmed;
  step->answer = event.receipt;
  step->ended_at = now_;
  step->look->effect = Effect::kept;
  step->look->observed = event.receipt;
  step->look->at = now_;
  tell(promotion.id, NoticeKind::alarm, {}, told_of(promotion, *step) + "was put back: " + event.receipt);
}

void Deciding::repaired(Promotion& promotion, const DeliverySent& event) {
  auto* step = repaired_step(promotion, event.delivery, event.round);
  if (step == nullptr) return;
  step->state = DeliveryState::sent;
  step->answer = event.answer;
}

void Deciding::repaired(Promotion& promotion, const DeliveryRefused& event) {
  auto* step = repaired_step(promotion, event.delivery, event.round);
  if (step == nullptr) return;
  step->state = DeliveryState::refused;
  step->ended_at = now_;
  if (step->answer == event.reason) return;
  step->answer = event.reason;
  tell(promotion.id, NoticeKind::alarm, {}, told_of(promotion, *step) + "could not be put back: " + event.reason);
}

}  // namespace penstock::core
