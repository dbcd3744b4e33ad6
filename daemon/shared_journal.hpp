// What the daemon does about a journal that it shares with others.
#pragma once

#include "daemon/engine/engine.hpp"
#include "daemon/intake/watcher.hpp"
#include "daemon/journal/shared.hpp"
#include "daemon/runtime/clock.hpp"
#include "daemon/runtime/content_store.hpp"

namespace penstock {

// The database's clock, where several daemons must agree what time it is; this machine's until agree() is called.
class AgreedClock : public runtime::SystemClock {
 public:
  // `shared` outlives the clock.
  void agree(const journal::Shared* shared) { shared_ = shared; }
  core::Time now() const override {
    const auto own = runtime::SystemClock::now();
    return shared_ == nullptr ? own : own + shared_->clock_ahead();
  }

 private:
  const journal::Shared* shared_ = nullptr;
};

// Evidence goes to the journal as well, and is found there.
void share_evidence(runtime::ContentStore& store, journal::Shared& shared);
// What others write comes into the feed, and hooks that came to them to the watcher. All outlive the journal's signals.
void hear(journal::Shared& shared, engine::Engine& engine, intake::Watcher& watcher);
// Ends the process at once: others carry on what this one had under way. The supervisor starts it again.
[[noreturn]] void end_fenced(const core::Problem& why);

}  // namespace penstock
