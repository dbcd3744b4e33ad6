// Carries out AskAcknowledgement: asks until whoever the policy names has the audit log's entries.
#pragma once

#include <map>

#include "daemon/core/acknowledgement.hpp"
#include "daemon/engine/engine.hpp"
#include "daemon/engine/performer.hpp"

namespace penstock::engine {

// Lives on the engine's thread. It never waits, as a sink may be away for hours and everybody else needs the worker: it
// is asked again after a short while, less and less often.
class AcknowledgePerformer : public Performer {
 public:
  struct Parts {
    Engine& engine;
    journal::Journal& journal;
    runtime::BlockingPool& pool;
    const runtime::Clock& clock;
    // How far each sink and witness is, by what it has acknowledged since this daemon started: after a restart they are
    // asked again. Without the audit log there are none.
    std::function<std::vector<core::AcknowledgerState>()> states;
  };
  explicit AcknowledgePerformer(Parts parts) : parts_(std::move(parts)) {}

  // What must be acknowledged is every entry that is journalled when the row is first taken up: the decision that asked
  // is among them, because it is in the row's own transaction.
  asio::awaitable<Performed> perform(const core::Command& command, const journal::OutboxRow& row) override;

 private:
  asio::awaitable<std::optional<std::int64_t>> needed(std::string key);
  bool has_all(const std::vector<std::string>& names, std::int64_t entries) const;

  Parts parts_;
  std::map<std::string, std::int64_t> needed_;  // by the row's key
};

}  // namespace penstock::engine
