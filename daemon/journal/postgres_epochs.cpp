#include "daemon/journal/postgres_epochs.hpp"

#include "daemon/journal/postgres_steps.hpp"

namespace penstock::journal {
namespace {

// NAMEDATALEN - 1 (PostgreSQL documentation, "Identifiers and Key Words"): the server cuts longer names. With the
// longest schema that takes some of an epoch's last digits, which do not matter.
constexpr std::size_t longest_name = 63;

}  // namespace

std::string session_of(const PostgresAddress& address, std::int64_t epoch) {
  return ("penstock/" + address.schema() + "/" + std::to_string(epoch)).substr(0, longest_name);
}

core::Result<std::int64_t> begin_epoch(PostgresConnection& connection, const std::string& name,
                                       std::chrono::milliseconds lease) {
  const auto results = connection.pipeline({
      statement("BEGIN"),
      // Waits for whoever changes the journal's shape or fills it.
      statement("LOCK TABLE daemons IN ROW EXCLUSIVE MODE"),
      statement("SELECT coalesce(max(version), 0) FROM penstock_shape"),
      // An epoch that ended long ago means nothing to anybody.
      statement("DELETE FROM daemons WHERE ended_at < clock_timestamp() - interval '30 days' AND EXISTS (SELECT FROM "
                "penstock_shape WHERE version = $1)",
                postgres_schema_version),
      // Not the column's own numbers: those begin again with the database. The time is for people, who see which daemon
      // came later; the rest sets apart those of one millisecond.
      statement("WITH joined AS (INSERT INTO daemons (epoch, name, alive_until) OVERRIDING SYSTEM VALUE SELECT "
                "(extract(epoch FROM clock_timestamp()) * 1000)::bigint * 1000000 + floor(random() * "
                "1000000)::bigint, $1::text, clock_timestamp() + $2 * interval '1 millisecond' FROM penstock_shape "
                "WHERE version = $3 RETURNING epoch) INSERT INTO last_transactions (epoch, number) SELECT epoch, 0 "
                "FROM joined RETURNING epoch",
                name, std::int64_t{lease.count()}, postgres_schema_version),
      statement("COMMIT"),
  });
  if (!results) return results.error();
  for (const auto& result : *results) {
    if (result.good()) continue;
    static_cast<void>(connection.script("ROLLBACK"));
    return connection.problem(result);
  }
  if ((*results)[4].rows() == 1) return (*results)[4].integer(0, 0);
  return journal_is_newer((*results)[2].integer(0, 0), connection.address());
}

core::Result<std::string> end_sessions(PostgresConnection& connection, std::int64_t epoch) {
  const auto ended = connection.pipeline(
      {statement("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND "
                 "application_name = $1 AND pid <> pg_backend_pid()",
                 session_of(connection.address(), epoch))});
  if (!ended) return ended.error();
  const auto& result = ended->front();
  if (result.good()) return std::string();
  if (is_not_allowed(result.code())) return result.said();
  return connection.problem(result);
}

core::Result<std::optional<PostgresFreed>> end_epoch(PostgresConnection& connection, const PostgresSign& silent,
                                                     std::int64_t by) {
  // The lock makes sure that no transaction of that epoch is under way, so that the statements after it see all that
  // it has ever written. Whoever shows itself at the last moment is spared: only what was judged under the lock ends.
  const auto has_ended = "EXISTS (SELECT FROM daemons WHERE epoch = $1 AND ended_by = $2)";
  auto results = connection.pipeline({
      statement("BEGIN"),
      statement("SET LOCAL synchronous_commit TO on"),
      statement("WITH silent AS (SELECT epoch FROM daemons WHERE epoch = $1 AND ended_at IS NULL AND alive_until < "
                "clock_timestamp() AND (extract(epoch FROM alive_until) * 1000000)::bigint = $3 FOR UPDATE NOWAIT) "
                "UPDATE daemons SET ended_at = clock_timestamp(), ended_by = $2 FROM silent WHERE daemons.epoch = "
                "silent.epoch",
                silent.epoch, by, silent.alive_until),
      statement(std::string("UPDATE outbox SET leased_until = NULL, owner = NULL WHERE owner = $1 AND ") + has_ended,
                silent.epoch, by),
      statement(std::string("UPDATE sources SET owner = NULL WHERE owner = $1 AND ") + has_ended, silent.epoch, by),
      statement("COMMIT"),
  });
  if (!results) return results.error();
  for (const auto& result : *results) {
    if (result.good()) continue;
    static_cast<void>(connection.script("ROLLBACK"));
    // Its last transaction is still on its way out: the next time.
    if (is_worth_repeating(result.code())) return std::optional<PostgresFreed>();
    return connection.problem(result);
  }
  if ((*results)[2].affected() == 0) return std::optional<PostgresFreed>();
  return std::optional(PostgresFreed{(*results)[3].affected(), (*results)[4].affected()});
}

core::Result<void> leave_epoch(PostgresConnection& connection, std::int64_t epoch) {
  const auto left = connection.pipeline({
      statement("BEGIN"),
      statement("SET LOCAL synchronous_commit TO on"),
      statement("SELECT 1 FROM daemons WHERE epoch = $1 AND ended_at IS NULL FOR UPDATE", epoch),
      statement("UPDATE daemons SET ended_at = clock_timestamp(), ended_by = $1 WHERE epoch = $1 AND ended_at IS NULL",
                epoch),
      statement("UPDATE outbox SET leased_until = NULL, owner = NULL WHERE owner = $1", epoch),
      statement("UPDATE sources SET owner = NULL WHERE owner = $1", epoch),
      statement("COMMIT"),
  });
  if (!left) return left.error();
  for (const auto& result : *left)
    if (!result.good()) return connection.problem(result);
  return {};
}

core::Result<std::int64_t> end_every_epoch(PostgresConnection& connection) {
  const auto ended = connection.run(
      statement("UPDATE daemons SET ended_at = clock_timestamp(), ended_by = epoch WHERE ended_at IS NULL"));
  if (!ended) return ended.error();
  const auto freed = connection.script(
      "UPDATE outbox SET leased_until = NULL, owner = NULL WHERE owner IS NOT NULL;"
      "UPDATE sources SET owner = NULL WHERE owner IS NOT NULL");
  if (!freed) return freed.error();
  return ended->affected();
}

}  // namespace penstock::journal
