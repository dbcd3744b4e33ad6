// What the gates of the policy found, as claims and counter-claims.
#pragma once

#include "daemon/audit/bom_claims.hpp"

namespace penstock::audit::bom {

struct Gate {
  std::string name;
  std::string kind;
  bool blocking = true;
  bool in_watch = false;
  bool has_answered = false;
  Said said;
};

// Those of the stages, then those of the watch, in the policy's order.
std::vector<Gate> gates_of(const BomFacts& facts, Claims& claims);

// Whether all gates of a clause's kinds (and name) have passed. Gates of the watch are asked only once it is live:
// before that they count for nothing.
Said said_of(const definitions::ClauseEvidence& wanted, const std::vector<Gate>& gates);
// Whether every blocking gate of the stages has passed.
Said all_gates(const std::vector<Gate>& gates);

}  // namespace penstock::audit::bom
