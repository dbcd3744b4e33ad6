#include "daemon/journal/postgres_transaction.hpp"

#include <algorithm>
#include <set>

namespace penstock::journal {
namespace {

// BEGIN, the epoch, the transaction's number, the lock on every lane, the lanes' locks.
constexpr std::size_t opening_statements = 5;

bool is_wanted(const PostgresUnit* unit) { return !unit->refused.has_value(); }

}  // namespace

// Everybody who writes goes through these in this order, so that nobody waits for somebody who waits for him. The
// epoch's lock lets its daemon show that it is alive, and makes whoever would end it wait, or this one be refused.
std::vector<PostgresStatement> PostgresTransaction::opening(const std::vector<PostgresUnit*>& units) const {
  std::set<core::LaneKey> lanes;
  bool relies = false;
  for (const auto* unit : units) {
    if (!is_wanted(unit)) continue;
    if (unit->write.expected_version) lanes.insert(unit->write.lane);
    relies = relies || unit->write.every_lane_version;
  }
  std::vector<std::string_view> models;
  std::vector<std::string_view> environments;
  for (const auto& lane : lanes) {
    models.push_back(lane.model);
    environments.push_back(lane.environment);
  }
  // Who changes what holds for all lanes waits for those who decide on it, also where it was never changed before.
  const auto* every_lane = lanes.contains(core::every_lane)
                               ? "SELECT pg_advisory_xact_lock(7265757, hashtext(current_schema()))"
                           : relies ? "SELECT pg_advisory_xact_lock_shared(7265757, hashtext(current_schema()))"
                                    : "SELECT 1";
  std::vector<PostgresStatement> all;
  all.push_back(statement("BEGIN"));
  all.push_back(statement("SELECT 1 FROM daemons WHERE epoch = $1 AND ended_at IS NULL FOR KEY SHARE", epoch_));
  all.push_back(statement("UPDATE last_transactions SET number = $2 WHERE epoch = $1", epoch_, number_));
  all.push_back(statement(every_lane));
  all.push_back(
      statement("SELECT 1 FROM lanes JOIN unnest($1::text[], $2::text[]) AS wanted (m, e) ON model = m AND "
                "environment = e ORDER BY model, environment FOR NO KEY UPDATE OF lanes",
                PostgresValue::texts(models), PostgresValue::texts(environments)));
  return all;
}

// The counters come last, because from here until the commit no other daemon can number anything: so numbers have no
// gaps, and nobody sees one before those below it.
std::vector<PostgresStatement> PostgresTransaction::numbering(const std::vector<PostgresUnit*>& units) const {
  std::vector<std::int64_t> at;
  std::vector<std::string_view> models, environments, promotions, names, documents, audited, entries;
  for (const auto* unit : units) {
    if (!is_wanted(unit)) continue;
    for (const auto& event : unit->write.events) {
      at.push_back(event.at.time_since_epoch().count());
      models.push_back(event.lane.model);
      environments.push_back(event.lane.environment);
      promotions.push_back(event.promotion);
      names.push_back(event.name);
      documents.push_back(event.document);
    }
    for (const auto& row : unit->write.audit) {
      audited.push_back(row.promotion);
      entries.push_back(row.entry);
    }
  }
  const auto seqs = static_cast<std::int64_t>(at.size());
  const auto leaves = static_cast<std::int64_t>(entries.size());
  std::vector<PostgresStatement> all;
  if (seqs + leaves == 0) {
    all.push_back(statement("SELECT newest_seq FROM counters"));
    return all;
  }
  all.push_back(
      statement("UPDATE counters SET newest_seq = newest_seq + $1, audit_size = audit_size + $2 "
                "RETURNING newest_seq",
                seqs, leaves));
  if (seqs > 0)
    all.push_back(statement(
        "INSERT INTO events (seq, at, model, environment, promotion, name, document) SELECT newest_seq - $1 + ord, "
        "t.at, "
        "t.m, t.e, t.p, t.n, t.d FROM counters, unnest($2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], "
        "$7::bytea[]) WITH ORDINALITY AS t (at, m, e, p, n, d, ord)",
        seqs, PostgresValue::numbers(at), PostgresValue::texts(models), PostgresValue::texts(environments),
        PostgresValue::texts(promotions), PostgresValue::texts(names), PostgresValue::documents(documents)));
  if (leaves > 0)
    all.push_back(
        statement("INSERT INTO audit (index, promotion, entry) SELECT audit_size - $1 + ord - 1, t.p, t.e FROM "
                  "counters, unnest($2::text[], $3::bytea[]) WITH ORDINALITY AS t (p, e, ord)",
                  leaves, PostgresValue::texts(audited), PostgresValue::documents(entries)));
  if (notify_ && seqs > 0) all.push_back(statement("SELECT pg_notify('penstock_' || current_schema(), '')"));
  return all;
}

bool PostgresTransaction::stop(PostgresEnded::How how, core::Problem problem) {
  ended_.how = how;
  ended_.problem = std::move(problem);
  return false;
}

bool PostgresTransaction::stops(const PostgresResult& result) {
  if (result.good() || result.code().empty() || is_of_statement(result.code())) return false;
  stop(is_worth_repeating(result.code()) ? PostgresEnded::How::repeat : PostgresEnded::How::lost,
       connection_.problem(result));
  return true;
}

bool PostgresTransaction::may_write(const std::vector<PostgresResult>& results) {
  for (std::size_t i = 0; i < opening_statements; ++i)
    if (!results[i].good()) return stops(results[i]) ? false : lost(connection_.problem(results[i]));
  if (results[1].rows() == 1) return true;
  return stop(PostgresEnded::How::fenced, epoch_ended(epoch_, connection_.address()));
}

std::optional<core::Problem> PostgresTransaction::refusal(const std::vector<PostgresJudge>& judges,
                                                          const std::vector<PostgresResult>& results,
                                                          std::size_t from) {
  for (std::size_t i = 0; i < judges.size(); ++i) {
    const auto& result = results[from + i];
    // What comes after a refused statement was not carried out.
    if (!result.good() && result.code().empty()) return std::nullopt;
    if (judges[i])
      if (auto refused = judges[i](result)) return refused;
    if (!result.good()) return connection_.problem(result);
  }
  return std::nullopt;
}

bool PostgresTransaction::number(const std::vector<PostgresUnit*>& units, const std::vector<PostgresResult>& results,
                                 std::size_t from) {
  for (auto i = from; i < results.size(); ++i)
    if (!results[i].good())
      return stops(results[i]) ? false : stop(PostgresEnded::How::lost, connection_.problem(results[i]));
  std::int64_t events = 0;
  for (const auto* unit : units)
    if (is_wanted(unit)) events += static_cast<std::int64_t>(unit->write.events.size());
  auto seq = results[from].integer(0, 0) - events;
  for (auto* unit : units) {
    if (!is_wanted(unit)) continue;
    seq += static_cast<std::int64_t>(unit->write.events.size());
    unit->last_seq = seq;
  }
  return true;
}

std::vector<PostgresJudge> PostgresTransaction::add(const PostgresGroup& group,
                                                    std::vector<PostgresStatement>& statements) const {
  std::vector<PostgresJudge> judges;
  for (auto& step : steps_of(group, epoch_)) {
    statements.push_back(std::move(step.statement));
    judges.push_back(std::move(step.judge));
  }
  return judges;
}

PostgresTransaction::Tried PostgresTransaction::together(const std::vector<PostgresUnit*>& units) {
  auto statements = opening(units);
  std::vector<PostgresJudge> judges;
  for (const auto& group : groups_of(units))
    for (auto& judge : add(group, statements)) judges.push_back(std::move(judge));
  const auto end = statements.size();
  for (auto& one : numbering(units)) statements.push_back(std::move(one));
  const auto results = connection_.pipeline(statements);
  if (!results) return lost(results.error()), Tried::stopped;
  if (!may_write(*results)) return Tried::stopped;
  for (const auto& result : *results)
    if (stops(result)) return Tried::stopped;
  if (refusal(judges, *results, opening_statements)) return Tried::refused;
  return number(units, *results, end) ? Tried::all : Tried::stopped;
}

bool PostgresTransaction::one_by_one(const std::vector<PostgresUnit*>& units) {
  auto results = connection_.pipeline(opening(units));
  if (!results) return lost(results.error());
  if (!may_write(*results)) return false;
  for (auto* unit : units) {
    if (!is_wanted(unit)) continue;
    std::vector<PostgresStatement> statements{statement("SAVEPOINT one")};
    const auto judges = add({unit}, statements);
    results = connection_.pipeline(statements);
    if (!results) return lost(results.error());
    for (const auto& result : *results)
      if (stops(result)) return false;
    unit->refused = refusal(judges, *results, 1);
    std::vector<PostgresStatement> over;
    if (unit->refused) over.push_back(statement("ROLLBACK TO SAVEPOINT one"));
    over.push_back(statement("RELEASE SAVEPOINT one"));
    results = connection_.pipeline(over);
    if (!results) return lost(results.error());
    for (const auto& result : *results)
      if (!result.good()) return stop(PostgresEnded::How::lost, connection_.problem(result));
  }
  results = connection_.pipeline(numbering(units));
  if (!results) return lost(results.error());
  return number(units, *results, 0);
}

void PostgresTransaction::roll_back() {
  // A connection on which even this fails is lost, and the transaction with it.
  if (!connection_.lost()) static_cast<void>(connection_.script("ROLLBACK"));
}

void PostgresTransaction::commit() {
  const auto committed = connection_.pipeline({statement("COMMIT")});
  if (!committed)
    stop(PostgresEnded::How::unknown, committed.error());
  else if (!committed->front().good() || !committed->front().is("COMMIT"))
    stop(PostgresEnded::How::lost, connection_.problem(committed->front()));
}

PostgresEnded PostgresTransaction::run(const std::vector<PostgresUnit*>& units) {
  ended_ = {};
  auto tried = together(units);
  if (tried == Tried::refused) {
    roll_back();
    tried = one_by_one(units) ? Tried::all : Tried::stopped;
  }
  if (tried == Tried::all)
    commit();
  else
    roll_back();
  return ended_;
}

}  // namespace penstock::journal
