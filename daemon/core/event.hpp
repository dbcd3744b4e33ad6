// What can happen to a lane: facts, in the past tense. Everything enters by Engine::submit.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <variant>
#include <vector>

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
};
struct RejectionGiven {
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
};

using Event = std::variant<CandidateSeen, CheckReported, ApprovalGiven, RejectionGiven, DeliverySent, DeliveryConfirmed,
                           DeliveryRefused, RetryAsked, WithdrawalAsked, DeadlinePassed>;

// "candidate_seen", "check_reported", …
std::string_view event_name(const Event& event);
const PromotionId& promotion_of(const Event& event);
// For the event log and the stream: stable, with the name as "event". Holds no secret because no event does.
nlohmann::json to_json(const Event& event);

}  // namespace penstock::core
