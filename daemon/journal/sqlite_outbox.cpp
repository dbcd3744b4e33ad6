#include "daemon/journal/sqlite_outbox.hpp"

#include <algorithm>
#include <tuple>

#include "daemon/journal/write_rules.hpp"

namespace penstock::journal {
namespace {

// A free row and one whose lease has ended are found by an index each; a question about both asks twice.
constexpr auto due_and_free =
    "SELECT key, kind, model, environment, promotion, due, tries, document FROM outbox INDEXED BY outbox_free "
    "WHERE leased_until IS NULL AND due <= ?1 ORDER BY due, key LIMIT ?2";
constexpr auto lease_ended =
    "SELECT key, kind, model, environment, promotion, due, tries, document FROM outbox INDEXED BY outbox_leased "
    "WHERE leased_until <= ?1 ORDER BY due, key LIMIT ?2";

OutboxRow outbox_row(const SqliteRow& row) {
  return {row.text(0), row.text(1), {row.text(2), row.text(3)},       row.text(4),
          row.time(5), row.text(7), static_cast<int>(row.integer(6)), std::nullopt};
}

// The smaller of two answers that are one time, or none.
core::Result<std::optional<Time>> earliest(SqliteConnection& db, const char* one, const char* other,
                                           const std::vector<SqliteValue>& arguments) {
  std::optional<Time> earliest;
  for (const auto* sql : {one, other}) {
    const auto found = db.first(
        sql, [](const SqliteRow& row) { return row.optional_time(0); }, arguments);
    if (!found) return found.error();
    const auto time = found->value_or(std::nullopt);
    if (time && (!earliest || *time < *earliest)) earliest = time;
  }
  return earliest;
}

}  // namespace

core::Result<std::vector<OutboxRow>> claim(SqliteConnection& connection, Time now, Time until, int most) {
  if (auto problem = problem_in_claim(now, until)) return std::move(*problem);
  most = std::max(most, 0);
  auto rows = connection.all(due_and_free, outbox_row, now, most);
  if (!rows) return rows;
  auto taken_back = connection.all(lease_ended, outbox_row, now, most);
  if (!taken_back) return taken_back;
  if (!taken_back->empty()) {
    std::move(taken_back->begin(), taken_back->end(), std::back_inserter(*rows));
    std::sort(rows->begin(), rows->end(),
              [](const auto& a, const auto& b) { return std::tie(a.due, a.key) < std::tie(b.due, b.key); });
    if (rows->size() > static_cast<std::size_t>(most)) rows->resize(static_cast<std::size_t>(most));
  }
  for (auto& row : *rows) {
    const auto done =
        connection.run("UPDATE outbox SET leased_until = ?2, tries = tries + 1 WHERE key = ?1", row.key, until);
    if (!done) return done.error();
    row.leased_until = until;
    ++row.tries;
  }
  return rows;
}

core::Result<void> void_leases(SqliteConnection& connection) {
  const auto done = connection.run("UPDATE outbox SET leased_until = NULL WHERE leased_until IS NOT NULL");
  if (!done) return done.error();
  return {};
}

core::Result<void> forget(SqliteConnection& connection, Time now) {
  const auto done = connection.run("DELETE FROM remembered WHERE until <= ?1", now);
  if (!done) return done.error();
  return {};
}

core::Result<std::optional<Time>> next_due(SqliteConnection& connection) {
  return earliest(connection, "SELECT min(due) FROM outbox INDEXED BY outbox_free WHERE leased_until IS NULL",
                  "SELECT min(leased_until) FROM outbox INDEXED BY outbox_leased WHERE leased_until IS NOT NULL", {});
}

core::Result<std::optional<Time>> oldest_due(SqliteConnection& connection, Time now) {
  return earliest(connection,
                  "SELECT min(due) FROM outbox INDEXED BY outbox_free WHERE leased_until IS NULL AND due <= ?1",
                  "SELECT min(due) FROM outbox INDEXED BY outbox_leased WHERE leased_until <= ?1",
                  {SqliteValue(std::int64_t{now.time_since_epoch().count()})});
}

}  // namespace penstock::journal
