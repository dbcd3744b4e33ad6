#include "daemon/journal/sqlite_queries.hpp"

#include <algorithm>
#include <limits>

#include "daemon/journal/write_rules.hpp"

namespace penstock::journal {
namespace {

// SQLite reads a negative limit as none.
std::int64_t bounded(int limit) { return std::max(limit, 0); }

constexpr auto promotion_columns =
    "SELECT id, model, environment, candidate, version, phase, ended, opened_at, changed_at, document FROM promotions";

PromotionRow promotion_row(const SqliteRow& row) {
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

CandidateRow candidate_row(const SqliteRow& row) {
  return {core::CandidateId::from_hex(row.text(0)),
          row.text(1),
          row.text(2),
          row.text(3),
          row.text(4),
          row.text(5),
          row.time(6)};
}

EventRow event_row(const SqliteRow& row) {
  return {row.integer(0), row.time(1), {row.text(2), row.text(3)}, row.text(4), row.text(5), row.text(6)};
}

AuditRow audit_row(const SqliteRow& row) { return {row.integer(0) - 1, row.text(1), row.text(2)}; }

std::string first_text(const SqliteRow& row) { return row.text(0); }

// A SELECT with the conditions that are asked for.
class Conditions {
 public:
  // `condition` has one `?` for each value.
  void add(const char* condition, std::vector<SqliteValue> values) {
    sql_ += (sql_.empty() ? " WHERE " : " AND ") + std::string(condition);
    std::move(values.begin(), values.end(), std::back_inserter(values_));
  }
  void add_unless_empty(const char* condition, const std::string& value) {
    if (!value.empty()) add(condition, {SqliteValue(value)});
  }
  const std::string& sql() const { return sql_; }
  const std::vector<SqliteValue>& values() const { return values_; }

 private:
  std::string sql_;
  std::vector<SqliteValue> values_;
};

// SQLite has no statistics of ours, so the index is chosen here: each gives its rows in the order of their ids, except
// the one by lane, whose rows are few.
const char* index_for(const PromotionQuery& query) {
  if (query.candidate) return " INDEXED BY promotions_by_candidate";
  if (query.ended == false)
    return query.model.empty() ? " INDEXED BY promotions_open" : " INDEXED BY promotions_open_by_lane";
  if (!query.version.empty()) return " INDEXED BY promotions_by_version";
  if (!query.phase.empty()) return " INDEXED BY promotions_by_phase";
  if (!query.model.empty()) return " INDEXED BY promotions_by_model";
  if (!query.environment.empty()) return " INDEXED BY promotions_by_environment";
  return "";
}

}  // namespace

core::Result<Journal::StoredLane> read_lane(SqliteConnection& connection, const core::LaneKey& key) {
  // Two statements, one snapshot.
  if (const auto begun = connection.run("BEGIN"); !begun) return begun.error();
  const auto lane = connection.first(
      "SELECT version, document FROM lanes LEFT JOIN lane_states USING (model, environment) WHERE model = ?1 AND "
      "environment = ?2",
      [](const SqliteRow& row) { return std::pair(row.integer(0), row.text(1)); }, key.model, key.environment);
  static const auto open =
      std::string(promotion_columns) +
      " INDEXED BY promotions_open_by_lane WHERE model = ?1 AND environment = ?2 AND ended = 0 ORDER BY n";
  auto promotions = connection.all(open, promotion_row, key.model, key.environment);
  const auto ended = connection.run("COMMIT");
  if (!lane) return lane.error();
  if (!promotions) return promotions.error();
  if (!ended) return ended.error();
  auto [version, state] = lane->value_or(std::pair(std::int64_t{0}, std::string()));
  return Journal::StoredLane{version, std::move(*promotions), std::move(state)};
}

core::Result<std::optional<PromotionRow>> read_promotion(SqliteConnection& connection, const core::PromotionId& id) {
  static const auto sql = std::string(promotion_columns) + " WHERE id = ?1";
  return connection.first(sql, promotion_row, id);
}

core::Result<std::optional<CandidateRow>> read_candidate(SqliteConnection& connection, const core::CandidateId& id) {
  static const auto sql = std::string(candidate_columns) + " WHERE id = ?1";
  return connection.first(sql, candidate_row, id);
}

core::Result<std::optional<PolicyRow>> read_policy(SqliteConnection& connection, const core::Digest& digest) {
  return connection.first(
      "SELECT digest, document FROM policies WHERE digest = ?1",
      [](const SqliteRow& row) {
        return PolicyRow{core::Digest::from_hex(row.text(0)), row.text(1)};
      },
      digest);
}

core::Result<std::vector<PromotionRow>> list_promotions(SqliteConnection& connection, const PromotionQuery& query) {
  Conditions conditions;
  if (query.candidate) conditions.add("candidate = ?", {SqliteValue(query.candidate->hex())});
  conditions.add_unless_empty("model = ?", query.model);
  conditions.add_unless_empty("environment = ?", query.environment);
  conditions.add_unless_empty("phase = ?", query.phase);
  conditions.add_unless_empty("version = ?", query.version);
  // As literals: an index of open promotions is used only where SQLite can see that they are meant.
  if (query.ended) conditions.add(*query.ended ? "ended = 1" : "ended = 0", {});
  conditions.add_unless_empty("id < ?", query.after);
  const auto sql = promotion_columns + std::string(index_for(query)) + conditions.sql() + " ORDER BY id DESC LIMIT ?";
  return connection.all(sql, promotion_row, conditions.values(), bounded(query.limit));
}

core::Result<std::vector<CandidateRow>> list_candidates(SqliteConnection& connection, const CandidateQuery& query) {
  Conditions conditions;
  conditions.add_unless_empty("model = ?", query.model);
  conditions.add_unless_empty("version = ?", query.version);
  if (!query.after.empty()) {
    const auto after = parse_after(query.after);
    if (!after) return after.error();
    conditions.add("(seen_at, id) < (?, ?)",
                   {SqliteValue(std::int64_t{after->first.time_since_epoch().count()}), SqliteValue(after->second)});
  }
  const auto* index = query.model.empty() ? " INDEXED BY candidates_by_time" : " INDEXED BY candidates_by_model";
  const auto sql =
      candidate_columns + std::string(index) + conditions.sql() + " ORDER BY seen_at DESC, id DESC LIMIT ?";
  return connection.all(sql, candidate_row, conditions.values(), bounded(query.limit));
}

core::Result<std::vector<LaneSummary>> list_lanes(SqliteConnection& connection) {
  return connection.all("SELECT model, environment, version FROM lanes ORDER BY model, environment",
                        [](const SqliteRow& row) {
                          return LaneSummary{{row.text(0), row.text(1)}, row.integer(2)};
                        });
}

core::Result<std::vector<LiveSpan>> list_live_spans(SqliteConnection& connection, const core::LaneKey& key,
                                                    std::optional<Time> at, int limit,
                                                    std::optional<std::int64_t> before) {
  static const std::string columns =
      "SELECT promotion, candidate, version, since, until, live_spans.n FROM live_spans INDEXED BY live_spans_by_lane "
      "CROSS JOIN promotions ON promotions.id = promotion WHERE live_spans.model = ?1 AND live_spans.environment = ?2 "
      "AND live_spans.n < ?4";
  static const auto all = columns + " ORDER BY live_spans.n DESC LIMIT ?3";
  static const auto one =
      columns + " AND since <= ?5 AND (until IS NULL OR ?5 < until) ORDER BY live_spans.n DESC LIMIT ?3";
  const auto span = [](const SqliteRow& row) {
    return LiveSpan{row.text(0),          core::CandidateId::from_hex(row.text(1)),
                    row.text(2),          row.time(3),
                    row.optional_time(4), row.integer(5)};
  };
  const auto below = before.value_or(std::numeric_limits<std::int64_t>::max());
  const auto most = at ? std::min(bounded(limit), std::int64_t{1}) : bounded(limit);
  if (at) return connection.all(one, span, key.model, key.environment, most, below, *at);
  return connection.all(all, span, key.model, key.environment, most, below);
}

core::Result<std::vector<EventRow>> list_events(SqliteConnection& connection, std::int64_t after_seq, int limit) {
  return connection.all(
      "SELECT seq, at, model, environment, promotion, name, document FROM events WHERE seq > ?1 ORDER BY seq LIMIT ?2",
      event_row, after_seq, bounded(limit));
}

core::Result<std::vector<EventRow>> list_events_of(SqliteConnection& connection, const core::PromotionId& promotion,
                                                   int limit, std::int64_t after_seq) {
  return connection.all(
      "SELECT seq, at, model, environment, promotion, name, document FROM events WHERE promotion = ?1 AND seq > ?2 "
      "ORDER BY seq LIMIT ?3",
      event_row, promotion, after_seq, bounded(limit));
}

core::Result<std::vector<AuditRow>> list_audit(SqliteConnection& connection, std::int64_t from, int limit) {
  return connection.all("SELECT n, promotion, entry FROM audit WHERE n > ?1 ORDER BY n LIMIT ?2", audit_row,
                        std::max(from, std::int64_t{0}), bounded(limit));
}

core::Result<std::vector<AuditRow>> list_audit_of(SqliteConnection& connection, const core::PromotionId& promotion,
                                                  int limit, std::int64_t from) {
  // The literal condition lets SQLite see that the index has all of them.
  return connection.all(
      "SELECT n, promotion, entry FROM audit WHERE promotion = ?1 AND promotion <> '' AND n > ?2 ORDER BY n LIMIT ?3",
      audit_row, promotion, std::max(from, std::int64_t{0}), bounded(limit));
}

core::Result<std::int64_t> audit_size(SqliteConnection& connection) {
  const auto found = connection.first("SELECT max(n) FROM audit", [](const SqliteRow& row) { return row.integer(0); });
  if (!found) return found.error();
  return found->value_or(0);
}

core::Result<std::optional<std::string>> read_cursor(SqliteConnection& connection, const std::string& source) {
  return connection.first("SELECT cursor FROM cursors WHERE source = ?1", first_text, source);
}

core::Result<std::optional<std::string>> read_remembered(SqliteConnection& connection, const std::string& key,
                                                         Time now) {
  return connection.first("SELECT answer FROM remembered WHERE key = ?1 AND until > ?2", first_text, key, now);
}

}  // namespace penstock::journal
