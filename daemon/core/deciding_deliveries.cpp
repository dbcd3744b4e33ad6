// What makes a candidate live: the policy's deliveries, in order, each confirmed before the next.
#include "daemon/core/approval.hpp"
#include "daemon/core/deciding.hpp"

namespace penstock::core {

// What let it pass must let it pass now, however long it waited: a waiver may have ended, an answer may be old,
// somebody who approved may have left.
bool Deciding::begins_now(Promotion& promotion) {
  for (const auto& stage : promotion.policy->stages)
    for (const auto& gate : stage.gates) {
      if (!is_satisfied(promotion, gate)) {
        enter_stage(promotion, 0);
        return false;
      }
      if (!is_passed(promotion, gate)) keep_what_was_skipped(promotion, "gate " + gate.name);
    }
  if (asks_old_gates_again(promotion)) return false;
  void_approvals_of_leavers(promotion);
  if (!is_approved(promotion)) {
    enter_approval(promotion);
    return false;
  }
  if (!all_met(progress(promotion))) keep_what_was_skipped(promotion, "approvals");
  if (waits_for_window(promotion) || waits_for_acknowledgement(promotion) || waits_for_place(promotion)) return false;
  use_waivers(promotion);
  auto& began = state().began;
  began.push_back(now_);
  if (began.size() > LaneState::most_began) began.erase(began.begin());
  return true;
}

void Deciding::enter_delivery(Promotion& promotion) {
  if (promotion.glass) promotion.glass->skipped.clear();
  if (!begins_now(promotion)) return;
  give_up_repairs();
  if (promotion.policy->deliveries.empty()) return go_live(promotion);
  for (const auto& delivery : promotion.policy->deliveries)
    promotion.deliveries.push_back(DeliveryStep{delivery.name, 1, DeliveryState::due, "", {}, std::nullopt});
  deliver(promotion, 0);
}

void Deciding::deliver(Promotion& promotion, std::size_t number) {
  auto& step = promotion.deliveries[number];
  step.state = DeliveryState::due;
  step.deadline = now_ + promotion.policy->deliveries[number].deadline;
  set(promotion, Delivering{number});
  command(Deliver{promotion.id, step.name, step.round, step.deadline});
}

void Deciding::deliver_again(Promotion& promotion, const Delivering& delivering) {
  auto& step = promotion.deliveries[delivering.step];
  ++step.round;
  step.answer.clear();
  step.ended_at.reset();
  deliver(promotion, delivering.step);
}

DeliveryStep* Deciding::awaited_step(Promotion& promotion, const std::string& delivery, int round) {
  const auto* delivering = std::get_if<Delivering>(&promotion.phase);
  if (delivering == nullptr) {
    ignore("the promotion is " + std::string(phase_name(promotion.phase)) + ", not delivering");
    return nullptr;
  }
  auto& step = promotion.deliveries[delivering->step];
  if (step.name != delivery || step.round != round) {
    ignore("round " + std::to_string(round) + " of " + delivery + " is not the delivery under way");
    return nullptr;
  }
  return &step;
}

void Deciding::on(const DeliverySent& event) {
  auto* promotion = find(event.promotion);
  if (promotion != nullptr && is_live(promotion->phase)) return repaired(*promotion, event);
  auto* step = promotion == nullptr ? nullptr : awaited_step(*promotion, event.delivery, event.round);
  if (step == nullptr) return;
  if (step->state == DeliveryState::sent) return ignore("it is known to be sent");
  step->state = DeliveryState::sent;
  step->answer = event.answer;
  promotion->changed_at = now_;
  command(SetTimer{promotion->id, "receipt/" + step->name + "/" + std::to_string(step->round), step->deadline});
}

void Deciding::on(const DeliveryConfirmed& event) {
  auto* promotion = find(event.promotion);
  if (promotion != nullptr && is_live(promotion->phase)) return repaired(*promotion, event);
  auto* step = promotion == nullptr ? nullptr : awaited_step(*promotion, event.delivery, event.round);
  if (step == nullptr) return;
  if (step->state == DeliveryState::sent)
    command(ClearTimer{promotion->id, "receipt/" + step->name + "/" + std::to_string(step->round)});
  step->state = DeliveryState::confirmed;
  step->answer = event.receipt;
  step->ended_at = now_;
  promotion->changed_at = now_;
  const auto next = std::get<Delivering>(promotion->phase).step + 1;
  if (next == promotion->deliveries.size()) return go_live(*promotion);
  deliver(*promotion, next);
}

void Deciding::on(const DeliveryRefused& event) {
  auto* promotion = find(event.promotion);
  if (promotion != nullptr && is_live(promotion->phase)) return repaired(*promotion, event);
  auto* step = promotion == nullptr ? nullptr : awaited_step(*promotion, event.delivery, event.round);
  if (step == nullptr) return;
  if (step->state == DeliveryState::sent)
    command(ClearTimer{promotion->id, "receipt/" + step->name + "/" + std::to_string(step->round)});
  refuse_delivery(*promotion, *step, event.reason, event.next);
}

void Deciding::refuse_delivery(Promotion& promotion, DeliveryStep& step, std::string reason, std::string next) {
  step.state = DeliveryState::refused;
  step.answer = reason;
  step.ended_at = now_;
  hold(promotion, "delivery " + step.name + " was refused: " + reason, std::move(next),
       std::get<Delivering>(promotion.phase));
}

}  // namespace penstock::core
