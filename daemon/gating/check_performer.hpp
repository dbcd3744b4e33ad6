// Carries out RunCheck: gives a gate the candidate and its tools, and turns the answer into an event.
#pragma once

#include "daemon/engine/engine.hpp"
#include "daemon/engine/performer.hpp"
#include "daemon/gating/gate_shelf.hpp"
#include "daemon/runtime/content_store.hpp"
#include "plugins/sdk/lender.hpp"

namespace penstock::gating {

// Whatever goes wrong (no such kind, a crash, a deadline) becomes `errored`: a check always ends, and never as a pass.
class CheckPerformer : public engine::Performer {
 public:
  struct Parts {
    engine::Engine& engine;
    runtime::BlockingPool& pool;
    runtime::Clock& clock;
    runtime::ContentStore& evidence;
    sdk::Lender& lender;
    const std::vector<sdk::GateKind>& kinds;
    // What a gate may still need to wind up after its tools stopped at the deadline.
    core::Duration winding_up = std::chrono::seconds(2);
  };
  explicit CheckPerformer(Parts parts) : parts_(parts), shelf_(parts.kinds) {}

  engine::asio::awaitable<engine::Performed> perform(const core::Command& command,
                                                     const journal::OutboxRow& row) override;

 private:
  engine::asio::awaitable<core::Result<sdk::GateRequest>> request_for(engine::LaneThen lane, core::RunCheck command);
  engine::asio::awaitable<core::Result<core::Finding>> ask(ShelvedGate shelved, sdk::GateRequest request);

  Parts parts_;
  GateShelf shelf_;
};

}  // namespace penstock::gating
