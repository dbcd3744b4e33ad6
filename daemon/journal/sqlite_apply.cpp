#include "daemon/journal/sqlite_apply.hpp"

#include "daemon/journal/write_rules.hpp"

namespace penstock::journal {
namespace {

using Applied = core::Result<void>;

core::Result<std::int64_t> version_of(SqliteConnection& db, const core::LaneKey& lane) {
  const auto stored = db.first(
      "SELECT version FROM lanes WHERE model = ?1 AND environment = ?2",
      [](const SqliteRow& row) { return row.integer(0); }, lane.model, lane.environment);
  if (!stored) return stored.error();
  return stored->value_or(0);
}

Applied look_at_every_lane(SqliteConnection& db, const Write& write) {
  if (!write.every_lane_version) return {};
  const auto stored = version_of(db, core::every_lane);
  if (!stored) return stored.error();
  if (*stored != *write.every_lane_version) return lane_moved(core::every_lane, *stored, *write.every_lane_version);
  return {};
}

Applied move_lane(SqliteConnection& db, const Write& write) {
  if (!write.expected_version) return {};
  const auto& lane = write.lane;
  const auto moved =
      *write.expected_version == 0
          ? db.run("INSERT INTO lanes (model, environment, version) VALUES (?1, ?2, 1) ON CONFLICT DO NOTHING",
                   lane.model, lane.environment)
          : db.run("UPDATE lanes SET version = ?3 + 1 WHERE model = ?1 AND environment = ?2 AND version = ?3",
                   lane.model, lane.environment, *write.expected_version);
  if (!moved) return moved.error();
  if (*moved == 1) return {};
  const auto stored = version_of(db, lane);
  if (!stored) return stored.error();
  return lane_moved(lane, *stored, *write.expected_version);
}

Applied put_lane_state(SqliteConnection& db, const Write& write) {
  if (!write.lane_state) return {};
  constexpr auto put =
      "INSERT INTO lane_states (model, environment, document) VALUES (?1, ?2, ?3) ON CONFLICT (model, environment) "
      "DO UPDATE SET document = excluded.document";
  const auto done = db.run(put, write.lane.model, write.lane.environment, *write.lane_state);
  if (!done) return done.error();
  return {};
}

Applied add_candidates(SqliteConnection& db, const Write& write) {
  constexpr auto add =
      "INSERT INTO candidates (id, model, version, submitter, \"trigger\", seen_at, document) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING";
  for (const auto& row : write.new_candidates) {
    const auto added =
        db.run(add, row.id, row.model, row.version, row.submitter, row.trigger, row.seen_at, row.document);
    if (!added) return added.error();
    if (*added == 0) return known_candidate(row.id);
  }
  return {};
}

Applied remember(SqliteConnection& db, const Write& write) {
  constexpr auto add = "INSERT INTO remembered (key, until, answer) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
  for (const auto& one : write.remember) {
    const auto added = db.run(add, one.key, one.until, one.answer);
    if (!added) return added.error();
    if (*added == 0) return known_answer(one.key);
  }
  return {};
}

Applied put_policies(SqliteConnection& db, const Write& write) {
  constexpr auto put = "INSERT INTO policies (digest, document) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
  for (const auto& row : write.policies)
    if (const auto done = db.run(put, row.digest, row.document); !done) return done.error();
  return {};
}

// Two statements, so that the indexes of open promotions are touched only when one opens or ends. What never changes is
// not set, so that its indexes are not touched either; a row that differs there is not updated, which the count tells.
Applied put_promotions(SqliteConnection& db, const Write& write) {
  constexpr auto put_open =
      "INSERT INTO promotions (id, model, environment, candidate, version, phase, ended, opened_at, changed_at, "
      "document) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, ?7, ?8, ?9) ON CONFLICT (id) DO UPDATE SET "
      "phase = excluded.phase, changed_at = excluded.changed_at, document = excluded.document WHERE ended = 0 AND "
      "model = excluded.model AND environment = excluded.environment AND candidate = excluded.candidate AND "
      "version = excluded.version AND opened_at = excluded.opened_at";
  constexpr auto put_ended =
      "INSERT INTO promotions (id, model, environment, candidate, version, phase, ended, opened_at, changed_at, "
      "document) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, 1, ?7, ?8, ?9) ON CONFLICT (id) DO UPDATE SET ended = 1, "
      "phase = excluded.phase, changed_at = excluded.changed_at, document = excluded.document WHERE "
      "model = excluded.model AND environment = excluded.environment AND candidate = excluded.candidate AND "
      "version = excluded.version AND opened_at = excluded.opened_at";
  for (const auto& row : write.promotions) {
    const auto put = db.run(row.ended ? put_ended : put_open, row.id, row.lane.model, row.lane.environment,
                            row.candidate, row.version, row.phase, row.opened_at, row.changed_at, row.document);
    if (!put && db.failed_with() == SQLITE_CONSTRAINT_FOREIGNKEY) return unknown_candidate(write);
    if (!put) return put.error();
    if (*put == 0) return changed_identity(row);
  }
  return {};
}

Applied begin_live(SqliteConnection& db, const core::LaneKey& lane, const LiveChange& change) {
  constexpr auto begin =
      "INSERT INTO live_spans (model, environment, promotion, since) SELECT model, environment, id, ?6 FROM promotions "
      "WHERE id = ?1 AND model = ?2 AND environment = ?3 AND candidate = ?4 AND version = ?5";
  const auto begun =
      db.run(begin, change.promotion, lane.model, lane.environment, change.candidate, change.version, *change.began);
  if (!begun && db.failed_with() == SQLITE_CONSTRAINT_UNIQUE) return live_twice(change, lane);
  if (!begun) return begun.error();
  if (*begun == 0) return not_of_lane(change, lane);
  return {};
}

Applied end_live(SqliteConnection& db, const core::LaneKey& lane, const LiveChange& change) {
  constexpr auto end =
      "UPDATE live_spans SET until = max(since, ?4) WHERE model = ?1 AND environment = ?2 AND until IS NULL AND "
      "promotion = ?3";
  const auto ended = db.run(end, lane.model, lane.environment, change.promotion, *change.ended);
  if (!ended) return ended.error();
  if (*ended == 0) return not_live(change, lane);
  return {};
}

Applied change_live(SqliteConnection& db, const Write& write) {
  for (const bool begins : {false, true})
    for (const auto& change : write.live_changes) {
      if (change.began.has_value() != begins) continue;
      if (begins)
        if (auto done = begin_live(db, write.lane, change); !done) return done;
      if (change.ended)
        if (auto done = end_live(db, write.lane, change); !done) return done;
    }
  return {};
}

// Rows are never deleted, so that the next number is one more than the highest: no gap, also after what was undone.
Applied add_audit(SqliteConnection& db, const Write& write) {
  for (const auto& row : write.audit) {
    const auto added = db.run("INSERT INTO audit (promotion, entry) VALUES (?1, ?2)", row.promotion, row.entry);
    if (!added) return added.error();
  }
  return {};
}

Applied add_events(SqliteConnection& db, const Write& write) {
  constexpr auto add =
      "INSERT INTO events (at, model, environment, promotion, name, document) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
  for (const auto& row : write.events) {
    const auto added = db.run(add, row.at, row.lane.model, row.lane.environment, row.promotion, row.name, row.document);
    if (!added) return added.error();
  }
  return {};
}

Applied drop_outbox(SqliteConnection& db, const Write& write) {
  const auto* drop = drops_unclaimed(write) ? "DELETE FROM outbox WHERE key = ?1"
                                            : "DELETE FROM outbox WHERE key = ?1 AND leased_until IS NOT NULL";
  for (const auto& key : write.drop_keys)
    if (const auto done = db.run(drop, key); !done) return done.error();
  for (const auto& promotion : write.drop_promotions)
    if (const auto done = db.run("DELETE FROM outbox WHERE promotion = ?1", promotion); !done) return done.error();
  return {};
}

Applied put_outbox(SqliteConnection& db, const Write& write) {
  constexpr auto put =
      "INSERT INTO outbox (key, kind, model, environment, promotion, due, leased_until, tries, document) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (key) DO UPDATE SET kind = excluded.kind, "
      "model = excluded.model, environment = excluded.environment, promotion = excluded.promotion, due = excluded.due, "
      "leased_until = excluded.leased_until, tries = excluded.tries, document = excluded.document";
  for (const auto& row : write.outbox) {
    const auto done = db.run(put, row.key, row.kind, row.lane.model, row.lane.environment, row.promotion, row.due,
                             lease_of(row), row.tries, row.document);
    if (!done) return done.error();
  }
  return {};
}

Applied move_cursors(SqliteConnection& db, const Write& write) {
  constexpr auto put =
      "INSERT INTO cursors (source, cursor) VALUES (?1, ?2) ON CONFLICT (source) DO UPDATE SET cursor = "
      "excluded.cursor";
  for (const auto& [source, cursor] : write.cursors)
    if (const auto done = db.run(put, source, cursor); !done) return done.error();
  return {};
}

}  // namespace

core::Result<std::int64_t> newest_seq(SqliteConnection& connection) {
  const auto found =
      connection.first("SELECT max(seq) FROM events", [](const SqliteRow& row) { return row.integer(0); });
  if (!found) return found.error();
  return found->value_or(0);
}

core::Result<Receipt> apply(SqliteConnection& connection, const Write& write) {
  if (auto problem = problem_in(write)) return std::move(*problem);
  // What can refuse a Write comes first: most refused ones have changed nothing yet.
  for (const auto step : {look_at_every_lane, move_lane, add_candidates, remember, put_policies, put_promotions,
                          change_live, add_audit, add_events, drop_outbox, put_outbox, move_cursors, put_lane_state})
    if (auto done = step(connection, write); !done) return std::move(done).error();
  // Nobody else adds events, so that those of a Write follow each other. What is written after them has no row ids.
  if (!write.events.empty()) return Receipt{sqlite3_last_insert_rowid(connection.handle())};
  const auto newest = newest_seq(connection);
  if (!newest) return newest.error();
  return Receipt{*newest};
}

}  // namespace penstock::journal
