// From a Write to its statements.
#include "daemon/journal/postgres_unit.hpp"
#include "daemon/journal/write_rules.hpp"

namespace penstock::journal {
namespace {

constexpr auto foreign_key_violation = "23503";
constexpr auto unique_violation = "23505";

using Refusal = std::optional<core::Problem>;

// At least one row; `otherwise` is why there is none.
template <class Otherwise>
PostgresJudge some_row(Otherwise otherwise) {
  return [otherwise](const PostgresResult& result) -> Refusal {
    if (!result.good() || result.affected() > 0) return std::nullopt;
    return otherwise();
  };
}

class Builder {
 public:
  Builder(const Write& write, std::int64_t epoch) : write_(write), epoch_(epoch) {}

  PostgresUnit build() {
    unit_.refused = problem_in(write_);
    if (unit_.refused) return std::move(unit_);
    unit_.is_write = true;
    unit_.events = write_.events;
    unit_.audit = write_.audit;
    // What can refuse a Write comes first.
    look_at_every_lane();
    move_lane();
    add_candidates();
    remember();
    put_policies();
    put_promotions();
    change_live();
    drop_outbox();
    put_outbox();
    move_cursors();
    put_lane_state();
    return std::move(unit_);
  }

 private:
  template <class... A>
  void add(const char* sql, PostgresJudge judge, A&&... values) {
    unit_.steps.push_back({statement(sql, std::forward<A>(values)...), std::move(judge)});
  }

  void look_at_every_lane() {
    if (!write_.every_lane_version) return;
    unit_.relies_on_every_lane = true;
    add(
        "SELECT coalesce((SELECT version FROM lanes WHERE model = $1 AND environment = $2), 0)",
        [expected = *write_.every_lane_version](const PostgresResult& result) -> Refusal {
          if (!result.good() || result.integer(0, 0) == expected) return std::nullopt;
          return lane_moved(core::every_lane, result.integer(0, 0), expected);
        },
        core::every_lane.model, core::every_lane.environment);
  }

  void move_lane() {
    if (!write_.expected_version) return;
    unit_.lane = write_.lane;
    const auto judge = [lane = write_.lane,
                        expected = *write_.expected_version](const PostgresResult& result) -> Refusal {
      if (!result.good() || result.integer(0, 0) == 1) return std::nullopt;
      // The second column is of the statement's beginning: a lane that came into being since looks like none.
      const auto stored = result.integer(0, 1);
      return lane_moved(lane, stored == expected ? expected + 1 : stored, expected);
    };
    if (*write_.expected_version == 0)
      add("WITH moved AS (INSERT INTO lanes (model, environment, version) VALUES ($1, $2, 1) ON CONFLICT DO NOTHING "
          "RETURNING 1) SELECT (SELECT count(*) FROM moved), "
          "coalesce((SELECT version FROM lanes WHERE model = $1 AND environment = $2), 0)",
          judge, write_.lane.model, write_.lane.environment);
    else
      add("WITH moved AS (UPDATE lanes SET version = version + 1 WHERE model = $1 AND environment = $2 AND version = "
          "$3 "
          "RETURNING 1) SELECT (SELECT count(*) FROM moved), "
          "coalesce((SELECT version FROM lanes WHERE model = $1 AND environment = $2), 0)",
          judge, write_.lane.model, write_.lane.environment, *write_.expected_version);
  }

  void add_candidates() {
    for (const auto& row : write_.new_candidates)
      add("INSERT INTO candidates (id, model, version, submitter, \"trigger\", seen_at, document) "
          "VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
          some_row([id = row.id] { return known_candidate(id); }), row.id, row.model, row.version, row.submitter,
          row.trigger, row.seen_at, row.document);
  }

  void remember() {
    for (const auto& one : write_.remember)
      add("INSERT INTO remembered (key, until, answer) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
          some_row([key = one.key] { return known_answer(key); }), one.key, one.until, one.answer);
  }

  void put_policies() {
    for (const auto& row : write_.policies)
      add("INSERT INTO policies (digest, document) VALUES ($1, $2) ON CONFLICT DO NOTHING", {}, row.digest,
          row.document);
  }

  // Two statements, so that the indexes of open promotions are touched only when one opens or ends. A row whose
  // identity differs is not updated, which the count tells.
  void put_promotions() {
    constexpr auto put_open =
        "INSERT INTO promotions AS p (id, model, environment, candidate, version, phase, ended, opened_at, changed_at, "
        "document) VALUES ($1, $2, $3, $4, $5, $6, FALSE, $7, $8, $9) ON CONFLICT (id) DO UPDATE SET "
        "phase = excluded.phase, changed_at = excluded.changed_at, document = excluded.document WHERE NOT p.ended AND "
        "p.model = excluded.model AND p.environment = excluded.environment AND p.candidate = excluded.candidate AND "
        "p.version = excluded.version AND p.opened_at = excluded.opened_at";
    constexpr auto put_ended =
        "INSERT INTO promotions AS p (id, model, environment, candidate, version, phase, ended, opened_at, changed_at, "
        "document) VALUES ($1, $2, $3, $4, $5, $6, TRUE, $7, $8, $9) ON CONFLICT (id) DO UPDATE SET ended = TRUE, "
        "phase = excluded.phase, changed_at = excluded.changed_at, document = excluded.document WHERE "
        "p.model = excluded.model AND p.environment = excluded.environment AND p.candidate = excluded.candidate AND "
        "p.version = excluded.version AND p.opened_at = excluded.opened_at";
    for (const auto& row : write_.promotions) {
      // A copy of the one row: the Write is gone when this is called in vain.
      const auto judge = [this_lane = write_.lane, row = identity(row)](const PostgresResult& result) -> Refusal {
        if (result.code() == foreign_key_violation) {
          Write of_lane;
          of_lane.lane = this_lane;
          return unknown_candidate(of_lane);
        }
        if (!result.good() || result.affected() > 0) return std::nullopt;
        return changed_identity(row);
      };
      add(row.ended ? put_ended : put_open, judge, row.id, row.lane.model, row.lane.environment, row.candidate,
          row.version, row.phase, row.opened_at, row.changed_at, row.document);
    }
  }

  static PromotionRow identity(const PromotionRow& row) {
    PromotionRow named;
    named.id = row.id;
    return named;
  }

  void change_live() {
    for (const bool begins : {false, true})
      for (const auto& change : write_.live_changes) {
        if (change.began.has_value() != begins) continue;
        if (begins) begin_live(change);
        if (change.ended) end_live(change);
      }
  }

  void begin_live(const LiveChange& change) {
    const auto judge = [change, lane = write_.lane](const PostgresResult& result) -> Refusal {
      if (result.code() == unique_violation) return live_twice(change, lane);
      if (!result.good() || result.affected() > 0) return std::nullopt;
      return not_of_lane(change, lane);
    };
    add("INSERT INTO live_spans (model, environment, promotion, since) SELECT model, environment, id, $6::bigint FROM "
        "promotions "
        "WHERE id = $1 AND model = $2 AND environment = $3 AND candidate = $4 AND version = $5",
        judge, change.promotion, write_.lane.model, write_.lane.environment, change.candidate, change.version,
        *change.began);
  }

  void end_live(const LiveChange& change) {
    add("UPDATE live_spans SET until = greatest(since, $4) WHERE model = $1 AND environment = $2 AND until IS NULL AND "
        "promotion = $3",
        some_row([change, lane = write_.lane] { return not_live(change, lane); }), write_.lane.model,
        write_.lane.environment, change.promotion, *change.ended);
  }

  void drop_outbox() {
    const auto drop = [this](const char* sql, const std::vector<std::string>& names) {
      if (names.empty()) return;
      add(sql, {}, PostgresValue::texts({names.begin(), names.end()}));
    };
    drop("DELETE FROM outbox WHERE key = ANY($1::text[])", write_.drop_keys);
    drop("DELETE FROM outbox WHERE promotion = ANY($1::text[])", write_.drop_promotions);
  }

  void put_outbox() {
    constexpr auto put =
        "INSERT INTO outbox (key, kind, model, environment, promotion, due, leased_until, owner, tries, document) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7::bigint, CASE WHEN $7::bigint IS NULL THEN NULL ELSE $8::bigint END, $9, "
        "$10) "
        "ON CONFLICT (key) DO UPDATE SET kind = excluded.kind, model = excluded.model, "
        "environment = excluded.environment, promotion = excluded.promotion, due = excluded.due, "
        "leased_until = excluded.leased_until, owner = excluded.owner, tries = excluded.tries, "
        "document = excluded.document";
    for (const auto& row : write_.outbox)
      add(put, {}, row.key, row.kind, row.lane.model, row.lane.environment, row.promotion, row.due, lease_of(row),
          epoch_, row.tries, row.document);
  }

  void move_cursors() {
    for (const auto& [source, cursor] : write_.cursors)
      add("INSERT INTO cursors (source, cursor) VALUES ($1, $2) ON CONFLICT (source) DO UPDATE SET cursor = "
          "excluded.cursor",
          {}, source, cursor);
  }

  void put_lane_state() {
    if (!write_.lane_state) return;
    add("INSERT INTO lane_states (model, environment, document) VALUES ($1, $2, $3) ON CONFLICT (model, environment) "
        "DO UPDATE SET document = excluded.document",
        {}, write_.lane.model, write_.lane.environment, *write_.lane_state);
  }

  const Write& write_;
  std::int64_t epoch_;
  PostgresUnit unit_;
};

}  // namespace

PostgresUnit unit_of(const Write& write, std::int64_t epoch) { return Builder(write, epoch).build(); }

}  // namespace penstock::journal
