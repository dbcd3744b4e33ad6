// What is done as a whole or not at all inside a transaction that others share: statements, and how their results are
// judged.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "daemon/journal/journal.hpp"
#include "daemon/journal/postgres_result.hpp"

namespace penstock::journal {

// Why a result means that the unit is refused; nothing when it is as it should be. Called with refusals of the server
// that concern the statement, too; `nullopt` for one of those means that there is no better word for it.
using PostgresJudge = std::function<std::optional<core::Problem>(const PostgresResult&)>;

struct PostgresStep {
  PostgresStatement statement;
  PostgresJudge judge;  // may be empty
};

struct PostgresUnit {
  std::vector<PostgresStep> steps;
  // Numbered when the transaction ends, one after another.
  std::vector<EventRow> events;
  std::vector<AuditRow> audit;
  std::optional<core::LaneKey> lane;  // locked before anything else, in an order that all daemons keep
  bool relies_on_every_lane = false;  // core::every_lane does not change before this is over

  bool is_write = false;  // counted as such

  // What became of it.
  std::optional<core::Problem> refused;
  std::int64_t last_seq = 0;
};

// The unit of a Write; refused already when the Write is malformed.
PostgresUnit unit_of(const Write& write, std::int64_t epoch);

}  // namespace penstock::journal
