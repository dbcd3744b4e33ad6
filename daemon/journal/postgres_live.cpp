// What begins and ends being live, of a group of Writes.
#include <algorithm>
#include <map>

#include "daemon/journal/postgres_columns.hpp"
#include "daemon/journal/write_rules.hpp"

namespace penstock::journal {
namespace {

constexpr auto unique_violation = "23505";

using Changes = PostgresRowsOf<LiveChange>;

PostgresRowsOf<Write> writes_of(const Changes& changes) {
  PostgresRowsOf<Write> writes;
  for (const auto& one : changes) writes.push_back({one.write, one.write});
  return writes;
}

PostgresStep begin_live(const Changes& changes) {
  const auto foreign = [](const auto& one) { return not_of_lane(*one.row, one.write->lane); };
  const auto judge = [first = changes.front(), each = each_returned(changes, &LiveChange::promotion, foreign)](
                         const PostgresResult& result) -> PostgresRefusal {
    if (result.code() == unique_violation) return live_twice(*first.row, first.write->lane);
    return each(result);
  };
  const auto writes = writes_of(changes);
  return {statement("INSERT INTO live_spans (model, environment, promotion, since) SELECT model, environment, id, s "
                    "FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[]) WITH "
                    "ORDINALITY AS t (m, e, i, c, v, s, t_n) JOIN promotions ON id = i AND model = m AND environment = "
                    "e AND candidate = c AND version = v ORDER BY t_n RETURNING promotion",
                    texts(writes, model_of<Write>), texts(writes, environment_of<Write>),
                    texts(changes, &LiveChange::promotion), texts(changes, &LiveChange::candidate),
                    texts(changes, &LiveChange::version),
                    numbers(changes, [](const LiveChange& change) { return *change.began; })),
          judge};
}

PostgresStep end_live(const Changes& changes) {
  const auto other = [](const auto& one) { return not_live(*one.row, one.write->lane); };
  const auto writes = writes_of(changes);
  return {statement("UPDATE live_spans SET until = greatest(since, u) FROM unnest($1::text[], $2::text[], $3::text[], "
                    "$4::bigint[]) AS t (m, e, i, u) WHERE model = m AND environment = e AND until IS NULL AND "
                    "promotion = i RETURNING promotion",
                    texts(writes, model_of<Write>), texts(writes, environment_of<Write>),
                    texts(changes, &LiveChange::promotion),
                    numbers(changes, [](const LiveChange& change) { return *change.ended; })),
          each_returned(changes, &LiveChange::promotion, other)};
}

}  // namespace

// First what only ends; then, as each Write has them one after another, what begins, and ends again at once.
void add_live_changes(const std::vector<const Write*>& writes, std::vector<PostgresStep>& steps) {
  Changes ending;
  std::vector<Changes> beginning;
  std::map<const Write*, std::size_t> begun;
  for (const auto& one : rows_of(writes, &Write::live_changes)) {
    if (!one.row->began) {
      ending.push_back(one);
      continue;
    }
    const auto turn = begun[one.write]++;
    beginning.resize(std::max(beginning.size(), turn + 1));
    beginning[turn].push_back(one);
  }
  if (!ending.empty()) steps.push_back(end_live(ending));
  for (const auto& changes : beginning) {
    steps.push_back(begin_live(changes));
    Changes over;
    for (const auto& one : changes)
      if (one.row->ended) over.push_back(one);
    if (!over.empty()) steps.push_back(end_live(over));
  }
}

}  // namespace penstock::journal
