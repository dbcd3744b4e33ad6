// What this daemon is carrying out, and whether that is surely still its own when its turn comes.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "daemon/journal/journal.hpp"
#include "daemon/journal/shared.hpp"
#include "daemon/runtime/clock.hpp"

namespace penstock::engine {

// Safe from any thread. The outbox worker tells it what is carried out, performers ask it before they begin.
class Claims {
 public:
  // Of a lease, for what begins now: until then it is renewed.
  static constexpr core::Duration least_left = std::chrono::seconds(15);

  // `shared` is none where the daemon has the journal to itself: then what it has claimed is its own.
  Claims(const journal::Shared* shared, const runtime::Clock& clock) : shared_(shared), clock_(clock) {}

  // Whether nobody else may have taken the row of this key meanwhile, nor soon: asked right before anything is begun
  // for it. Not when it is no longer carried out here.
  bool is_ours(const std::string& key) const;

  bool alone() const { return shared_ == nullptr; }
  // Whether this daemon is surely thought alive.
  bool in_force() const { return alone() || shared_->in_force(); }
  // Whether the row's lease leaves time to begin.
  bool lasts(const journal::OutboxRow& row) const;

  void begin(const journal::OutboxRow& row);
  // When its lease ends by now.
  std::optional<core::Time> end(const std::string& key);
  // This daemon has moved the end of the lease; nothing happens when the row is not carried out.
  void renewed(const journal::OutboxRow& row);
  // Those whose lease ends within this time, and has not ended.
  std::vector<journal::OutboxRow> ending_within(core::Duration time) const;

 private:
  const journal::Shared* const shared_;
  const runtime::Clock& clock_;
  mutable std::mutex mutex_;
  std::map<std::string, journal::OutboxRow> rows_;  // by key
};

}  // namespace penstock::engine
