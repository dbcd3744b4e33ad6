// What can happen to a lane: facts, in the past tense. Everything enters by Engine::submit.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <variant>
#include <vector>

#include "daemon/core/lane_state.hpp"
#include "daemon/core/promotion.hpp"

namespace penstock::core {

// A source, a hook or a caller showed a version that this lane's policy covers.
struct CandidateSeen {
  PromotionId promotion;  // the id to open it under
  CandidateId candidate;
  std::string version;
  std::vector<std::string> authors;
  std::string submitter;
  std::string trigger;
  std::shared_ptr<const Policy> policy;
};
// A check ended: the gate answered, or (errored) could not.
struct CheckReported {
  PromotionId promotion;
  std::string gate;
  int attempt = 1;
  Finding finding;
};
struct ApprovalGiven {
  PromotionId promotion;
  CandidateId candidate;  // what the person saw; a different one is stale
  Digest policy;
  std::string person;
  std::vector<std::string> groups;
  // Other names under which this person's work appears ("alice@example.com"), to tell an author from an approver.
  std::vector<std::string> aliases;
  std::string note;
  std::string condition{};
  Digest findings{};           // what the person saw of them (World::digest of findings_text)
  std::string on_behalf_of{};  // the principal; empty: for themself, or for whoever has delegated to them
};
struct RejectionGiven {
  PromotionId promotion;
  CandidateId candidate;
  Digest policy;
  std::string person;
  std::vector<std::string> groups;
  std::string reason;
};
// A person takes an approval back, which counts until then.
struct ApprovalWithdrawn {
  PromotionId promotion;
  std::string person;
  std::string reason;
};
// As a rejection, and for good: this candidate never in this lane.
struct VetoGiven {
  PromotionId promotion;
  CandidateId candidate;
  Digest policy;
  std::string person;
  std::vector<std::string> groups;
  std::string reason;
};
// The receiver has it and will send its receipt later.
struct DeliverySent {
  PromotionId promotion;
  std::string delivery;
  int round = 1;
  std::string answer;
};
struct DeliveryConfirmed {
  PromotionId promotion;
  std::string delivery;
  int round = 1;
  std::string receipt;
};
struct DeliveryRefused {
  PromotionId promotion;
  std::string delivery;
  int round = 1;
  std::string reason;
  std::string next;
};
// Somebody has looked where a delivery took effect. `unknown`: they could not find out, and `observed` says why.
struct EffectSeen {
  PromotionId promotion;
  std::string delivery;
  int number = 1;
  Effect effect{};
  std::string observed;
};
// Everybody whom the policy names has the audit log's first `entries`, and with them what was decided when this was
// asked for.
struct EntriesAcknowledged {
  PromotionId promotion;
  int number = 1;
  std::int64_t entries = 0;
};
// A person retries what is held.
struct RetryAsked {
  PromotionId promotion;
  std::string person;
};
struct WithdrawalAsked {
  PromotionId promotion;
  std::string person;
  std::string reason;
};
// A timer that advance() set has come due. `timer` is the name it was set under.
struct DeadlinePassed {
  PromotionId promotion;
  std::string timer;
  LaneKey lane{};  // empty: the promotion tells it
};

// Facts about the lane itself. `promotion` stays empty, but for RollbackAsked: there it is the id to open it under.

struct PinSet {
  LaneKey lane;
  std::string person;
  std::string reason;
  PromotionId promotion;
};
struct PinReleased {
  LaneKey lane;
  std::string person;
  PromotionId promotion;
};
// Go back to what was live before, or to `candidate` when one is named.
struct RollbackAsked {
  LaneKey lane;
  PromotionId promotion;
  std::string person;
  std::vector<std::string> groups;
  std::string reason;
  CandidateId candidate;
};
struct WaiverAsked {
  LaneKey lane;
  Waiver waiver;
  PromotionId promotion;
};
struct WaiverGranted {
  LaneKey lane;
  std::string waiver;
  std::string person;
  std::vector<std::string> groups;
  PromotionId promotion;
};
// Refused or taken back.
struct WaiverRevoked {
  LaneKey lane;
  std::string waiver;
  std::string person;
  std::string reason;
  PromotionId promotion;
};

// Deliveries stop. The lane is every_lane.
struct StopSet {
  LaneKey lane;
  Stop stop;
  PromotionId promotion;
};
struct StopLifted {
  LaneKey lane;
  std::string stop;
  std::string person;
  PromotionId promotion;
};

// A person breaks the glass, or is the second one to do so.
struct BreakGlassAsked {
  PromotionId promotion;
  CandidateId candidate;
  Digest policy;
  std::string person;
  std::vector<std::string> groups;
  std::string reason;
};
// What was done behind broken glass has been looked at; `text` says with what result.
struct ReviewFiled {
  LaneKey lane;
  std::string person;
  std::vector<std::string> groups;
  std::string text;
  PromotionId promotion;
};

// The lane is every_lane.
struct DelegationGiven {
  LaneKey lane;
  Delegation delegation;
  PromotionId promotion;
};
struct DelegationEnded {
  LaneKey lane;
  std::string delegation;
  std::string person;
  PromotionId promotion;
};

// What becomes of places: asked for and given back in every_lane, granted in the lane that asked.
struct PlaceAsked {
  LaneKey lane;
  Place place;
  PromotionId promotion;
};
struct PlaceGranted {
  LaneKey lane;
  Place place;
  PromotionId promotion;
};
struct PlaceReturned {
  LaneKey lane;
  Place place;
  PromotionId promotion;
};
// Semaphores may have more places than before. The lane is every_lane.
struct LimitsChanged {
  LaneKey lane;
  PromotionId promotion;
};

// Other lanes follow this one now, or follow it otherwise than before.
struct FollowersChanged {
  LaneKey lane;
  PromotionId promotion;
};

using Event =
    std::variant<CandidateSeen, CheckReported, ApprovalGiven, RejectionGiven, ApprovalWithdrawn, VetoGiven,
                 DeliverySent, DeliveryConfirmed, DeliveryRefused, RetryAsked, WithdrawalAsked, DeadlinePassed, PinSet,
                 PinReleased, RollbackAsked, WaiverAsked, WaiverGranted, WaiverRevoked, StopSet, StopLifted,
                 BreakGlassAsked, ReviewFiled, DelegationGiven, DelegationEnded, PlaceAsked, PlaceGranted,
                 PlaceReturned, LimitsChanged, EffectSeen, FollowersChanged, EntriesAcknowledged>;

// "candidate_seen", "check_reported", …
std::string_view event_name(const Event& event);
const PromotionId& promotion_of(const Event& event);
// The lane of a fact about a lane; nullptr when the promotion tells it.
const LaneKey* lane_of(const Event& event);
// For the event log and the stream: stable, with the name as "event". Holds no secret because no event does.
nlohmann::json to_json(const Event& event);

}  // namespace penstock::core
