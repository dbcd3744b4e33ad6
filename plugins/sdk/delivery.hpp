// One act that makes a candidate live: a webhook, a registry's alias. Confirmed by reading back or by a receipt.
#pragma once

#include <memory>
#include <string>
#include <variant>

#include "daemon/core/candidate.hpp"
#include "plugins/sdk/gate.hpp"
#include "plugins/sdk/outcome.hpp"
#include "plugins/sdk/tools.hpp"

namespace penstock::sdk {

struct DeliveryRequest {
  core::PromotionId promotion;
  core::LaneKey lane;
  core::CandidateId candidate_id;
  core::Candidate candidate;
  core::Digest policy;
  std::vector<std::string> approved_by;
  std::optional<LiveCandidate> live;  // what it takes the place of
  std::string delivery;               // its name in the policy
  // The same for every try of the same round: receivers tell a repeat from a new act by it.
  std::string key;
  core::Time asked_at{};  // as well: when the round began
  int try_number = 1;
  core::Time deadline;
  // It is live, and somebody else has changed since what it did: that is to be replaced, whatever it is.
  bool puts_back = false;
};

// It took effect. `receipt` says how that is known ("204 from https://…", "alias champion reads back as 7").
struct Confirmed {
  std::string receipt;
};
// The other side has it and will report by a callback.
struct Sent {
  std::string answer;
};

using DeliveryOutcome = std::variant<Confirmed, Sent, TryLater, Refused>;

// What is there now of what a delivery did.
struct Kept {
  std::string observed;  // "alias champion reads back as 7"
};
// Somebody else has changed it; `observed` tells what is there, and what should be.
struct Drifted {
  std::string observed;
};
// This kind of delivery leaves nothing that could be looked at.
struct Unreadable {
  std::string why;
};
// A Problem: it could not be found out, which says nothing about what is there.
using Look = std::variant<Kept, Drifted, Unreadable, core::Problem>;

// A configured delivery: holds configuration only, called from many threads. deliver() blocks its thread, may be called
// again with the same key after a crash, and must then have no second effect.
class Delivery {
 public:
  virtual ~Delivery() = default;
  virtual DeliveryOutcome deliver(const DeliveryRequest& request, Tools& tools) const = 0;
  // Whether what deliver() did for this candidate is still there. Changes nothing, and blocks its thread as well.
  virtual Look look(const DeliveryRequest&, Tools&) const {
    return Unreadable{"this kind of delivery leaves nothing that could be looked at"};
  }
};

}  // namespace penstock::sdk
