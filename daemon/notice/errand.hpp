// One notice for one endpoint, as the outbox keeps it.
#pragma once

#include <optional>
#include <string>

#include "daemon/core/command.hpp"
#include "daemon/journal/journal.hpp"

namespace penstock::notice {

struct Errand {
  std::string endpoint;
  core::Time came_up{};  // when the core wanted it told
};

// The row for one endpoint: the command's document with the errand in it. Its key is that of the notice, "@" and the
// endpoint; its kind names the endpoint as well, so that endpoints do not wait for one another.
journal::OutboxRow row_of(const Errand& errand, const core::Notify& command, const journal::OutboxRow& notice);
// Nothing for the row of a notice that is not divided yet.
std::optional<Errand> errand_of(const journal::OutboxRow& row);

}  // namespace penstock::notice
