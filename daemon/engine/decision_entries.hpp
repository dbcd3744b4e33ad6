// What the audit log keeps of a decision.
#pragma once

#include <vector>

#include "daemon/audit/entry.hpp"
#include "daemon/core/advance.hpp"
#include "daemon/journal/journal.hpp"

namespace penstock::engine {

// One entry for each of the decision's events, in their order; it holds the digest of the event's document.
std::vector<journal::AuditRow> entries_of(const core::Decision& decision, const core::Event& event,
                                          const std::vector<journal::EventRow>& events, const audit::Stamp& stamp);

}  // namespace penstock::engine
