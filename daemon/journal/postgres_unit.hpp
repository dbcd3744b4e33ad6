// What is done as a whole or not at all inside a transaction that others share, and the statements that do it.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "daemon/journal/journal.hpp"
#include "daemon/journal/postgres_result.hpp"

namespace penstock::journal {

// Why a result means that what the statement was for is refused; nothing when it is as it should be. Called with
// refusals of the server that concern the statement, too; `nullopt` for one of those means that there is no better word
// for it. May be empty.
using PostgresJudge = std::function<std::optional<core::Problem>(const PostgresResult&)>;

struct PostgresStep {
  PostgresStatement statement;
  PostgresJudge judge;
};

// A Write, or a single statement.
struct PostgresUnit {
  explicit PostgresUnit(Write the_write);  // refused already when it is malformed
  explicit PostgresUnit(PostgresStep the_statement) : single(std::move(the_statement)) {}

  // Forgets what became of it, before it is done again.
  void judge_anew();

  Write write;
  std::optional<PostgresStep> single;

  // What became of it.
  std::optional<core::Problem> refused;
  std::int64_t last_seq = 0;
};

// Units that follow one another and whose rows do not meet: each kind of row takes one statement for all of them.
using PostgresGroup = std::vector<const PostgresUnit*>;
std::vector<PostgresGroup> groups_of(const std::vector<PostgresUnit*>& units);

// A judge of a group of several does not say which of them is refused; its Problem is that of a group of one. `epoch`
// is the daemon's that writes. The judges refer to the units.
std::vector<PostgresStep> steps_of(const PostgresGroup& group, std::int64_t epoch);

}  // namespace penstock::journal
