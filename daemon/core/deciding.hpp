// The working state of one advance(): the lane being changed and the commands gathered so far. Internal to the core.
#pragma once

#include <string>
#include <utility>

#include "daemon/core/advance.hpp"

namespace penstock::core {

class Deciding {
 public:
  Deciding(const Lane& lane, Time now) : now_(now) { decision_.lane = lane; }

  void on(const CandidateSeen& event);
  void on(const CheckReported& event);
  void on(const ApprovalGiven& event);
  void on(const RejectionGiven& event);
  void on(const DeliverySent& event);
  void on(const DeliveryConfirmed& event);
  void on(const DeliveryRefused& event);
  void on(const RetryAsked& event);
  void on(const WithdrawalAsked& event);
  void on(const DeadlinePassed& event);

  Decision take() && { return std::move(decision_); }

 private:
  // The lane (deciding_lane.cpp).
  Promotion* find(const PromotionId& id);
  void supersede_others(const Promotion& newcomer);
  void take_up_next();
  void go_live(Promotion& promotion);
  void hold(Promotion& promotion, std::string reason, std::string next, std::variant<Checking, Delivering> from);
  void end(Promotion& promotion, Phase phase);

  // Stages, gates and approvals (deciding_checks.cpp).
  void enter_stage(Promotion& promotion, std::size_t stage);
  void judge_stage(Promotion& promotion, std::size_t stage);
  void ask(Promotion& promotion, const Stage& stage, const GateSpec& gate, int attempt, int tries_left, Time due);
  void ask_again(Promotion& promotion, const Checking& checking);
  void enter_approval(Promotion& promotion);
  void set_approval_timer(Promotion& promotion, const AwaitingApproval& phase);

  // Deliveries (deciding_deliveries.cpp).
  void enter_delivery(Promotion& promotion);
  void deliver(Promotion& promotion, std::size_t step);
  void deliver_again(Promotion& promotion, const Delivering& delivering);
  // The step that the event speaks of, when it is the one being delivered; otherwise says why the event is ignored.
  DeliveryStep* awaited_step(Promotion& promotion, const std::string& delivery, int round);
  void refuse_delivery(Promotion& promotion, DeliveryStep& step, std::string reason, std::string next);

  void ignore(std::string why) { decision_.ignored = std::move(why); }
  void refuse(std::string code, std::string message, std::string hint) {
    decision_.refused = Problem{std::move(code), std::move(message), "", std::move(hint), false};
  }
  // A decision must be about what its maker saw.
  bool is_stale(const Promotion& promotion, const CandidateId& candidate, const Digest& policy);
  void set(Promotion& promotion, Phase phase) {
    promotion.phase = std::move(phase);
    promotion.changed_at = now_;
  }
  template <class Wish>
  void command(Wish wish) {
    decision_.commands.push_back(std::move(wish));
  }

  Decision decision_;
  Time now_;
};

}  // namespace penstock::core
