#include "daemon/journal/postgres_shapes.hpp"

#include <array>

#include "daemon/runtime/log.hpp"

namespace penstock::journal {
namespace {

// pg_xact_status(xid8) is new in 13.
constexpr int oldest_server = 130000;

// A shape that was released is never edited: databases have it. A change is a new step at the end.
//
// Times are milliseconds since 1970, digests 64 hex digits; only the leases of daemons are the server's own time.
// Texts compare as bytes. Documents are bytea, because they come back byte for byte.
//
// free_at is when a row can be taken: a lease ends after the row is due, so it is one time in both cases.
constexpr const char* first = R"sql(
CREATE DOMAIN word AS TEXT COLLATE "C";

CREATE TABLE daemons (
  epoch BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name TEXT NOT NULL,
  joined_at TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
  alive_until TIMESTAMPTZ NOT NULL,
  ended_at TIMESTAMPTZ,
  ended_by BIGINT,
  CHECK ((ended_at IS NULL) = (ended_by IS NULL))
) WITH (fillfactor = 50);
CREATE INDEX daemons_in_force ON daemons (epoch) WHERE ended_at IS NULL;

CREATE TABLE counters (
  one BOOLEAN PRIMARY KEY DEFAULT TRUE CHECK (one),
  newest_seq BIGINT NOT NULL DEFAULT 0,
  audit_size BIGINT NOT NULL DEFAULT 0
) WITH (fillfactor = 10);
INSERT INTO counters DEFAULT VALUES;

CREATE TABLE lanes (
  model word NOT NULL CHECK (model <> ''),
  environment word NOT NULL CHECK (environment <> ''),
  version BIGINT NOT NULL CHECK (version > 0),
  PRIMARY KEY (model, environment)
) WITH (fillfactor = 70);

CREATE TABLE lane_states (
  model word NOT NULL,
  environment word NOT NULL,
  document BYTEA NOT NULL,
  PRIMARY KEY (model, environment),
  FOREIGN KEY (model, environment) REFERENCES lanes (model, environment)
) WITH (fillfactor = 70);

CREATE TABLE candidates (
  id word PRIMARY KEY CHECK (length(id) = 64),
  model word NOT NULL CHECK (model <> ''),
  version word NOT NULL,
  submitter TEXT NOT NULL,
  "trigger" TEXT NOT NULL,
  seen_at BIGINT NOT NULL,
  document BYTEA NOT NULL
);
CREATE INDEX candidates_by_time ON candidates (seen_at, id);
CREATE INDEX candidates_by_model ON candidates (model, seen_at, id);

CREATE TABLE policies (
  digest word PRIMARY KEY CHECK (length(digest) = 64),
  document BYTEA NOT NULL
);

CREATE TABLE promotions (
  n BIGINT GENERATED ALWAYS AS IDENTITY,  -- the order in which those of a lane were opened
  id word PRIMARY KEY CHECK (id <> ''),
  model word NOT NULL,
  environment word NOT NULL,
  candidate word NOT NULL,
  version word NOT NULL,
  phase word NOT NULL CHECK (phase <> ''),
  ended BOOLEAN NOT NULL,
  opened_at BIGINT NOT NULL,
  changed_at BIGINT NOT NULL,
  document BYTEA NOT NULL,
  CONSTRAINT promotions_of_candidate FOREIGN KEY (candidate) REFERENCES candidates (id),
  FOREIGN KEY (model, environment) REFERENCES lanes (model, environment)
) WITH (fillfactor = 80);
CREATE INDEX promotions_open_by_lane ON promotions (model, environment, n) WHERE NOT ended;
CREATE INDEX promotions_open ON promotions (id) WHERE NOT ended;
CREATE INDEX promotions_by_model ON promotions (model, id);
CREATE INDEX promotions_by_environment ON promotions (environment, id);
CREATE INDEX promotions_by_candidate ON promotions (candidate, id);
CREATE INDEX promotions_by_version ON promotions (version, id);
CREATE INDEX promotions_by_phase ON promotions (phase, id);

CREATE TABLE live_spans (
  n BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,  -- the order in which they began
  model word NOT NULL,
  environment word NOT NULL,
  promotion word NOT NULL REFERENCES promotions (id),
  since BIGINT NOT NULL,
  until BIGINT CHECK (until >= since),
  FOREIGN KEY (model, environment) REFERENCES lanes (model, environment)
);
CREATE INDEX live_spans_by_lane ON live_spans (model, environment, n);
CREATE UNIQUE INDEX live_spans_open ON live_spans (model, environment) WHERE until IS NULL;

CREATE TABLE events (
  seq BIGINT PRIMARY KEY,
  at BIGINT NOT NULL,
  model word NOT NULL,
  environment word NOT NULL,
  promotion word NOT NULL,
  name word NOT NULL CHECK (name <> ''),
  document BYTEA NOT NULL
);
CREATE INDEX events_by_promotion ON events (promotion, seq);

CREATE TABLE audit (
  index BIGINT PRIMARY KEY CHECK (index >= 0),
  promotion word NOT NULL,
  entry BYTEA NOT NULL CHECK (length(entry) BETWEEN 1 AND 65535)
);
CREATE INDEX audit_by_promotion ON audit (promotion, index) WHERE promotion <> '';

CREATE TABLE outbox (
  key word PRIMARY KEY CHECK (key <> ''),
  kind word NOT NULL CHECK (kind <> ''),
  model word NOT NULL,
  environment word NOT NULL,
  promotion word NOT NULL,
  due BIGINT NOT NULL,
  leased_until BIGINT CHECK (leased_until > due),
  owner BIGINT,  -- the epoch of the daemon that holds the lease
  free_at BIGINT NOT NULL GENERATED ALWAYS AS (coalesce(leased_until, due)) STORED,
  tries BIGINT NOT NULL CHECK (tries >= 0),
  document BYTEA NOT NULL,
  CHECK ((leased_until IS NULL) = (owner IS NULL))
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02);
CREATE INDEX outbox_by_due ON outbox (due, key);
CREATE INDEX outbox_by_time ON outbox (free_at);
CREATE INDEX outbox_by_promotion ON outbox (promotion);
CREATE INDEX outbox_by_owner ON outbox (owner) WHERE owner IS NOT NULL;

CREATE TABLE cursors (
  source word PRIMARY KEY,
  cursor BYTEA NOT NULL
);

CREATE TABLE remembered (
  key word PRIMARY KEY CHECK (key <> ''),
  until BIGINT NOT NULL,
  answer BYTEA NOT NULL
);
CREATE INDEX remembered_by_time ON remembered (until);

-- Who watches what. A nudge that came to another daemon waits here for the owner.
CREATE TABLE sources (
  name word PRIMARY KEY CHECK (name <> ''),
  owner BIGINT,
  nudged_by TEXT
);

-- Evidence, by digest, so that every daemon can show it.
CREATE TABLE documents (
  digest word PRIMARY KEY CHECK (length(digest) = 64),
  content BYTEA NOT NULL CHECK (length(content) <= 67108864)  -- runtime::ContentStore::max_content
);
)sql";

// steps[v] makes version v + 1 out of version v.
constexpr std::array steps{first};
static_assert(steps.size() == static_cast<std::size_t>(postgres_schema_version));

core::Problem newer(std::int64_t version, const std::string& where) {
  return {"journal-newer",
          "the journal has schema version " + std::to_string(version) + ", this Penstock knows versions up to " +
              std::to_string(postgres_schema_version),
          where, "start the newer Penstock that wrote it, or restore the backup from before the upgrade", false};
}

core::Problem foreign(const std::string& observed, const std::string& where) {
  return {"journal-damaged", "the schema is no Penstock journal: " + observed, where,
          "name another schema; Penstock creates its journal itself", false};
}

core::Result<std::string> text(PostgresConnection& connection, const std::string& sql) {
  const auto found = connection.first(statement(sql), [](const PostgresRow& row) { return row.text(0); });
  if (!found) return found.error();
  return found->value_or("");
}

core::Result<std::int64_t> number(PostgresConnection& connection, const std::string& sql) {
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
  const auto shape = number(connection,
                            "SELECT count(*) FROM pg_class WHERE relnamespace = "
                            "current_schema()::regnamespace AND relname = 'penstock_shape'");
  if (!shape) return shape.error();
  if (*shape == 0) {
    const auto others = number(connection,
                               "SELECT count(*) FROM pg_class WHERE relnamespace = "
                               "current_schema()::regnamespace AND relkind IN ('r', 'p', 'v')");
    if (!others) return others.error();
    if (*others != 0) return foreign("it has tables of another program", where);
    return 0;
  }
  const auto version = number(connection, "SELECT version FROM penstock_shape");
  if (!version) return version.error();
  if (*version > postgres_schema_version) return newer(*version, where);
  if (*version < 1) return foreign("it has schema version " + std::to_string(*version), where);
  return *version;
}

core::Result<void> bring_forward(PostgresConnection& connection, std::int64_t version) {
  if (version >= postgres_schema_version) return {};
  std::string script;
  if (version == 0)
    script =
        "CREATE TABLE penstock_shape (one BOOLEAN PRIMARY KEY DEFAULT TRUE CHECK (one), version BIGINT NOT NULL);"
        "INSERT INTO penstock_shape (version) VALUES (0);";
  if (version > 0) {
    const auto at_work =
        number(connection, "SELECT count(*) FROM daemons WHERE ended_at IS NULL AND alive_until > clock_timestamp()");
    if (!at_work) return at_work.error();
    if (*at_work > 0)
      return core::Problem{"journal-in-use",
                           std::to_string(*at_work) +
                               " daemons of an earlier Penstock are at work on the journal, "
                               "whose shape this one is to change",
                           connection.address().told(), "stop them all, then start this one", true};
  }
  for (auto step = static_cast<std::size_t>(version); step < steps.size(); ++step) script += steps[step];
  script += "UPDATE penstock_shape SET version = " + std::to_string(postgres_schema_version) + ";";
  if (const auto done = connection.script(script); !done) return done;
  if (version > 0)
    runtime::log_info("journal.brought_forward", {{"path", connection.address().told()},
                                                  {"from_version", std::to_string(version)},
                                                  {"to_version", std::to_string(postgres_schema_version)}});
  return {};
}

core::Result<void> prepare_alone(PostgresConnection& connection) {
  const auto& schema = connection.address().schema();
  // Until the transaction's end. The number is any that nobody else is likely to use.
  const auto alone = "SELECT pg_advisory_xact_lock(7265756, hashtext('" + schema + "'))";
  if (const auto locked = connection.script(alone); !locked) return locked;
  const auto exists = number(connection, "SELECT count(*) FROM pg_namespace WHERE nspname = '" + schema + "'");
  if (!exists) return exists.error();
  if (*exists == 0)
    if (const auto made = connection.script("CREATE SCHEMA " + schema); !made) return made;
  const auto version = stored_version(connection);
  if (!version) return version.error();
  return bring_forward(connection, *version);
}

}  // namespace

core::Result<void> prepare_postgres(PostgresConnection& connection) {
  if (const auto checked = check_server(connection); !checked) return checked;
  if (const auto begun = connection.script("BEGIN"); !begun) return begun;
  auto prepared = prepare_alone(connection);
  if (connection.lost()) return prepared;
  const auto ended = connection.script(prepared ? "COMMIT" : "ROLLBACK");
  return prepared ? ended : prepared;
}

}  // namespace penstock::journal
