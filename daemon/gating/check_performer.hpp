// Carries out RunCheck: gives a gate the candidate and its tools, and turns the answer into an event.
#pragma once

#include <thread>

#include "daemon/engine/engine.hpp"
#include "daemon/engine/performer.hpp"
#include "daemon/engine/turn.hpp"
#include "daemon/gating/gate_shelf.hpp"
#include "daemon/runtime/content_store.hpp"
#include "plugins/sdk/lender.hpp"

namespace penstock::gating {

// Whatever goes wrong (no such kind, a crash, a deadline) becomes `errored`: a check always ends, and never as a pass.
// A journal that is away is waited for until the deadline: what the gate has found is not thrown away.
class CheckPerformer : public engine::Performer {
 public:
  struct Parts {
    engine::Engine& engine;
    runtime::BlockingPool& pool;
    runtime::Clock& clock;
    const engine::Claims& claims;
    runtime::ContentStore& evidence;
    sdk::Lender& lender;
    const std::vector<sdk::GateKind>& kinds;
    // What a gate may still need to wind up after its tools stopped at the deadline.
    core::Duration winding_up = std::chrono::seconds(2);
    // On the thread of a gate whose evidence cannot be kept just now.
    std::function<void(core::Duration)> pause = [](core::Duration time) { std::this_thread::sleep_for(time); };
  };
  explicit CheckPerformer(Parts parts) : parts_(std::move(parts)), shelf_(parts_.kinds) {}

  engine::asio::awaitable<engine::Performed> perform(const core::Command& command,
                                                     const journal::OutboxRow& row) override;

 private:
  engine::asio::awaitable<core::Result<sdk::GateRequest>> request_for(engine::LaneThen lane, core::RunCheck command);
  // `key` of the row.
  engine::asio::awaitable<engine::InTurn<core::Result<core::Finding>>> ask(ShelvedGate shelved,
                                                                           sdk::GateRequest request, std::string key);
  // Blocks for as long as the gate takes, and its evidence to be kept.
  core::Result<core::Finding> check(const ShelvedGate& shelved, const sdk::GateRequest& request);

  Parts parts_;
  GateShelf shelf_;
};

}  // namespace penstock::gating
