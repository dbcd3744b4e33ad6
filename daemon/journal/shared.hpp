// What several daemons on one journal have between them: epochs, sources, nudges, evidence, one clock.
//
// Each daemon has an epoch, a number that is given once. It shows in short intervals that it is alive; one that was
// silent for longer than its lease is declared dead by the others: its epoch ends, what it had claimed is free, and
// every later write under that epoch is refused, in the transaction itself. A daemon whose epoch has ended ends.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/core/result.hpp"
#include "daemon/core/words.hpp"

namespace penstock::journal {

// Called through the journal's Post.
struct SharedSignals {
  // Events that were not written here may have come.
  std::function<void()> events;
  // Another daemon was told to look at a source that this one watches; `hook` as for intake's nudge.
  std::function<void(const std::string& source, const std::string& hook)> nudged;
};

// A lane that is asked about, and the kind of command that this daemon has claimed in it; empty when it has none.
struct LaneAsked {
  core::LaneKey lane;
  std::string kind;
};
struct LaneStanding {
  std::int64_t version = 0;        // 0 when the lane was never seen
  bool claimed_elsewhere = false;  // another daemon has claimed a row of that kind in it
};

class Shared {
 public:
  virtual ~Shared() = default;

  virtual std::int64_t epoch() const = 0;
  // Whether this daemon has shown itself within its lease, by a clock of this machine that does not stop while it
  // sleeps: what it has claimed is surely its own. Nothing is begun while it is not. Never blocks.
  virtual bool in_force() const = 0;
  // How far the database's clock is ahead of this machine's at this moment, also just after that was set. Never blocks.
  virtual core::Duration clock_ahead() const = 0;
  // From now on; each replaces the one before.
  virtual void listen(SharedSignals signals) = 0;

  // Whether this daemon watches the source: it takes one that nobody in force has.
  virtual core::Result<bool> own_source(const std::string& source) = 0;
  // Passes a nudge on to the daemon that watches the source; nothing happens when that is this one or nobody.
  virtual core::Result<void> pass_nudge(const std::string& source, const std::string& hook) = 0;

  // How lanes stand, one answer for each in their order, all of one instant. What others have claimed counts while it
  // is claimed for longer than `now`: of two daemons that ask after they have claimed a row each, one at least is told
  // so.
  virtual core::Result<std::vector<LaneStanding>> standings(const std::vector<LaneAsked>& asked, core::Time now) = 0;

  // Durable before it returns; a digest that is there is left as it is.
  virtual core::Result<void> keep_document(const core::Digest& digest, std::string_view content) = 0;
  virtual core::Result<std::optional<std::string>> document(const core::Digest& digest) = 0;
  // The digests of those that are kept, ascending: `limit` of them at most, from the one after `after` (empty: all).
  virtual core::Result<std::vector<core::Digest>> documents_after(const core::Digest& after, int limit) = 0;
};

}  // namespace penstock::journal
