// The working state of one advance(): the lane being changed and the commands gathered so far. Internal to the core.
#pragma once

#include <string>
#include <utility>

#include "daemon/core/advance.hpp"

namespace penstock::core {

class Deciding {
 public:
  Deciding(const Lane& lane, Time now, const World& world) : world_(world), now_(now) { decision_.lane = lane; }

  void on(const CandidateSeen& event);
  void on(const CheckReported& event);
  void on(const ApprovalGiven& event);
  void on(const RejectionGiven& event);
  void on(const ApprovalWithdrawn& event);
  void on(const VetoGiven& event);
  void on(const DeliverySent& event);
  void on(const DeliveryConfirmed& event);
  void on(const DeliveryRefused& event);
  void on(const RetryAsked& event);
  void on(const WithdrawalAsked& event);
  void on(const DeadlinePassed& event);
  void on(const PinSet& event);
  void on(const PinReleased& event);
  void on(const RollbackAsked& event);
  void on(const WaiverAsked& event);
  void on(const WaiverGranted& event);
  void on(const WaiverRevoked& event);
  void on(const StopSet& event);
  void on(const StopLifted& event);
  void on(const BreakGlassAsked& event);
  void on(const ReviewFiled& event);
  void on(const DelegationGiven& event);
  void on(const DelegationEnded& event);
  void on(const PlaceAsked& event);
  void on(const PlaceGranted& event);
  void on(const PlaceReturned& event);
  void on(const LimitsChanged& event);
  void on(const EffectSeen& event);
  void on(const FollowersChanged& event);
  void on(const EntriesAcknowledged& event);

  Decision take() && {
    if (!decision_.refused && decision_.ignored.empty()) give_back_places();
    return std::move(decision_);
  }

 private:
  // The lane (deciding_lane.cpp) and how promotions end (deciding_ends.cpp).
  Promotion* find(const PromotionId& id);
  void supersede_others(const Promotion& newcomer);
  void take_up_next();
  void go_live(Promotion& promotion);
  void hold(Promotion& promotion, std::string reason, std::string next, std::variant<Checking, Delivering> from);
  void end(Promotion& promotion, Phase phase);
  void call_off(const Promotion& promotion);
  bool may_still_be_stopped(const Promotion& promotion, const std::string& as);
  bool is_decider(const Promotion& promotion, const std::string& person, const std::vector<std::string>& groups);
  bool is_early(const Promotion& promotion, const std::string& timer, Time until);
  void pass_deadline(Promotion& promotion, const std::string& timer);
  LaneState& state() { return decision_.lane.state; }
  void tell(const PromotionId& promotion, NoticeKind kind, std::vector<std::string> to, std::string text);

  // Stages, gates and approvals (deciding_checks.cpp).
  void enter_stage(Promotion& promotion, std::size_t stage);
  void judge_stage(Promotion& promotion, std::size_t stage);
  void ask(Promotion& promotion, const std::string& stage, const GateSpec& gate, int attempt, int tries_left, Time due);
  bool is_satisfied(const Promotion& promotion, const GateSpec& gate) const;
  bool is_passed(const Promotion& promotion, const GateSpec& gate) const;
  void ask_again(Promotion& promotion, const Checking& checking);
  // Approvals (deciding_approvals.cpp).
  void enter_approval(Promotion& promotion);
  void set_approval_timer(Promotion& promotion, const AwaitingApproval& phase);
  void pass_approval_timer(Promotion& promotion);
  void go_on_when_approved(Promotion& promotion);
  void void_approval(const Promotion& promotion, Approval& approval, const std::string& why);
  static bool has_counting_approval(const Promotion& promotion);
  void void_approvals_on_new_findings(Promotion& promotion, const std::string& findings_before);
  void void_approvals_of_leavers(Promotion& promotion);

  bool is_approved(const Promotion& promotion) const;
  // Those who stand in for others (deciding_delegations.cpp).
  std::vector<std::string> groups_by(const Delegation& delegation) const;
  std::vector<std::string> groups_of(const std::string& person, std::vector<std::string> own) const;
  bool stand_in(const Promotion& promotion, Approval& approval) const;
  bool is_given_already(const Promotion& promotion, const Approval& wanted);
  std::string why_not_for(const Approval& approval, const std::string& group) const;
  void set_delegations_timer();
  void expire_delegations();

  // Emergencies (deciding_break_glass.cpp).
  bool is_skipped(const Promotion& promotion, const GateSpec& gate) const;
  bool is_skipped(const Promotion& promotion, Dispensable what) const;
  void go_on_behind_glass(Promotion& promotion);
  void pass_glass_timer(Promotion& promotion);
  void keep_what_was_skipped(Promotion& promotion, const std::string& what);
  void remind_of_review();

  // What must hold at the instant of delivery, and waiting for it (deciding_windows.cpp).
  bool asks_old_gates_again(Promotion& promotion);
  bool waits_for_window(Promotion& promotion);
  void pass_window_timer(Promotion& promotion);
  void soak(const Promotion& promotion);
  void pass_soak_timer(const Promotion& promotion, const std::string& timer);

  // That the audit log is kept elsewhere first (deciding_acknowledgement.cpp).
  bool waits_for_acknowledgement(Promotion& promotion);
  bool is_acknowledged_too_late(Promotion& promotion);

  // Places of semaphores (deciding_places.cpp).
  bool waits_for_place(Promotion& promotion);
  void give_back_places();
  bool give_out_places();

  // Deliveries (deciding_deliveries.cpp).
  // Whether deliveries begin now, which is noted. Where they do not, the promotion asks or waits for what is missing.
  bool begins_now(Promotion& promotion);
  void enter_delivery(Promotion& promotion);
  void deliver(Promotion& promotion, std::size_t step);
  void deliver_again(Promotion& promotion, const Delivering& delivering);
  // The step that the event speaks of, when it is the one being delivered; otherwise says why the event is ignored.
  DeliveryStep* awaited_step(Promotion& promotion, const std::string& delivery, int round);
  void refuse_delivery(Promotion& promotion, DeliveryStep& step, std::string reason, std::string next);

  // Going on with what is held (deciding_retry.cpp).
  void retry_delivery(const Promotion& held, const Delivering& delivering);
  void refuse_retry(const Promotion& held, const Promotion& asked);
  struct ClosedGates {
    std::string why;
    bool may_be_waived = false;
  };
  // The gates that `asked` asks again.
  ClosedGates closed_gates(const Promotion& held, const Promotion& asked) const;

  // After delivery: watching and going back (deciding_watch.cpp, deciding_rollback.cpp).
  void watch(Promotion& promotion);
  void ask_watch_gates(Promotion& promotion, const Watching& phase, Time due);
  void judge_round(Promotion& promotion);
  void pass_watch_timer(Promotion& promotion);
  // The newest former one that was not vetoed since, or just `candidate`; nullptr when there is none.
  const FormerLive* way_back(const CandidateId& candidate);
  void go_back(const Promotion& from, const FormerLive& target, const PromotionId& id, const std::string& by,
               const std::string& reason);

  // Whether it is still there (deciding_drift.cpp).
  void begin_looking(Promotion& promotion);
  void look_at(const Promotion& promotion, DeliveryStep& step);
  void note_effect(Promotion& promotion, DeliveryStep& step, const EffectSeen& event);
  bool may_put_back(const Promotion& promotion);
  void put_back(Promotion& promotion, DeliveryStep& step);
  void give_up_repairs();
  DeliveryStep* repaired_step(Promotion& promotion, const std::string& delivery, int round);
  void repaired(Promotion& promotion, const DeliveryConfirmed& event);
  void repaired(Promotion& promotion, const DeliverySent& event);
  void repaired(Promotion& promotion, const DeliveryRefused& event);

  // Waivers (deciding_waivers.cpp).
  bool is_waived(const Promotion& promotion, const Check& check) const;
  void use_waivers(Promotion& promotion);
  void look_again_at_the_held();
  void reopen_unsatisfied();
  void set_waiver_timer();
  void expire_waivers();

  void ignore(std::string why) { decision_.ignored = std::move(why); }
  void refuse(std::string code, std::string message, std::string hint) {
    decision_.refused = Problem{std::move(code), std::move(message), "", std::move(hint), false};
  }
  // A decision must be about what its maker saw.
  bool is_stale(const Promotion& promotion, const CandidateId& candidate, const Digest& policy);
  bool is_stale(const Promotion& promotion, const Digest& findings);
  void set(Promotion& promotion, Phase phase) {
    promotion.phase = std::move(phase);
    promotion.changed_at = now_;
  }
  template <class Wish>
  void command(Wish wish) {
    decision_.commands.push_back(std::move(wish));
  }

  Decision decision_;
  const World& world_;
  Time now_;
};

}  // namespace penstock::core
