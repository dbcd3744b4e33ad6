#include "daemon/core/event.hpp"

#include <nlohmann/json.hpp>

namespace penstock::core {
namespace {

using nlohmann::json;

struct NameOf {
  std::string_view operator()(const CandidateSeen&) const { return "candidate_seen"; }
  std::string_view operator()(const CheckReported&) const { return "check_reported"; }
  std::string_view operator()(const ApprovalGiven&) const { return "approval_given"; }
  std::string_view operator()(const RejectionGiven&) const { return "rejection_given"; }
  std::string_view operator()(const ApprovalWithdrawn&) const { return "approval_withdrawn"; }
  std::string_view operator()(const VetoGiven&) const { return "veto_given"; }
  std::string_view operator()(const DeliverySent&) const { return "delivery_sent"; }
  std::string_view operator()(const DeliveryConfirmed&) const { return "delivery_confirmed"; }
  std::string_view operator()(const DeliveryRefused&) const { return "delivery_refused"; }
  std::string_view operator()(const RetryAsked&) const { return "retry_asked"; }
  std::string_view operator()(const WithdrawalAsked&) const { return "withdrawal_asked"; }
  std::string_view operator()(const DeadlinePassed&) const { return "deadline_passed"; }
  std::string_view operator()(const PinSet&) const { return "pin_set"; }
  std::string_view operator()(const PinReleased&) const { return "pin_released"; }
  std::string_view operator()(const RollbackAsked&) const { return "rollback_asked"; }
  std::string_view operator()(const WaiverAsked&) const { return "waiver_asked"; }
  std::string_view operator()(const WaiverGranted&) const { return "waiver_granted"; }
  std::string_view operator()(const WaiverRevoked&) const { return "waiver_revoked"; }
  std::string_view operator()(const StopSet&) const { return "stop_set"; }
  std::string_view operator()(const StopLifted&) const { return "stop_lifted"; }
  std::string_view operator()(const BreakGlassAsked&) const { return "break_glass_asked"; }
  std::string_view operator()(const ReviewFiled&) const { return "review_filed"; }
  std::string_view operator()(const DelegationGiven&) const { return "delegation_given"; }
  std::string_view operator()(const DelegationEnded&) const { return "delegation_ended"; }
  std::string_view operator()(const PlaceAsked&) const { return "place_asked"; }
  std::string_view operator()(const PlaceGranted&) const { return "place_granted"; }
  std::string_view operator()(const PlaceReturned&) const { return "place_returned"; }
  std::string_view operator()(const LimitsChanged&) const { return "limits_changed"; }
  std::string_view operator()(const EffectSeen&) const { return "effect_seen"; }
  std::string_view operator()(const EntriesAcknowledged&) const { return "entries_acknowledged"; }
  std::string_view operator()(const FollowersChanged&) const { return "followers_changed"; }
};

struct DocumentOf {
  json operator()(const CandidateSeen& e) const {
    return {{"candidate", e.candidate.text()},
            {"version", e.version},
            {"authors", e.authors},
            {"submitter", e.submitter},
            {"trigger", e.trigger},
            {"policy", e.policy->name},
            {"policy_digest", e.policy->digest.text()}};
  }
  json operator()(const CheckReported& e) const {
    return {{"gate", e.gate}, {"attempt", e.attempt}, {"finding", to_json(e.finding)}};
  }
  json operator()(const ApprovalGiven& e) const {
    return {{"candidate", e.candidate.text()},
            {"policy_digest", e.policy.text()},
            {"person", e.person},
            {"groups", e.groups},
            {"note", e.note},
            {"condition", e.condition},
            {"findings_digest", e.findings.text()},
            {"on_behalf_of", e.on_behalf_of}};
  }
  json operator()(const RejectionGiven& e) const {
    return {{"candidate", e.candidate.text()},
            {"policy_digest", e.policy.text()},
            {"person", e.person},
            {"groups", e.groups},
            {"reason", e.reason}};
  }
  json operator()(const ApprovalWithdrawn& e) const { return {{"person", e.person}, {"reason", e.reason}}; }
  json operator()(const VetoGiven& e) const {
    return {{"candidate", e.candidate.text()},
            {"policy_digest", e.policy.text()},
            {"person", e.person},
            {"groups", e.groups},
            {"reason", e.reason}};
  }
  json operator()(const DeliverySent& e) const {
    return {{"delivery", e.delivery}, {"round", e.round}, {"answer", e.answer}};
  }
  json operator()(const DeliveryConfirmed& e) const {
    return {{"delivery", e.delivery}, {"round", e.round}, {"receipt", e.receipt}};
  }
  json operator()(const DeliveryRefused& e) const {
    return {{"delivery", e.delivery}, {"round", e.round}, {"reason", e.reason}, {"next", e.next}};
  }
  json operator()(const RetryAsked& e) const { return {{"person", e.person}}; }
  json operator()(const WithdrawalAsked& e) const { return {{"person", e.person}, {"reason", e.reason}}; }
  json operator()(const DeadlinePassed& e) const { return {{"timer", e.timer}}; }
  json operator()(const PinSet& e) const { return {{"person", e.person}, {"reason", e.reason}}; }
  json operator()(const PinReleased& e) const { return {{"person", e.person}}; }
  json operator()(const RollbackAsked& e) const {
    return {{"person", e.person}, {"groups", e.groups}, {"reason", e.reason}, {"candidate", e.candidate.text()}};
  }
  json operator()(const WaiverAsked& e) const { return {{"waiver", to_json(e.waiver)}}; }
  json operator()(const WaiverGranted& e) const {
    return {{"waiver", e.waiver}, {"person", e.person}, {"groups", e.groups}};
  }
  json operator()(const StopSet& e) const { return {{"stop", to_json(e.stop)}}; }
  json operator()(const StopLifted& e) const { return {{"stop", e.stop}, {"person", e.person}}; }
  json operator()(const BreakGlassAsked& e) const {
    return {{"candidate", e.candidate.text()},
            {"policy_digest", e.policy.text()},
            {"person", e.person},
            {"groups", e.groups},
            {"reason", e.reason}};
  }
  json operator()(const ReviewFiled& e) const { return {{"person", e.person}, {"groups", e.groups}, {"text", e.text}}; }
  json operator()(const DelegationGiven& e) const { return {{"delegation", to_json(e.delegation)}}; }
  json operator()(const DelegationEnded& e) const { return {{"delegation", e.delegation}, {"person", e.person}}; }
  json operator()(const PlaceAsked& e) const { return {{"place", to_json(e.place)}}; }
  json operator()(const PlaceGranted& e) const { return {{"place", to_json(e.place)}}; }
  json operator()(const PlaceReturned& e) const { return {{"place", to_json(e.place)}}; }
  json operator()(const LimitsChanged&) const { return json::object(); }
  json operator()(const FollowersChanged&) const { return json::object(); }
  json operator()(const EntriesAcknowledged& e) const { return {{"number", e.number}, {"entries", e.entries}}; }
  json operator()(const EffectSeen& e) const {
    return {{"delivery", e.delivery}, {"number", e.number}, {"effect", name_of(e.effect)}, {"observed", e.observed}};
  }
  json operator()(const WaiverRevoked& e) const {
    return {{"waiver", e.waiver}, {"person", e.person}, {"reason", e.reason}};
  }
};

}  // namespace

std::string_view event_name(const Event& event) { return std::visit(NameOf{}, event); }

const PromotionId& promotion_of(const Event& event) {
  return std::visit([](const auto& e) -> const PromotionId& { return e.promotion; }, event);
}

const LaneKey* lane_of(const Event& event) {
  return std::visit(
      [](const auto& e) -> const LaneKey* {
        if constexpr (requires { e.lane; }) return e.lane.model.empty() ? nullptr : &e.lane;
        return nullptr;
      },
      event);
}

json to_json(const Event& event) {
  auto document = std::visit(DocumentOf{}, event);
  document["event"] = event_name(event);
  document["promotion"] = promotion_of(event);
  return document;
}

}  // namespace penstock::core
