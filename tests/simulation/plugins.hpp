// What a daemon lends and knows in the simulation: its own kind of gate, the webhooks that ship, and the network.
#pragma once

#include <functional>

#include "plugins/sdk/lender.hpp"
#include "tests/simulation/network.hpp"

namespace penstock::simulation {

// Asks the host that `with.host` names by a POST, and takes only a verdict for an answer.
const std::vector<sdk::GateKind>& gate_kinds();
// `acts` is called with its key when a delivery is about to act.
std::vector<sdk::DeliveryKind> delivery_kinds(const std::function<void(const std::string& key)>& acts);
const std::vector<sdk::NotifierKind>& notifier_kinds();

class SimulatedLender : public sdk::Lender {
 public:
  SimulatedLender(Machine& machine, Network& network, std::vector<sdk::Endpoint> endpoints)
      : machine_(machine), network_(network), endpoints_(std::move(endpoints)) {}
  std::unique_ptr<sdk::Lease> lend(const sdk::Loan& loan, core::Time deadline) override;

 private:
  Machine& machine_;
  Network& network_;
  const std::vector<sdk::Endpoint> endpoints_;
};

}  // namespace penstock::simulation
