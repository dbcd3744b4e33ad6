#include "daemon/journal/postgres_steps.hpp"

namespace penstock::journal {
namespace {

// A shape that was released is never edited: databases have it. A change is a new step at the end.
//
// Times are milliseconds since 1970, digests 64 hex digits; only the leases of daemons are the server's own time.
// Texts compare as bytes. Documents are bytea, because they come back byte for byte.
//
// free_at is when a row can be taken: a lease ends after the row is due, so it is one time in both cases.
constexpr const char* first_step = R"sql(
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

// What was kept is asked here when the connection broke while it was being committed: each transaction writes its
// number. The database's own numbers do not tell, as after a crash it gives those of what was not kept to others.
constexpr const char* numbered_transactions = R"sql(
CREATE TABLE last_transactions (
  epoch BIGINT PRIMARY KEY REFERENCES daemons (epoch) ON DELETE CASCADE,
  number BIGINT NOT NULL
) WITH (fillfactor = 10);
)sql";

}  // namespace

const std::array<const char*, postgres_schema_version> postgres_steps{first_step, numbered_transactions};

}  // namespace penstock::journal
