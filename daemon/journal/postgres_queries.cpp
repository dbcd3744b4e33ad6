#include "daemon/journal/postgres_queries.hpp"

#include <algorithm>

#include "daemon/journal/write_rules.hpp"

namespace penstock::journal {
namespace {

// A negative limit is an error to PostgreSQL.
std::int64_t bounded(int limit) { return std::max(limit, 0); }

constexpr auto promotion_columns =
    "SELECT id, model, environment, candidate, version, phase, ended, opened_at, changed_at, document FROM promotions";

PromotionRow promotion_row(const PostgresRow& row) {
  return {row.text(0),
          {row.text(1), row.text(2)},
          core::CandidateId::from_hex(row.text(3)),
          row.text(4),
          row.text(5),
          row.integer(6) != 0,
          row.time(7),
          row.time(8),
          row.text(9)};
}

constexpr auto candidate_columns =
    "SELECT id, document, model, version, submitter, \"trigger\", seen_at FROM candidates";

CandidateRow candidate_row(const PostgresRow& row) {
  return {core::CandidateId::from_hex(row.text(0)),
          row.text(1),
          row.text(2),
          row.text(3),
          row.text(4),
          row.text(5),
          row.time(6)};
}

EventRow event_row(const PostgresRow& row) {
  return {row.integer(0), row.time(1), {row.text(2), row.text(3)}, row.text(4), row.text(5), row.text(6)};
}

AuditRow audit_row(const PostgresRow& row) { return {row.integer(0), row.text(1), row.text(2)}; }

std::string first_text(const PostgresRow& row) { return row.text(0); }
std::int64_t first_integer(const PostgresRow& row) { return row.integer(0); }

core::Result<std::int64_t> number_told(PostgresConnection& connection, PostgresStatement asked) {
  const auto found = connection.first(std::move(asked), first_integer);
  if (!found) return found.error();
  return found->value_or(0);
}

core::Result<std::optional<Time>> time(PostgresConnection& connection, PostgresStatement asked) {
  const auto found = connection.first(std::move(asked), [](const PostgresRow& row) { return row.optional_time(0); });
  if (!found) return found.error();
  return found->value_or(std::nullopt);
}

// A SELECT with the conditions that are asked for.
class Conditions {
 public:
  explicit Conditions(const char* columns) { asked_.sql = columns; }
  // `condition` has one `?` for each value.
  Conditions& add(std::string condition, std::vector<PostgresValue> values) {
    asked_.sql += (first_ ? " WHERE " : " AND ");
    first_ = false;
    return add_values(std::move(condition), std::move(values));
  }
  void add_unless_empty(const char* condition, const std::string& value) {
    if (!value.empty()) add(condition, {value});
  }
  PostgresStatement ordered(const char* order, int limit) {
    add_values(std::string(" ORDER BY ") + order + " LIMIT ?", {bounded(limit)});
    return std::move(asked_);
  }

 private:
  Conditions& add_values(std::string text, std::vector<PostgresValue> values) {
    for (auto& value : values) {
      asked_.values.push_back(std::move(value));
      text.replace(text.find('?'), 1, "$" + std::to_string(asked_.values.size()));
    }
    asked_.sql += text;
    return *this;
  }
  PostgresStatement asked_;
  bool first_ = true;
};

}  // namespace

core::Result<Journal::StoredLane> read_lane(PostgresConnection& connection, const core::LaneKey& key) {
  // One snapshot for both.
  const std::vector<PostgresStatement> asked{
      statement("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"),
      statement("SELECT version, document FROM lanes LEFT JOIN lane_states USING (model, environment) WHERE model = $1 "
                "AND environment = $2",
                key.model, key.environment),
      statement(std::string(promotion_columns) + " WHERE model = $1 AND environment = $2 AND NOT ended ORDER BY n",
                key.model, key.environment),
      statement("COMMIT")};
  const auto results = connection.pipeline(asked);
  if (!results) return results.error();
  for (const auto& result : *results)
    if (!result.good()) {
      auto problem = connection.problem(result);
      static_cast<void>(connection.script("ROLLBACK"));
      return problem;
    }
  const auto& lane = (*results)[1];
  Journal::StoredLane stored;
  if (lane.rows() > 0) {
    stored.version = lane.integer(0, 0);
    if (!lane.is_null(0, 1)) stored.state = lane.text(0, 1);
  }
  const auto& promotions = (*results)[2];
  for (int row = 0; row < promotions.rows(); ++row)
    stored.promotions.push_back(promotion_row(PostgresRow(promotions, row)));
  return stored;
}

core::Result<std::optional<PromotionRow>> read_promotion(PostgresConnection& connection, const core::PromotionId& id) {
  return connection.first(statement(std::string(promotion_columns) + " WHERE id = $1", id), promotion_row);
}

core::Result<std::optional<CandidateRow>> read_candidate(PostgresConnection& connection, const core::CandidateId& id) {
  return connection.first(statement(std::string(candidate_columns) + " WHERE id = $1", id), candidate_row);
}

core::Result<std::optional<PolicyRow>> read_policy(PostgresConnection& connection, const core::Digest& digest) {
  return connection.first(statement("SELECT digest, document FROM policies WHERE digest = $1", digest),
                          [](const PostgresRow& row) {
                            return PolicyRow{core::Digest::from_hex(row.text(0)), row.text(1)};
                          });
}

core::Result<std::vector<PromotionRow>> list_promotions(PostgresConnection& connection, const PromotionQuery& query) {
  Conditions conditions(promotion_columns);
  if (query.candidate) conditions.add("candidate = ?", {*query.candidate});
  conditions.add_unless_empty("model = ?", query.model);
  conditions.add_unless_empty("environment = ?", query.environment);
  conditions.add_unless_empty("phase = ?", query.phase);
  conditions.add_unless_empty("version = ?", query.version);
  // As literals: an index of open promotions is used only where the server can see that they are meant.
  if (query.ended) conditions.add(*query.ended ? "ended" : "NOT ended", {});
  conditions.add_unless_empty("id < ?", query.after);
  return connection.all(conditions.ordered("id DESC", query.limit), promotion_row);
}

core::Result<std::vector<CandidateRow>> list_candidates(PostgresConnection& connection, const CandidateQuery& query) {
  Conditions conditions(candidate_columns);
  conditions.add_unless_empty("model = ?", query.model);
  conditions.add_unless_empty("version = ?", query.version);
  if (!query.after.empty()) {
    const auto after = parse_after(query.after);
    if (!after) return after.error();
    conditions.add("(seen_at, id) < (?, ?)", {after->first, after->second});
  }
  return connection.all(conditions.ordered("seen_at DESC, id DESC", query.limit), candidate_row);
}

core::Result<std::vector<LaneSummary>> list_lanes(PostgresConnection& connection) {
  return connection.all(statement("SELECT model, environment, version FROM lanes ORDER BY model, environment"),
                        [](const PostgresRow& row) {
                          return LaneSummary{{row.text(0), row.text(1)}, row.integer(2)};
                        });
}

core::Result<std::vector<LaneStanding>> lane_standings(PostgresConnection& connection,
                                                       const std::vector<LaneAsked>& asked, std::int64_t epoch,
                                                       Time now) {
  std::vector<std::string_view> models, environments, kinds;
  for (const auto& one : asked) {
    models.push_back(one.lane.model);
    environments.push_back(one.lane.environment);
    kinds.push_back(one.kind);
  }
  // What others have claimed is gathered once, and only when a kind is named. Two queries, because each is a range of
  // the index of owners: for an inequality, or for both ranges with an OR, the whole index may be read.
  return connection.all(
      statement("WITH others AS MATERIALIZED (SELECT model, environment, kind FROM outbox WHERE owner < $1 AND "
                "leased_until > $2 UNION ALL SELECT model, environment, kind FROM outbox WHERE owner > $1 AND "
                "leased_until > $2) SELECT coalesce((SELECT version FROM lanes WHERE model = m AND environment "
                "= e), 0), k <> '' AND (m, e, k) IN (SELECT model, environment, kind FROM others) FROM "
                "unnest($3::text[], $4::text[], $5::text[]) WITH ORDINALITY AS asked (m, e, k, n) ORDER BY n",
                epoch, now, PostgresValue::texts(models), PostgresValue::texts(environments),
                PostgresValue::texts(kinds)),
      [](const PostgresRow& row) {
        return LaneStanding{row.integer(0), row.integer(1) != 0};
      });
}

core::Result<std::vector<LiveSpan>> list_live_spans(PostgresConnection& connection, const core::LaneKey& key,
                                                    std::optional<Time> at, int limit,
                                                    std::optional<std::int64_t> before) {
  Conditions conditions(
      "SELECT promotion, candidate, p.version, since, until, l.n FROM live_spans AS l JOIN promotions AS p ON p.id = "
      "promotion");
  conditions.add("l.model = ? AND l.environment = ?", {key.model, key.environment});
  if (at) conditions.add("since <= ? AND (until IS NULL OR ? < until)", {*at, *at});
  if (before) conditions.add("l.n < ?", {*before});
  return connection.all(conditions.ordered("l.n DESC", at ? std::min(limit, 1) : limit), [](const PostgresRow& row) {
    return LiveSpan{row.text(0),          core::CandidateId::from_hex(row.text(1)),
                    row.text(2),          row.time(3),
                    row.optional_time(4), row.integer(5)};
  });
}

core::Result<std::vector<EventRow>> list_events(PostgresConnection& connection, std::int64_t after_seq, int limit) {
  return connection.all(
      statement("SELECT seq, at, model, environment, promotion, name, document FROM events WHERE seq > "
                "$1 ORDER BY seq LIMIT $2",
                after_seq, bounded(limit)),
      event_row);
}

core::Result<std::vector<EventRow>> list_events_of(PostgresConnection& connection, const core::PromotionId& promotion,
                                                   int limit, std::int64_t after_seq) {
  return connection.all(statement("SELECT seq, at, model, environment, promotion, name, document FROM events WHERE "
                                  "promotion = $1 AND seq > $2 ORDER BY seq LIMIT $3",
                                  promotion, after_seq, bounded(limit)),
                        event_row);
}

core::Result<std::int64_t> newest_seq(PostgresConnection& connection) {
  return number_told(connection, statement("SELECT newest_seq FROM counters"));
}

core::Result<std::vector<AuditRow>> list_audit(PostgresConnection& connection, std::int64_t from, int limit) {
  return connection.all(statement("SELECT index, promotion, entry FROM audit WHERE index >= $1 ORDER BY index LIMIT $2",
                                  from, bounded(limit)),
                        audit_row);
}

core::Result<std::vector<AuditRow>> list_audit_of(PostgresConnection& connection, const core::PromotionId& promotion,
                                                  int limit, std::int64_t from) {
  // The literal condition lets the server see that the index has all of them.
  return connection.all(statement("SELECT index, promotion, entry FROM audit WHERE promotion = $1 AND promotion <> '' "
                                  "AND index >= $2 ORDER BY index LIMIT $3",
                                  promotion, from, bounded(limit)),
                        audit_row);
}

core::Result<std::int64_t> audit_size(PostgresConnection& connection) {
  return number_told(connection, statement("SELECT audit_size FROM counters"));
}

core::Result<std::optional<std::string>> read_cursor(PostgresConnection& connection, const std::string& source) {
  return connection.first(statement("SELECT cursor FROM cursors WHERE source = $1", source), first_text);
}

core::Result<std::optional<std::string>> read_remembered(PostgresConnection& connection, const std::string& key,
                                                         Time now) {
  return connection.first(statement("SELECT answer FROM remembered WHERE key = $1 AND until > $2", key, now),
                          first_text);
}

core::Result<std::optional<Time>> next_due(PostgresConnection& connection) {
  return time(connection, statement("SELECT min(free_at) FROM outbox"));
}

core::Result<std::optional<Time>> oldest_due(PostgresConnection& connection, Time now) {
  return time(connection, statement("SELECT min(due) FROM outbox WHERE due <= $1 AND free_at <= $1", now));
}

}  // namespace penstock::journal
