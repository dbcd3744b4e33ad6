#include "daemon/journal/sqlite_shapes.hpp"

#include <array>

#include "daemon/journal/sqlite_schema.hpp"
#include "daemon/journal/sqlite_vfs.hpp"
#include "daemon/runtime/log.hpp"

namespace penstock::journal {
namespace {

// A shape that was released is never edited: files have it. A change is a new step at the end.
//
// Times are milliseconds since 1970, digests 64 hex digits. Documents come last, so that looking at a row's other
// columns never reads them. Rows of history are found by an index or not at all: nothing that runs at start reads them.
constexpr const char* first_shape = R"sql(
CREATE TABLE lanes (
  model TEXT NOT NULL CHECK (model <> ''),
  environment TEXT NOT NULL CHECK (environment <> ''),
  version INTEGER NOT NULL CHECK (version > 0),
  PRIMARY KEY (model, environment)
) STRICT, WITHOUT ROWID;

CREATE TABLE candidates (
  n INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE CHECK (length(id) = 64),
  model TEXT NOT NULL CHECK (model <> ''),
  version TEXT NOT NULL,
  submitter TEXT NOT NULL,
  "trigger" TEXT NOT NULL,
  seen_at INTEGER NOT NULL,
  document TEXT NOT NULL
) STRICT;
CREATE INDEX candidates_by_time ON candidates (seen_at, id, version);
CREATE INDEX candidates_by_model ON candidates (model, seen_at, id, version);

CREATE TABLE policies (
  n INTEGER PRIMARY KEY,
  digest TEXT NOT NULL UNIQUE CHECK (length(digest) = 64),
  document TEXT NOT NULL
) STRICT;

CREATE TABLE promotions (
  n INTEGER PRIMARY KEY,  -- the order in which they were opened
  id TEXT NOT NULL UNIQUE CHECK (id <> ''),
  model TEXT NOT NULL,
  environment TEXT NOT NULL,
  candidate TEXT NOT NULL REFERENCES candidates (id),
  version TEXT NOT NULL,
  phase TEXT NOT NULL CHECK (phase <> ''),
  ended INTEGER NOT NULL CHECK (ended IN (0, 1)),
  opened_at INTEGER NOT NULL,
  changed_at INTEGER NOT NULL,
  document TEXT NOT NULL,
  FOREIGN KEY (model, environment) REFERENCES lanes (model, environment)
) STRICT;
CREATE INDEX promotions_open_by_lane ON promotions (model, environment) WHERE ended = 0;
CREATE INDEX promotions_open ON promotions (id) WHERE ended = 0;
CREATE INDEX promotions_by_model ON promotions (model, id, environment);
CREATE INDEX promotions_by_environment ON promotions (environment, id);
CREATE INDEX promotions_by_candidate ON promotions (candidate, id);
CREATE INDEX promotions_by_version ON promotions (version, id, model, environment);
CREATE INDEX promotions_by_phase ON promotions (phase, id, model, environment);

CREATE TABLE events (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  model TEXT NOT NULL,
  environment TEXT NOT NULL,
  promotion TEXT NOT NULL,
  name TEXT NOT NULL CHECK (name <> ''),
  document TEXT NOT NULL
) STRICT;
CREATE INDEX events_by_promotion ON events (promotion);

CREATE TABLE outbox (
  key TEXT NOT NULL PRIMARY KEY CHECK (key <> ''),
  kind TEXT NOT NULL CHECK (kind <> ''),
  model TEXT NOT NULL,
  environment TEXT NOT NULL,
  promotion TEXT NOT NULL,
  due INTEGER NOT NULL,
  leased_until INTEGER CHECK (leased_until > due),
  tries INTEGER NOT NULL CHECK (tries >= 0),
  document TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX outbox_free ON outbox (due) WHERE leased_until IS NULL;
CREATE INDEX outbox_leased ON outbox (leased_until) WHERE leased_until IS NOT NULL;
CREATE INDEX outbox_by_promotion ON outbox (promotion);

CREATE TABLE cursors (
  source TEXT NOT NULL PRIMARY KEY,
  cursor TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE remembered (
  key TEXT NOT NULL PRIMARY KEY CHECK (key <> ''),
  until INTEGER NOT NULL,
  answer TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX remembered_by_time ON remembered (until);
)sql";

// The lane's own document has a table of its own, because a lane's row is written with every decision. A span's
// candidate and version are its promotion's.
constexpr const char* lane_states_and_live_spans = R"sql(
CREATE TABLE lane_states (
  model TEXT NOT NULL,
  environment TEXT NOT NULL,
  document TEXT NOT NULL,
  PRIMARY KEY (model, environment),
  FOREIGN KEY (model, environment) REFERENCES lanes (model, environment)
) STRICT, WITHOUT ROWID;

CREATE TABLE live_spans (
  n INTEGER PRIMARY KEY,  -- the order in which they began
  model TEXT NOT NULL,
  environment TEXT NOT NULL,
  promotion TEXT NOT NULL REFERENCES promotions (id),
  since INTEGER NOT NULL,
  until INTEGER CHECK (until >= since),
  FOREIGN KEY (model, environment) REFERENCES lanes (model, environment)
) STRICT;
CREATE INDEX live_spans_by_lane ON live_spans (model, environment, n);
CREATE UNIQUE INDEX live_spans_open ON live_spans (model, environment) WHERE until IS NULL;

-- What ended before nobody wrote down; what is live has not changed since it became so.
INSERT INTO live_spans (model, environment, promotion, since)
SELECT model, environment, id, changed_at FROM promotions WHERE ended = 0 AND phase = 'live' ORDER BY changed_at, n;
)sql";

// An entry's index is n - 1.
constexpr const char* audit_entries = R"sql(
CREATE TABLE audit (
  n INTEGER PRIMARY KEY,
  promotion TEXT NOT NULL,
  entry TEXT NOT NULL CHECK (entry <> '')
) STRICT;
CREATE INDEX audit_by_promotion ON audit (promotion) WHERE promotion <> '';
)sql";

// The shape of the rows is that before it: from this version on pages have checksums (sqlite_page.hpp).
constexpr const char* page_checksums = "";

// steps[v] makes version v + 1 out of version v.
constexpr std::array steps{first_shape, lane_states_and_live_spans, audit_entries, page_checksums};
static_assert(steps.size() == static_cast<std::size_t>(sqlite_schema_version));

// What the log has is brought into the file before anything with checksums is. VACUUM writes every page anew; what it
// needs meanwhile may be as large as the file, so it is no matter for the memory.
constexpr const char* make_room = R"sql(
PRAGMA wal_checkpoint(TRUNCATE);
PRAGMA temp_store = FILE;
VACUUM;
PRAGMA temp_store = MEMORY;
)sql";

}  // namespace

core::Result<void> bring_forward(SqliteConnection& connection, const SqliteFound& found) {
  if (found.version >= sqlite_schema_version) return {};
  if (!found.is_new && found.version < sqlite_checksums_since) {
    if (const auto done = connection.script(make_room); !done) return done;
    set_page_checks(connection.handle(), PageChecks::written);
  }
  std::string script = "BEGIN IMMEDIATE;";
  for (auto step = static_cast<std::size_t>(found.version); step < steps.size(); ++step) script += steps[step];
  script += "PRAGMA application_id = " + std::to_string(sqlite_application_id) +
            "; PRAGMA user_version = " + std::to_string(sqlite_schema_version) +
            // Into the file itself, where former versions look.
            "; COMMIT; PRAGMA wal_checkpoint(TRUNCATE);";
  if (const auto done = connection.script(script); !done) return done;
  set_page_checks(connection.handle(), PageChecks::all);
  if (found.version > 0)
    runtime::log_info("journal.brought_forward", {{"path", connection.path()},
                                                  {"from_version", std::to_string(found.version)},
                                                  {"to_version", std::to_string(sqlite_schema_version)}});
  return {};
}

}  // namespace penstock::journal
