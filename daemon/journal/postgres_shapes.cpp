#include "daemon/journal/postgres_shapes.hpp"

#include "daemon/journal/postgres_epochs.hpp"
#include "daemon/runtime/log.hpp"

namespace penstock::journal {
namespace {

// Earlier ones have not been tried.
constexpr int oldest_server = 130000;

core::Problem foreign(const std::string& observed, const std::string& where) {
  return {"journal-damaged", "the schema is no Penstock journal: " + observed, where,
          "name another schema; Penstock creates its journal itself", false};
}

core::Result<std::string> text(PostgresConnection& connection, const std::string& sql) {
  const auto found = connection.first(statement(sql), [](const PostgresRow& row) { return row.text(0); });
  if (!found) return found.error();
  return found->value_or("");
}

core::Result<std::int64_t> postgres_number(PostgresConnection& connection, const std::string& sql) {
  const auto found = connection.first(statement(sql), [](const PostgresRow& row) { return row.integer(0); });
  if (!found) return found.error();
  return found->value_or(0);
}

core::Result<void> check_server(PostgresConnection& connection) {
  const auto where = connection.address().told();
  const auto version = text(connection, "SELECT current_setting('server_version_num')");
  if (!version) return version.error();
  if (std::stoi(*version) < oldest_server)
    return core::Problem{"journal-failed", "the server has version " + *version + "; needed: 13 or newer", where,
                         "upgrade PostgreSQL", false};
  const auto encoding = text(connection, "SELECT current_setting('server_encoding')");
  if (!encoding) return encoding.error();
  if (*encoding != "UTF8")
    return core::Problem{"journal-failed", "the database has the encoding " + *encoding + "; needed: UTF8", where,
                         "create the database with ENCODING 'UTF8'", false};
  const auto syncs = text(connection, "SELECT current_setting('fsync')");
  if (!syncs) return syncs.error();
  if (*syncs != "on")
    return core::Problem{
        "journal-failed",
        "the server does not sync to its disk (fsync is " + *syncs + "): what it acknowledges can be lost", where,
        "set fsync = on in postgresql.conf and restart the server", false};
  return {};
}

// 0 for a schema with nothing in it.
core::Result<std::int64_t> stored_version(PostgresConnection& connection) {
  const auto where = connection.address().told();
  const auto shape = postgres_number(connection,
                                     "SELECT count(*) FROM pg_class WHERE relnamespace = "
                                     "current_schema()::regnamespace AND relname = 'penstock_shape'");
  if (!shape) return shape.error();
  if (*shape == 0) {
    const auto others = postgres_number(connection,
                                        "SELECT count(*) FROM pg_class WHERE relnamespace = "
                                        "current_schema()::regnamespace AND relkind IN ('r', 'p', 'v')");
    if (!others) return others.error();
    if (*others != 0) return foreign("it has tables of another program", where);
    return 0;
  }
  const auto version = postgres_number(connection, "SELECT version FROM penstock_shape");
  if (!version) return version.error();
  if (*version > postgres_schema_version) return journal_is_newer(*version, connection.address());
  if (*version < 1) return foreign("it has schema version " + std::to_string(*version), where);
  return *version;
}

core::Result<void> nobody_at_work(PostgresConnection& connection) {
  const auto at_work = postgres_number(
      connection, "SELECT count(*) FROM daemons WHERE ended_at IS NULL AND alive_until > clock_timestamp()");
  if (!at_work) return at_work.error();
  if (*at_work == 0) return {};
  return core::Problem{"journal-in-use",
                       std::to_string(*at_work) +
                           " daemons of an earlier Penstock are at work on the journal, "
                           "whose shape this one is to change",
                       connection.address().told(), "stop them all, then start this one", true};
}

// A daemon that is silent now would write in the earlier shape when it wakes up. How many there were.
core::Result<std::int64_t> end_earlier_daemons(PostgresConnection& connection) {
  // At first without the lock, with which whoever is refused would stand in the way of those at work.
  if (const auto idle = nobody_at_work(connection); !idle) return idle.error();
  // All that daemons do takes a lock on it: nothing of theirs is under way then, and none joins until the end.
  if (const auto locked = connection.script("LOCK TABLE daemons IN EXCLUSIVE MODE"); !locked) return locked.error();
  if (const auto idle = nobody_at_work(connection); !idle) return idle.error();
  return end_every_epoch(connection);
}

core::Result<void> bring_forward(PostgresConnection& connection, std::int64_t version) {
  if (version >= postgres_schema_version) return {};
  std::string script;
  std::int64_t ended = 0;
  if (version == 0) {
    script =
        "CREATE TABLE penstock_shape (one BOOLEAN PRIMARY KEY DEFAULT TRUE CHECK (one), version BIGINT NOT NULL);"
        "INSERT INTO penstock_shape (version) VALUES (0);";
  } else {
    const auto earlier = end_earlier_daemons(connection);
    if (!earlier) return earlier.error();
    ended = *earlier;
  }
  for (auto step = static_cast<std::size_t>(version); step < postgres_steps.size(); ++step)
    script += postgres_steps[step];
  script += "UPDATE penstock_shape SET version = " + std::to_string(postgres_schema_version) + ";";
  if (const auto done = connection.script(script); !done) return done;
  if (version > 0)
    runtime::log_info("journal.brought_forward", {{"path", connection.address().told()},
                                                  {"from_version", std::to_string(version)},
                                                  {"to_version", std::to_string(postgres_schema_version)},
                                                  {"silent_daemons_ended", std::to_string(ended)}});
  return {};
}

enum class Wanted {
  any,
  unused,  // no daemon has worked on it
};

core::Result<void> prepare_alone(PostgresConnection& connection, Wanted wanted) {
  const auto& schema = connection.address().schema();
  // Until the transaction's end. The number is any that nobody else is likely to use.
  const auto alone = "SELECT pg_advisory_xact_lock(7265756, hashtext('" + schema + "'))";
  if (const auto locked = connection.script(alone); !locked) return locked;
  const auto exists = postgres_number(connection, "SELECT count(*) FROM pg_namespace WHERE nspname = '" + schema + "'");
  if (!exists) return exists.error();
  if (*exists == 0)
    if (const auto made = connection.script("CREATE SCHEMA " + schema); !made) return made;
  const auto version = stored_version(connection);
  if (!version) return version.error();
  if (wanted == Wanted::unused && *version > 0)
    if (const auto unused = must_be_unused(connection); !unused) return unused;
  return bring_forward(connection, *version);
}

core::Result<void> prepare(PostgresConnection& connection, Wanted wanted) {
  if (const auto checked = check_server(connection); !checked) return checked;
  if (const auto begun = connection.script("BEGIN"); !begun) return begun;
  auto prepared = prepare_alone(connection, wanted);
  if (connection.lost()) return prepared;
  const auto ended = connection.script(prepared ? "COMMIT" : "ROLLBACK");
  return prepared ? ended : prepared;
}

}  // namespace

core::Result<void> prepare_postgres(PostgresConnection& connection) { return prepare(connection, Wanted::any); }

core::Result<void> prepare_unused_postgres(PostgresConnection& connection) {
  return prepare(connection, Wanted::unused);
}

core::Result<void> must_be_unused(PostgresConnection& connection) {
  const auto used =
      postgres_number(connection,
                      "SELECT (EXISTS (SELECT FROM daemons) OR EXISTS (SELECT FROM lanes) OR EXISTS (SELECT FROM "
                      "events))::int::bigint");
  if (!used) return used.error();
  if (*used == 0) return {};
  return core::Problem{"conflict",
                       "daemons have worked on this schema, or it was restored into: what it holds is not replaced",
                       connection.address().told(),
                       "name a schema that is not there yet, which is created; or drop this one where nobody needs it"};
}

}  // namespace penstock::journal
