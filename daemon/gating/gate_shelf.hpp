// Configured gates, made once for each kind and configuration that a policy uses.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "daemon/core/policy.hpp"
#include "plugins/sdk/kinds.hpp"

namespace penstock::gating {

struct ShelvedGate {
  const sdk::GateKind* kind = nullptr;
  sdk::Loan loan;
  std::shared_ptr<const sdk::Gate> gate;
};

// Lives on one thread.
class GateShelf {
 public:
  explicit GateShelf(const std::vector<sdk::GateKind>& kinds) : kinds_(kinds) {}
  // Problems: "unknown-kind" (a policy from before a plugin was removed), and what the gate says of its configuration.
  core::Result<ShelvedGate> find(const core::GateSpec& spec);

 private:
  const std::vector<sdk::GateKind>& kinds_;
  std::map<std::string, ShelvedGate> gates_;  // by kind and configuration
};

}  // namespace penstock::gating
