// Carries out LookAt and Deliver: looks whether it is still there, and promotes by the policy's deliveries, tries again
// what did not get through, and asks for proof.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>

#include "daemon/engine/engine.hpp"
#include "daemon/engine/pause.hpp"
#include "daemon/engine/performer.hpp"
#include "plugins/sdk/lender.hpp"

namespace penstock::delivery {

// Tries until confirmed, refused, or past the command's deadline: after 1 s, 2 s, 4 s … up to 5 minutes, with jitter,
// and never sooner than the receiver asked for (Retry-After, RFC 9110 §10.2.3).
class DeliveryPerformer : public engine::Performer {
 public:
  struct Parts {
    engine::Engine& engine;
    runtime::Clock& clock;
    sdk::Lender& lender;
    const std::vector<sdk::DeliveryKind>& kinds;
    // What a delivery may still need to wind up after its tools stopped at the deadline of its try.
    core::Duration winding_up = std::chrono::seconds(2);
    // Uniform in [0, 1): spreads the pauses.
    std::function<double()> random = engine::random_fraction;
    // For each endpoint one of its own, and one for what names none: those of one that hangs are nobody else's.
    std::function<std::unique_ptr<runtime::Workforce>(std::size_t)> workforce = runtime::threads;
  };
  explicit DeliveryPerformer(Parts parts) : parts_(std::move(parts)) {}

  engine::asio::awaitable<engine::Performed> perform(const core::Command& command,
                                                     const journal::OutboxRow& row) override;
  bool bounds_itself() const override { return true; }

  // Waits for the calls that have begun.
  void stop();

 private:
  struct Configured {
    sdk::Loan loan;
    std::shared_ptr<const sdk::Delivery> act;
  };
  // With the lane to itself.
  engine::asio::awaitable<engine::Performed> promote(core::Deliver command, const journal::OutboxRow& row);
  core::Result<Configured> find(const core::DeliverySpec& spec);
  runtime::BlockingPool& threads_for(const sdk::Loan& loan);
  engine::asio::awaitable<core::Result<sdk::DeliveryRequest>> request_for(core::Promotion promotion,
                                                                          core::Deliver command, int try_number);
  engine::asio::awaitable<sdk::DeliveryOutcome> deliver(core::DeliverySpec spec, sdk::DeliveryRequest request);

  // delivery_look.cpp
  engine::asio::awaitable<engine::Performed> look(core::LookAt command, int try_number);
  engine::asio::awaitable<sdk::Look> look_at(core::DeliverySpec spec, sdk::DeliveryRequest request);

  Parts parts_;
  std::set<core::LaneKey> acting_;                // lanes in which a delivery is being made here
  std::map<std::string, Configured> deliveries_;  // by kind and configuration
  std::map<std::vector<std::string>, std::unique_ptr<runtime::BlockingPool>> threads_;  // by the endpoints they go to
};

using engine::pause_after;

}  // namespace penstock::delivery
