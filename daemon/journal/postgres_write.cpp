// From a group of Writes to its statements.
#include <functional>
#include <limits>
#include <map>

#include "daemon/journal/postgres_columns.hpp"
#include "daemon/journal/write_rules.hpp"

namespace penstock::journal {
namespace {

constexpr auto foreign_key_violation = "23503";

class Builder {
 public:
  Builder(std::vector<const Write*> writes, std::int64_t epoch) : writes_(std::move(writes)), epoch_(epoch) {}

  std::vector<PostgresStep> build() {
    // What can refuse a Write comes first.
    look_at_every_lane();
    move_lanes();
    add_candidates();
    remember();
    put_policies();
    put_promotions();
    add_live_changes(writes_, steps_);
    drop_outbox();
    put_outbox();
    move_cursors();
    put_lane_states();
    return std::move(steps_);
  }

 private:
  template <class... A>
  void add(const char* sql, PostgresJudge judge, A&&... values) {
    steps_.push_back({statement(sql, std::forward<A>(values)...), std::move(judge)});
  }

  template <class Wanted>
  PostgresRowsOf<Write> writes_that(Wanted wanted) const {
    PostgresRowsOf<Write> some;
    for (const auto* write : writes_)
      if (wanted(*write)) some.push_back({write, write});
    return some;
  }

  void look_at_every_lane() {
    const auto relying = writes_that([](const Write& write) { return write.every_lane_version.has_value(); });
    if (relying.empty()) return;
    const auto judge = [relying](const PostgresResult& result) -> PostgresRefusal {
      if (!result.good()) return std::nullopt;
      for (const auto& one : relying)
        if (result.integer(0, 0) != *one.write->every_lane_version)
          return lane_moved(core::every_lane, result.integer(0, 0), *one.write->every_lane_version);
      return std::nullopt;
    };
    add("SELECT coalesce((SELECT version FROM lanes WHERE model = $1 AND environment = $2), 0)", judge,
        core::every_lane.model, core::every_lane.environment);
  }

  void move_lanes() {
    constexpr auto begin =
        "WITH moved AS (INSERT INTO lanes (model, environment, version) SELECT m, e, v + 1 FROM unnest($1::text[], "
        "$2::text[], $3::bigint[]) AS t (m, e, v) ON CONFLICT DO NOTHING RETURNING model, environment) SELECT "
        "moved.model IS NOT NULL, coalesce(version, 0) FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS asked "
        "(m, e, n) LEFT JOIN moved ON moved.model = m AND moved.environment = e LEFT JOIN lanes ON lanes.model = m AND "
        "lanes.environment = e ORDER BY n";
    constexpr auto move =
        "WITH moved AS (UPDATE lanes SET version = version + 1 FROM unnest($1::text[], $2::text[], $3::bigint[]) AS t "
        "(m, e, v) WHERE model = m AND environment = e AND version = v RETURNING model, environment) SELECT "
        "moved.model IS NOT NULL, coalesce(version, 0) FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS asked "
        "(m, e, n) LEFT JOIN moved ON moved.model = m AND moved.environment = e LEFT JOIN lanes ON lanes.model = m AND "
        "lanes.environment = e ORDER BY n";
    for (const bool is_new : {true, false}) {
      const auto moving = writes_that(
          [is_new](const Write& write) { return write.expected_version && (*write.expected_version == 0) == is_new; });
      if (moving.empty()) continue;
      const auto judge = [moving](const PostgresResult& result) -> PostgresRefusal {
        for (int i = 0; result.good() && i < result.rows(); ++i) {
          if (result.integer(i, 0) != 0) continue;
          // The second column is of the statement's beginning: a lane that came into being since looks like none.
          const auto& write = *moving[static_cast<std::size_t>(i)].write;
          const auto stored = result.integer(i, 1);
          const auto expected = *write.expected_version;
          return lane_moved(write.lane, stored == expected ? expected + 1 : stored, expected);
        }
        return std::nullopt;
      };
      add(is_new ? begin : move, judge, texts(moving, model_of<Write>), texts(moving, environment_of<Write>),
          numbers(moving, [](const Write& write) { return *write.expected_version; }));
    }
  }

  void add_candidates() {
    const auto rows = rows_of(writes_, &Write::new_candidates);
    if (rows.empty()) return;
    const auto known = [](const auto& one) { return known_candidate(one.row->id); };
    add("INSERT INTO candidates (id, model, version, submitter, \"trigger\", seen_at, document) SELECT * FROM "
        "unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::bytea[]) ON CONFLICT DO "
        "NOTHING RETURNING id",
        each_returned(rows, &CandidateRow::id, known), texts(rows, &CandidateRow::id),
        texts(rows, &CandidateRow::model), texts(rows, &CandidateRow::version), texts(rows, &CandidateRow::submitter),
        texts(rows, &CandidateRow::trigger), numbers(rows, &CandidateRow::seen_at),
        documents(rows, &CandidateRow::document));
  }

  void remember() {
    const auto rows = rows_of(writes_, &Write::remember);
    if (rows.empty()) return;
    using One = Write::Remembered;
    add("INSERT INTO remembered (key, until, answer) SELECT * FROM unnest($1::text[], $2::bigint[], $3::bytea[]) ON "
        "CONFLICT DO NOTHING RETURNING key",
        each_returned(rows, &One::key, [](const auto& one) { return known_answer(one.row->key); }),
        texts(rows, &One::key), numbers(rows, &One::until), documents(rows, &One::answer));
  }

  void put_policies() {
    const auto rows = rows_of(writes_, &Write::policies);
    if (rows.empty()) return;
    add("INSERT INTO policies (digest, document) SELECT * FROM unnest($1::text[], $2::bytea[]) ON CONFLICT DO NOTHING",
        {}, texts(rows, &PolicyRow::digest), documents(rows, &PolicyRow::document));
  }

  // Those that are there are changed, the others inserted. A row whose identity differs is neither, and so not among
  // those that come back.
  void put_promotions() {
    constexpr auto put =
        "WITH t AS MATERIALIZED (SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], "
        "$6::text[], $7::bigint[], $8::bigint[], $9::bigint[], $10::bytea[]) WITH ORDINALITY AS t (i, m, e, c, v, s, "
        "x, o, u, d, n)), changed AS (UPDATE promotions AS p SET phase = s, ended = x <> 0, changed_at = u, document = "
        "d FROM t WHERE p.id = i AND (x <> 0 OR NOT p.ended) AND p.model = m AND p.environment = e AND p.candidate = c "
        "AND p.version = v AND p.opened_at = o RETURNING p.id), opened AS (INSERT INTO promotions (id, model, "
        "environment, candidate, version, phase, ended, opened_at, changed_at, document) SELECT i, m, e, c, v, s, x <> "
        "0, o, u, d FROM t WHERE NOT EXISTS (SELECT 1 FROM changed WHERE changed.id = i) ORDER BY n ON CONFLICT DO "
        "NOTHING RETURNING id) SELECT id FROM changed UNION ALL SELECT id FROM opened";
    const auto rows = rows_of(writes_, &Write::promotions);
    if (rows.empty()) return;
    const auto changed = [](const auto& one) { return changed_identity(*one.row); };
    const auto judge = [lane = rows.front().write, each = each_returned(rows, &PromotionRow::id, changed)](
                           const PostgresResult& result) -> PostgresRefusal {
      if (result.code() == foreign_key_violation) return unknown_candidate(*lane);
      return each(result);
    };
    add(put, judge, texts(rows, &PromotionRow::id), texts(rows, model_of<PromotionRow>),
        texts(rows, environment_of<PromotionRow>), texts(rows, &PromotionRow::candidate),
        texts(rows, &PromotionRow::version), texts(rows, &PromotionRow::phase),
        numbers(rows, [](const PromotionRow& row) { return std::int64_t{row.ended}; }),
        numbers(rows, &PromotionRow::opened_at), numbers(rows, &PromotionRow::changed_at),
        documents(rows, &PromotionRow::document));
  }

  void drop_outbox() {
    const auto keys = rows_of(writes_, &Write::drop_keys);
    PostgresRowsOf<std::string> any, claimed;
    for (const auto& one : keys) (drops_unclaimed(*one.write) ? any : claimed).push_back(one);
    if (!any.empty()) add("DELETE FROM outbox WHERE key = ANY($1::text[])", {}, texts(any, std::identity()));
    if (!claimed.empty())
      add("DELETE FROM outbox WHERE key = ANY($1::text[]) AND owner = $2", {}, texts(claimed, std::identity()), epoch_);
    const auto promotions = rows_of(writes_, &Write::drop_promotions);
    if (!promotions.empty())
      add("DELETE FROM outbox WHERE promotion = ANY($1::text[])", {}, texts(promotions, std::identity()));
  }

  void put_outbox() {
    // Of a key that comes twice the last row is what is put.
    std::map<std::string_view, PostgresRowOf<OutboxRow>> last;
    for (const auto& one : rows_of(writes_, &Write::outbox)) last.insert_or_assign(one.row->key, one);
    PostgresRowsOf<OutboxRow> rows;
    for (const auto& [key, one] : last) rows.push_back(one);
    if (rows.empty()) return;
    constexpr auto put =
        "INSERT INTO outbox (key, kind, model, environment, promotion, due, leased_until, owner, tries, document) "
        "SELECT k, w, m, e, p, a, nullif(l, $8), CASE WHEN l <> $8 THEN $9::bigint END, t, d FROM unnest($1::text[], "
        "$2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::bigint[], $10::bigint[], $11::bytea[]) AS t "
        "(k, w, m, e, p, a, l, t, d) ON CONFLICT (key) DO UPDATE SET kind = excluded.kind, model = excluded.model, "
        "environment = excluded.environment, promotion = excluded.promotion, due = excluded.due, leased_until = "
        "excluded.leased_until, owner = excluded.owner, tries = excluded.tries, document = excluded.document";
    // No array that is made here has a NULL in it.
    constexpr auto no_lease = std::numeric_limits<std::int64_t>::min();
    add(put, {}, texts(rows, &OutboxRow::key), texts(rows, &OutboxRow::kind), texts(rows, model_of<OutboxRow>),
        texts(rows, environment_of<OutboxRow>), texts(rows, &OutboxRow::promotion), numbers(rows, &OutboxRow::due),
        numbers(rows,
                [](const OutboxRow& row) {
                  const auto lease = lease_of(row);
                  return lease ? column_number(*lease) : no_lease;
                }),
        no_lease, epoch_, numbers(rows, &OutboxRow::tries), documents(rows, &OutboxRow::document));
  }

  void move_cursors() {
    std::map<std::string_view, std::string_view> cursors;
    for (const auto* write : writes_)
      for (const auto& [source, cursor] : write->cursors) cursors[source] = cursor;
    if (cursors.empty()) return;
    std::vector<std::string_view> sources;
    std::vector<std::string_view> documents;
    for (const auto& [source, cursor] : cursors) {
      sources.push_back(source);
      documents.push_back(cursor);
    }
    add("INSERT INTO cursors (source, cursor) SELECT * FROM unnest($1::text[], $2::bytea[]) ON CONFLICT (source) DO "
        "UPDATE SET cursor = excluded.cursor",
        {}, PostgresValue::texts(sources), PostgresValue::documents(documents));
  }

  void put_lane_states() {
    const auto rows = writes_that([](const Write& write) { return write.lane_state.has_value(); });
    if (rows.empty()) return;
    const auto state = [](const Write& write) -> const std::string& { return *write.lane_state; };
    add("INSERT INTO lane_states (model, environment, document) SELECT * FROM unnest($1::text[], $2::text[], "
        "$3::bytea[]) ON CONFLICT (model, environment) DO UPDATE SET document = excluded.document",
        {}, texts(rows, model_of<Write>), texts(rows, environment_of<Write>), documents(rows, state));
  }

  const std::vector<const Write*> writes_;
  const std::int64_t epoch_;
  std::vector<PostgresStep> steps_;
};

}  // namespace

std::vector<PostgresStep> steps_of(const PostgresGroup& group, std::int64_t epoch) {
  if (group.front()->single) return {*group.front()->single};
  std::vector<const Write*> writes;
  for (const auto* unit : group) writes.push_back(&unit->write);
  return Builder(std::move(writes), epoch).build();
}

}  // namespace penstock::journal
