// What has happened to each promotion, kept from events and commands alone: the core's own notes are not looked at, so
// that they can be checked against this.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/property/history.hpp"

namespace penstock::property {

// The newest execution of one gate that was asked for, and the newest answer there is.
struct AskedCheck {
  int attempt = 0;
  bool answered = false;  // the newest execution
  std::optional<Finding> newest;
};

struct GivenApproval {
  ApprovalGiven event;
  std::string findings;  // as they stood: findings_of() the journey
  bool taken_back = false;
};

// Somebody broke the glass, or was the second one to do so.
struct Break {
  std::string person;
  Time at{};
};

struct Journey {
  std::map<std::string, AskedCheck> checks;  // by gate
  std::vector<GivenApproval> approvals;      // that were taken, oldest first
  std::vector<Break> breaks;                 // that were taken, oldest first
  std::map<std::string, int> rounds;         // by delivery: the newest that was asked for
  std::set<std::string> confirmed;           // deliveries whose newest round was confirmed
  bool began = false;                        // its delivery has begun, or it is live without one
  Time awaiting_since{};                     // approvals: the newest time that it began to wait for them
  Time latest{};                             // and the latest moment since
  Duration waited{};                         // the longest of all such waits: what has escalated stays so
};

// The newest answer of every gate, without times and evidence.
std::string findings_of(const Journey& journey);

class Ledger {
 public:
  // Before the properties are looked at: what was accepted, and what was asked for.
  void note(const Lane& before, const Event& event, Time now, const Decision& decision);
  // After that: what is so from now on.
  void follow(const Lane& after, const Event& event, const Decision& decision);

  const Journey& of(const PromotionId& promotion) const;
  bool has_ended(const PromotionId& promotion) const { return ended_.count(promotion) > 0; }
  bool is_vetoed(const CandidateId& candidate) const { return vetoed_.count(candidate) > 0; }

 private:
  void accept(const Event& event, Time now);

  std::map<PromotionId, Journey> journeys_;
  std::set<PromotionId> ended_;
  std::set<CandidateId> vetoed_;
};

// Two people of the policy's group have broken the glass, the second one in time, and it holds. As far as the core is
// told who is in which group, they are in it still.
bool is_glass_broken(const Promotion& promotion, const Journey& journey, const World& world, Time now);

// Delivering, or beyond: its delivery has begun. A promotion can be taken up, delivered and replaced in one decision.
bool is_beyond_approval(const Phase& phase);

}  // namespace penstock::property
