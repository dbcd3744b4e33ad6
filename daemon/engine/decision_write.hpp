// From a decision of the core to what the journal keeps of it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "daemon/audit/entry.hpp"
#include "daemon/core/advance.hpp"
#include "daemon/journal/journal.hpp"

namespace penstock::engine {

struct DecisionWrite {
  journal::Write write;
  std::vector<journal::OutboxRow> due_now;  // also in `write`, leased to this daemon
  std::optional<core::Time> next_due;       // of the rows that are due later
};

// `before` is the lane that advance() was given, `decision` what it gave back for `event` at `stamp.at`.
// Rows that are due at once are leased from the start, so that handing them over costs no write of its own.
DecisionWrite write_of(const core::Lane& before, const core::Decision& decision, const core::Event& event,
                       const audit::Stamp& stamp);

}  // namespace penstock::engine
