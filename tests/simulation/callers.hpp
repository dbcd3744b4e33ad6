// Whoever calls a daemon, and calls again until it answers: training jobs, people, receivers with their receipts. What
// they send may arrive late, twice, and in another order.
#pragma once

#include <functional>
#include <memory>
#include <variant>

#include "tests/simulation/daemon.hpp"
#include "tests/simulation/ledger.hpp"

namespace penstock::simulation {

class Callers {
 public:
  struct Parts {
    World& world;
    Ledger& ledger;
    // One of the daemons that run, frozen or not; nullptr when none does.
    std::function<Daemon*()> a_daemon;
    // The run with this number; nullptr when it has ended.
    std::function<Daemon*(Owner)> daemon;
  };
  explicit Callers(Parts parts) : parts_(std::move(parts)) {}

  // `then` is called when it is done.
  void submit(core::Event event, std::function<void()> then = {});
  void see(engine::SeenCandidate seen);
  // How many wait for an answer.
  int waiting() const { return waiting_; }

 private:
  struct Call {
    int number = 0;
    std::variant<core::Event, engine::SeenCandidate> what;
    std::string told;
    std::function<void()> then;
    bool answered = false;
  };
  using Shared = std::shared_ptr<Call>;

  void begin(Shared call);
  void send(const Shared& call);
  void arrive(const Shared& call, Owner at);
  void answer(const Shared& call, const core::Problem* problem);

  Parts parts_;
  int given_ = 0;
  int waiting_ = 0;
};

}  // namespace penstock::simulation
