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
#include "daemon/engine/turn.hpp"
#include "daemon/runtime/blocking_pools.hpp"
#include "plugins/sdk/lender.hpp"

namespace penstock::delivery {

// Tries until confirmed, refused, or past the command's deadline: after 1 s, 2 s, 4 s … up to 5 minutes, with jitter,
// and never sooner than the receiver asked for (Retry-After, RFC 9110 §10.2.3).
class DeliveryPerformer : public engine::Performer {
 public:
  struct Parts {
    engine::Engine& engine;
    runtime::Clock& clock;
    const engine::Claims& claims;
    sdk::Lender& lender;
    const std::vector<sdk::DeliveryKind>& kinds;
    // What a delivery may still need to wind up after its tools stopped at the deadline of its try.
    core::Duration winding_up = std::chrono::seconds(2);
    // Uniform in [0, 1): spreads the pauses.
    std::function<double()> random = engine::random_fraction;
    // For each endpoint one of its own, and one for what names none: those of one that hangs are nobody else's.
    runtime::BlockingPools::Hire workforce = runtime::threads;
  };
  explicit DeliveryPerformer(Parts parts);

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
  // Why the last try did not get through.
  struct Said {
    core::Problem problem;
    core::Time deadline{};  // of the command
  };
  // With the lane to itself.
  engine::asio::awaitable<engine::Performed> promote(core::Deliver command, const journal::OutboxRow& row,
                                                     engine::LaneThen lane);
  // nullptr when the policy has no delivery of that name.
  static const core::DeliverySpec* spec_of(const core::Policy& policy, const std::string& name);
  core::Result<Configured> find(const core::DeliverySpec& spec);
  engine::asio::awaitable<core::Result<sdk::DeliveryRequest>> request_for(engine::LaneThen lane, core::Deliver command,
                                                                          int try_number);
  // `key` of the row.
  engine::asio::awaitable<sdk::DeliveryOutcome> deliver(const core::DeliverySpec& spec, sdk::DeliveryRequest request,
                                                        std::string key);

  void keep(const std::string& key, Said said);

  // Whether it had begun says who is slow: the endpoint with this one, or with those before it.
  static core::Problem problem_of(engine::Missed missed, const std::string& what, const std::string& delivery,
                                  core::Duration longest);

  // delivery_look.cpp
  engine::asio::awaitable<engine::Performed> look(core::LookAt command, const journal::OutboxRow& row);
  engine::asio::awaitable<engine::InTurn<sdk::Look>> look_at(const core::DeliverySpec& spec,
                                                             sdk::DeliveryRequest request, std::string key);

  Parts parts_;
  std::set<core::LaneKey> acting_;                // lanes in which a delivery is being made here
  std::map<std::string, Configured> deliveries_;  // by kind and configuration
  // By the key of the row, for when its next turn comes only after the deadline. Not in the journal: a daemon that was
  // started meanwhile says that the deadline has passed, and no more.
  std::map<std::string, Said> said_;
  runtime::BlockingPools pools_;
};

using engine::pause_after;

}  // namespace penstock::delivery
