// Carries out Follow: shows a candidate that has soaked in one environment to the lane of the next one.
#pragma once

#include "daemon/engine/engine.hpp"
#include "daemon/engine/performer.hpp"

namespace penstock::engine {

class FollowPerformer : public Performer {
 public:
  FollowPerformer(Engine& engine, const runtime::Clock& clock) : engine_(engine), clock_(clock) {}

  // Nothing to do when the promotion is no longer live, or no policy covers the next environment any more (logged).
  asio::awaitable<Performed> perform(const core::Command& command, const journal::OutboxRow& row) override;

 private:
  Engine& engine_;
  const runtime::Clock& clock_;
};

}  // namespace penstock::engine
