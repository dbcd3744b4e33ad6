// Carries out Notify: logs the notice, and tells each endpoint of `notices` in penstock.yaml.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "daemon/engine/pause.hpp"
#include "daemon/engine/performer.hpp"
#include "daemon/engine/turn.hpp"
#include "daemon/runtime/blocking_pools.hpp"
#include "daemon/runtime/clock.hpp"
#include "plugins/sdk/lender.hpp"

namespace penstock::notice {

// Who is told.
struct Listener {
  std::string endpoint;  // its name in penstock.yaml
  std::string kind;      // and its kind: that of the notifier
};

// The row of a notice becomes one row per endpoint, each with tries of its own: one endpoint that is down makes no
// other one get the notice again. A row is tried until it is told or refused, after 1 s, 2 s, 4 s … up to 5 minutes,
// with jitter, and never sooner than the endpoint asked for; what is told is bounded (notice_text.hpp); a day after the
// notice came up it is given up. What is refused or given up is in the log as an error. Nothing ever waits for a
// notice: it answers no event.
class NoticePerformer : public engine::Performer {
 public:
  struct Parts {
    runtime::Clock& clock;
    const engine::Claims& claims;
    sdk::Lender& lender;
    const std::vector<sdk::NotifierKind>& kinds;
    std::vector<Listener> listeners;  // each endpoint once
    core::Duration longest_try = std::chrono::seconds(30);
    // What a notifier may still need to wind up after its tools stopped at the deadline of its try.
    core::Duration winding_up = std::chrono::seconds(2);
    // Uniform in [0, 1): spreads the pauses.
    std::function<double()> random = engine::random_fraction;
    // For each endpoint one of its own.
    runtime::BlockingPools::Hire workforce = runtime::threads;
  };
  explicit NoticePerformer(Parts parts);

  engine::asio::awaitable<engine::Performed> perform(const core::Command& command,
                                                     const journal::OutboxRow& row) override;

  // Waits for the calls that have begun.
  void stop();

 private:
  // The way to one endpoint.
  struct Line {
    sdk::Loan loan;
    std::unique_ptr<const sdk::Notifier> notifier;  // none when the endpoint's kind has none
  };
  engine::Performed divide(const core::Notify& command, const journal::OutboxRow& row) const;
  // `key` of the row.
  engine::asio::awaitable<engine::InTurn<sdk::NoticeOutcome>> tell(sdk::Notice notice, std::string key);

  Parts parts_;
  std::map<std::string, Line> lines_;  // by endpoint; not changed once made
  runtime::BlockingPools pools_;
};

}  // namespace penstock::notice
