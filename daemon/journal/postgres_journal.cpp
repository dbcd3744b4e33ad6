// The PostgreSQL adapter: one writer, a few readers, one membership.
#include <algorithm>
#include <atomic>
#include <future>
#include <tuple>

#include "daemon/journal/carry.hpp"
#include "daemon/journal/postgres.hpp"
#include "daemon/journal/postgres_membership.hpp"
#include "daemon/journal/postgres_queries.hpp"
#include "daemon/journal/postgres_readers.hpp"
#include "daemon/journal/postgres_shapes.hpp"
#include "daemon/journal/postgres_works.hpp"
#include "daemon/journal/postgres_writer.hpp"
#include "daemon/journal/sqlite_schema.hpp"
#include "daemon/journal/write_rules.hpp"

namespace penstock::journal {
namespace {

// Reads are short.
constexpr std::size_t most_readers = 4;
// Before the first row of a copy is there, a large journal's promotions are sorted.
constexpr std::chrono::hours copy_patience(1);
constexpr auto keep_document_sql = "INSERT INTO documents (digest, content) VALUES ($1, $2) ON CONFLICT DO NOTHING";

class PostgresJournal : public Journal, public Shared {
 public:
  PostgresJournal(const PostgresAddress& address, const PostgresConnection::Session& session,
                  std::unique_ptr<PostgresConnection> writing, std::unique_ptr<PostgresMembership> member, Post post,
                  PostgresWriter::Parts parts)
      : address_(address),
        post_(std::move(post)),
        member_(std::move(member)),
        readers_(member_->kept(), session, most_readers),
        writer_(std::move(writing), std::move(parts)) {}

  void commit(std::vector<Write> writes, Done done) override {
    writer_.push(std::make_unique<PostgresCommit>(std::move(writes), std::move(done), post_));
  }

  core::Result<StoredLane> lane(const core::LaneKey& key) override {
    return readers_.with([&](auto& db) { return read_lane(db, key); });
  }
  core::Result<std::optional<PromotionRow>> promotion(const core::PromotionId& id) override {
    return readers_.with([&](auto& db) { return read_promotion(db, id); });
  }
  core::Result<std::optional<CandidateRow>> candidate(const core::CandidateId& id) override {
    return readers_.with([&](auto& db) { return read_candidate(db, id); });
  }
  core::Result<std::optional<PolicyRow>> policy(const core::Digest& digest) override {
    return readers_.with([&](auto& db) { return read_policy(db, digest); });
  }
  core::Result<std::vector<PromotionRow>> promotions(const PromotionQuery& query) override {
    return readers_.with([&](auto& db) { return list_promotions(db, query); });
  }
  core::Result<std::vector<CandidateRow>> candidates(const CandidateQuery& query) override {
    return readers_.with([&](auto& db) { return list_candidates(db, query); });
  }
  core::Result<std::vector<LaneSummary>> lanes() override {
    return readers_.with([](auto& db) { return list_lanes(db); });
  }
  core::Result<std::vector<LiveSpan>> live_spans(const core::LaneKey& key, std::optional<Time> at, int limit,
                                                 std::optional<std::int64_t> before) override {
    return readers_.with([&](auto& db) { return list_live_spans(db, key, at, limit, before); });
  }
  core::Result<std::vector<EventRow>> events(std::int64_t after_seq, int limit) override {
    return readers_.with([&](auto& db) { return list_events(db, after_seq, limit); });
  }
  core::Result<std::vector<EventRow>> events_of(const core::PromotionId& promotion, int limit,
                                                std::int64_t after_seq) override {
    return readers_.with([&](auto& db) { return list_events_of(db, promotion, limit, after_seq); });
  }
  core::Result<std::int64_t> newest_seq() override {
    return readers_.with([](auto& db) { return journal::newest_seq(db); });
  }
  core::Result<std::vector<AuditRow>> audit(std::int64_t from, int limit) override {
    return readers_.with([&](auto& db) { return list_audit(db, from, limit); });
  }
  core::Result<std::vector<AuditRow>> audit_of(const core::PromotionId& promotion, int limit,
                                               std::int64_t from) override {
    return readers_.with([&](auto& db) { return list_audit_of(db, promotion, limit, from); });
  }
  core::Result<std::int64_t> audit_size() override {
    return readers_.with([](auto& db) { return journal::audit_size(db); });
  }
  core::Result<std::optional<std::string>> cursor(const std::string& source) override {
    return readers_.with([&](auto& db) { return read_cursor(db, source); });
  }
  core::Result<std::optional<std::string>> remembered(const std::string& key, Time now) override {
    return readers_.with([&](auto& db) { return read_remembered(db, key, now); });
  }
  core::Result<std::optional<Time>> next_due() override {
    return readers_.with([](auto& db) { return journal::next_due(db); });
  }
  core::Result<std::optional<Time>> oldest_due(Time now) override {
    return readers_.with([&](auto& db) { return journal::oldest_due(db, now); });
  }

  core::Result<std::vector<OutboxRow>> claim(Time now, Time until, int most) override {
    if (auto problem = problem_in_claim(now, until)) return std::move(*problem);
    return written<std::vector<OutboxRow>>(
        statement(
            "WITH taken AS (SELECT key FROM outbox WHERE due <= $1 AND free_at <= $1 ORDER BY due, key LIMIT $2 "
            "FOR UPDATE SKIP LOCKED) UPDATE outbox AS o SET leased_until = $3, owner = $4, tries = tries + 1 FROM "
            "taken WHERE o.key = taken.key "
            "RETURNING o.key, kind, model, environment, promotion, due, tries, document",
            now, std::max(most, 0), until, epoch()),
        [until](const PostgresResult& result) { return claimed_rows(result, until); });
  }
  core::Result<void> void_leases() override {
    return done(
        "UPDATE outbox SET leased_until = NULL, owner = NULL WHERE owner = $1 OR (owner IS NOT NULL AND NOT "
        "EXISTS (SELECT FROM daemons WHERE epoch = owner AND ended_at IS NULL))",
        epoch());
  }
  core::Result<void> forget(Time now) override { return done("DELETE FROM remembered WHERE until <= $1", now); }

  Statistics statistics() const override { return writer_.statistics(); }
  Shared* shared() override { return this; }

  std::int64_t epoch() const override { return member_->epoch(); }
  bool in_force() const override { return member_->in_force(); }
  core::Duration clock_ahead() const override { return member_->clock_ahead(); }
  void listen(SharedSignals signals) override { member_->listen(std::move(signals)); }

  core::Result<bool> own_source(const std::string& source) override {
    const auto is_mine = readers_.with([&](auto& db) {
      return db.first(statement("SELECT owner FROM sources WHERE name = $1", source),
                      [this](const PostgresRow& row) { return std::pair(row.is_null(0), row.integer(0) == epoch()); });
    });
    if (!is_mine) return is_mine.error();
    if (*is_mine && !(*is_mine)->first) return (*is_mine)->second;
    return written<bool>(
        statement("INSERT INTO sources AS s (name, owner) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET owner = "
                  "excluded.owner WHERE s.owner IS NULL",
                  source, epoch()),
        [](const PostgresResult& result) { return result.affected() == 1; });
  }
  core::Result<void> pass_nudge(const std::string& source, const std::string& hook) override {
    return done(
        "WITH passed AS (UPDATE sources SET nudged_by = $2 WHERE name = $1 AND owner <> $3 RETURNING 1) SELECT "
        "pg_notify('penstock_' || current_schema(), 'nudge') FROM passed",
        source, hook, epoch());
  }

  core::Result<std::vector<LaneStanding>> standings(const std::vector<LaneAsked>& asked, Time now) override {
    return readers_.with([&](auto& db) { return lane_standings(db, asked, epoch(), now); });
  }

  core::Result<void> keep_document(const core::Digest& digest, std::string_view content) override {
    return done(keep_document_sql, digest, content);
  }
  core::Result<std::optional<std::string>> document(const core::Digest& digest) override {
    return readers_.with([&](auto& db) {
      return db.first(statement("SELECT content FROM documents WHERE digest = $1", digest),
                      [](const PostgresRow& row) { return row.text(0); });
    });
  }
  core::Result<std::vector<core::Digest>> documents_after(const core::Digest& after, int limit) override {
    return readers_.with([&](auto& db) {
      return db.all(statement("SELECT digest FROM documents WHERE digest > $1 ORDER BY digest LIMIT $2", after.hex(),
                              std::max(limit, 0)),
                    [](const PostgresRow& row) { return core::Digest::parse("sha256:" + row.text(0)).value(); });
    });
  }

  // On a connection of its own: it is long.
  core::Result<void> copy_to(const std::string& file) override {
    PostgresConnection::Session session;
    session.patience = copy_patience;
    auto from = PostgresConnection::open(address_, session);
    if (!from) return from.error();
    return copy_database(**from, file);
  }

 private:
  // One statement in the writer's next transaction, as a whole or not at all.
  template <class Answer, class Read>
  core::Result<Answer> written(PostgresStatement asked, Read read) {
    auto work = std::make_unique<PostgresAwaited<Answer>>(std::move(asked), std::move(read));
    auto answer = work->future();
    writer_.push(std::move(work));
    return answer.get();
  }
  template <class... A>
  core::Result<void> done(const char* sql, A&&... values) {
    const auto kept =
        written<bool>(statement(sql, std::forward<A>(values)...), [](const PostgresResult&) { return true; });
    if (!kept) return kept.error();
    return {};
  }

  // Taken apart from the bottom up: the writer with its queue, readers, and the membership last of all.
  const PostgresAddress address_;
  Post post_;
  std::unique_ptr<PostgresMembership> member_;
  PostgresReaders readers_;
  PostgresWriter writer_;
};

}  // namespace

core::Result<std::unique_ptr<Journal>> open_postgres(PostgresOptions options, Post post) {
  const auto address = PostgresAddress::parse(options.connection, options.schema);
  if (!address) return address.error();
  auto first = PostgresConnection::open(*address, {});
  if (!first) return first.error();
  if (const auto prepared = prepare_postgres(**first); !prepared) return prepared.error();

  auto told = std::make_shared<std::atomic<bool>>(false);
  const auto fenced = [told, tell = std::move(options.fenced)](const core::Problem& why) {
    if (!told->exchange(true) && tell) tell(why);
  };
  auto member = PostgresMembership::join(**first, {*address, std::move(options.name), options.lease, post, fenced});
  if (!member) return member.error();
  PostgresConnection::Session session;
  session.name = (*member)->session_name();
  session.idle_in_transaction = options.lease;
  auto& kept = (*member)->kept();
  auto writing = kept.connect(session);
  if (!writing) return writing.error();
  PostgresWriter::Parts parts{*address, session, (*member)->epoch(), kept, options.lease, {}, fenced};
  parts.others = [raw = member->get()] { return raw->others(); };
  return std::unique_ptr<Journal>(new PostgresJournal(*address, session, std::move(*writing), std::move(*member),
                                                      std::move(post), std::move(parts)));
}

core::Result<void> fill_postgres(const PostgresOptions& options, const std::string& file,
                                 const std::vector<core::Digest>& documents, const ReadDocument& read) {
  const auto address = PostgresAddress::parse(options.connection, options.schema);
  if (!address) return address.error();
  const auto to = PostgresConnection::open(*address, {});
  if (!to) return to.error();
  if (const auto prepared = prepare_unused_postgres(**to); !prepared) return prepared;
  // Documents are known by their content: where a daemon comes first meanwhile, they are in nobody's way.
  for (const auto& digest : documents) {
    const auto content = read(digest);
    if (!content) return content.error();
    const auto kept = (*to)->run(statement(keep_document_sql, digest, *content));
    if (!kept) return kept.error();
  }
  const auto from = SqliteConnection::open(file, SqliteConnection::Access::read_write);
  if (!from) return from.error();
  if (const auto prepared = prepare_reading(**from); !prepared) return prepared;
  return carry(**from, **to);
}

core::Result<std::vector<std::string>> secrets_of_connection(const std::string& connection, const std::string& schema) {
  const auto address = PostgresAddress::parse(connection, schema);
  if (!address) return address.error();
  return address->secrets();
}

}  // namespace penstock::journal
