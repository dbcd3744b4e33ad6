// One transaction of many units: first all of them in one pipeline, and where one is refused, again one by one.
#pragma once

#include <vector>

#include "daemon/journal/postgres_connection.hpp"
#include "daemon/journal/postgres_unit.hpp"

namespace penstock::journal {

struct PostgresEnded {
  enum class How {
    kept,     // committed; each unit says whether it was refused
    fenced,   // this daemon's epoch has ended; nothing was kept
    lost,     // nothing was kept: `problem`
    repeat,   // nothing was kept, the same may do now: `problem`
    unknown,  // the connection broke while it was being committed
  };
  How how = How::kept;
  core::Problem problem{};
};

class PostgresTransaction {
 public:
  // `number`: no other transaction of the epoch has had it. It is kept with what the transaction writes.
  PostgresTransaction(PostgresConnection& connection, std::int64_t epoch, std::int64_t number)
      : connection_(connection), epoch_(epoch), number_(number) {}

  // Whether others listen: then one NOTIFY goes with the events.
  void notify(bool wanted) { notify_ = wanted; }
  // Units that are refused already are left out.
  PostgresEnded run(const std::vector<PostgresUnit*>& units);

 private:
  using Results = core::Result<std::vector<PostgresResult>>;
  enum class Tried { all, refused, stopped };

  std::vector<PostgresStatement> opening(const std::vector<PostgresUnit*>& units) const;
  std::vector<PostgresStatement> numbering(const std::vector<PostgresUnit*>& units) const;
  // Looks at the opening's results.
  bool may_write(const std::vector<PostgresResult>& results);
  // What ends the whole transaction; nothing when it is about a statement alone.
  bool stops(const PostgresResult& result);
  Tried together(const std::vector<PostgresUnit*>& units);
  bool one_by_one(const std::vector<PostgresUnit*>& units);
  // Adds the group's statements, and gives the judge of each.
  std::vector<PostgresJudge> add(const PostgresGroup& group, std::vector<PostgresStatement>& statements) const;
  // By the first judge that refuses; the results of their statements begin at `from`.
  std::optional<core::Problem> refusal(const std::vector<PostgresJudge>& judges,
                                       const std::vector<PostgresResult>& results, std::size_t from);
  bool number(const std::vector<PostgresUnit*>& units, const std::vector<PostgresResult>& results, std::size_t from);
  void commit();
  void roll_back();
  bool stop(PostgresEnded::How how, core::Problem problem);
  bool lost(const core::Problem& problem) { return stop(PostgresEnded::How::repeat, problem); }

  PostgresConnection& connection_;
  const std::int64_t epoch_;
  const std::int64_t number_;
  bool notify_ = false;
  PostgresEnded ended_;
};

}  // namespace penstock::journal
