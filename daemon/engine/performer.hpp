// Who carries out a command: gating for checks, delivery for deliveries, notice for notices.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <variant>
#include <vector>

#include "daemon/core/command.hpp"
#include "daemon/core/event.hpp"
#include "daemon/journal/journal.hpp"

namespace penstock::engine {

namespace asio = boost::asio;

// What became of a command: the event that answers it, a later try, several rows that take the place of this one in one
// transaction, or nothing any more (it needs no event, or the promotion has moved on).
struct TryAgain {
  core::Time at;
};
struct InParts {
  std::vector<journal::OutboxRow> rows;
};
struct NothingToDo {};
using Performed = std::variant<core::Event, TryAgain, InParts, NothingToDo>;

// perform() may be called again for the same key after a crash or a lease that ended: it must have no second effect.
// What it begins later than that, after a wait for threads, it begins in_turn() (turn.hpp).
class Performer {
 public:
  virtual ~Performer() = default;
  virtual asio::awaitable<Performed> perform(const core::Command& command, const journal::OutboxRow& row) = 0;
  // Whether it bounds by itself what it does at once, and may be handed what has to wait there.
  virtual bool bounds_itself() const { return false; }
};

}  // namespace penstock::engine
