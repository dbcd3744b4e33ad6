// The SQLite adapter: one writer, a few readers, one lock.
#include <algorithm>
#include <filesystem>
#include <future>

#include "daemon/journal/sqlite.hpp"
#include "daemon/journal/sqlite_apply.hpp"
#include "daemon/journal/sqlite_check.hpp"
#include "daemon/journal/sqlite_copy.hpp"
#include "daemon/journal/sqlite_log_again.hpp"
#include "daemon/journal/sqlite_outbox.hpp"
#include "daemon/journal/sqlite_queries.hpp"
#include "daemon/journal/sqlite_readers.hpp"
#include "daemon/journal/sqlite_schema.hpp"
#include "daemon/journal/sqlite_writer.hpp"
#include "daemon/runtime/process_lock.hpp"

namespace penstock::journal {
namespace {

// Reads are short, and the machine's processors few.
constexpr std::size_t most_readers = 4;

using Receipts = std::vector<core::Result<Receipt>>;

// What commit() was given.
class CommitWork : public SqliteWork {
 public:
  CommitWork(std::vector<Write> writes, Journal::Done done, const Post& post)
      : writes_(std::move(writes)), done_(std::move(done)), post_(post) {}

  std::size_t weight() const override { return writes_.size(); }

  std::optional<core::Problem> apply(SqliteConnection& connection, Undo undo) override {
    receipts_.clear();
    receipts_.reserve(writes_.size());
    for (const auto& write : writes_) {
      receipts_.push_back(connection.undoable(undo, [&] { return journal::apply(connection, write); }));
      if (!receipts_.back() && connection.transaction_lost()) return receipts_.back().error();
      if (!receipts_.back() && undo == Undo::with_transaction) break;
    }
    return std::nullopt;
  }

  bool refused() const override { return kept() < static_cast<std::int64_t>(writes_.size()); }
  std::int64_t kept() const override {
    return std::count_if(receipts_.begin(), receipts_.end(), [](const auto& receipt) { return receipt.has_value(); });
  }

  void answer(const core::Problem* lost) override {
    if (lost != nullptr) receipts_.assign(writes_.size(), core::Result<Receipt>(*lost));
    post_([done = std::move(done_), receipts = std::move(receipts_)]() mutable { done(std::move(receipts)); });
  }

 private:
  std::vector<Write> writes_;
  Journal::Done done_;
  const Post& post_;
  Receipts receipts_;
};

// A write whose caller waits for it on a thread of its own.
template <class Body>
class AwaitedWork : public SqliteWork {
 public:
  using Answer = std::invoke_result_t<Body, SqliteConnection&>;
  explicit AwaitedWork(Body body) : body_(std::move(body)) {}

  std::future<Answer> future() { return promise_.get_future(); }
  std::size_t weight() const override { return 1; }

  std::optional<core::Problem> apply(SqliteConnection& connection, Undo undo) override {
    answer_ = connection.undoable(undo, [&] { return body_(connection); });
    if (!*answer_ && connection.transaction_lost()) return answer_->error();
    return std::nullopt;
  }

  bool refused() const override { return !*answer_; }
  std::int64_t kept() const override { return 0; }

  void answer(const core::Problem* lost) override {
    promise_.set_value(lost != nullptr ? Answer(*lost) : std::move(*answer_));
  }

 private:
  Body body_;
  std::optional<Answer> answer_;
  std::promise<Answer> promise_;
};

class SqliteJournal : public Journal {
 public:
  SqliteJournal(runtime::ProcessLock lock, SqliteWriter::Parts writing, Post post)
      : lock_(std::move(lock)),
        post_(std::move(post)),
        path_(writing.connection->path()),
        writer_(std::move(writing)),
        readers_(path_, most_readers) {}

  void commit(std::vector<Write> writes, Done done) override {
    writer_.push(std::make_unique<CommitWork>(std::move(writes), std::move(done), post_));
  }

  core::Result<StoredLane> lane(const core::LaneKey& key) override {
    return read([&](auto& db) { return read_lane(db, key); });
  }
  core::Result<std::optional<PromotionRow>> promotion(const core::PromotionId& id) override {
    return read([&](auto& db) { return read_promotion(db, id); });
  }
  core::Result<std::optional<CandidateRow>> candidate(const core::CandidateId& id) override {
    return read([&](auto& db) { return read_candidate(db, id); });
  }
  core::Result<std::optional<PolicyRow>> policy(const core::Digest& digest) override {
    return read([&](auto& db) { return read_policy(db, digest); });
  }
  core::Result<std::vector<PromotionRow>> promotions(const PromotionQuery& query) override {
    return read([&](auto& db) { return list_promotions(db, query); });
  }
  core::Result<std::vector<CandidateRow>> candidates(const CandidateQuery& query) override {
    return read([&](auto& db) { return list_candidates(db, query); });
  }
  core::Result<std::vector<LaneSummary>> lanes() override {
    return read([](auto& db) { return list_lanes(db); });
  }
  core::Result<std::vector<LiveSpan>> live_spans(const core::LaneKey& key, std::optional<Time> at, int limit,
                                                 std::optional<std::int64_t> before) override {
    return read([&](auto& db) { return list_live_spans(db, key, at, limit, before); });
  }
  core::Result<std::vector<EventRow>> events(std::int64_t after_seq, int limit) override {
    return read([&](auto& db) { return list_events(db, after_seq, limit); });
  }
  core::Result<std::vector<EventRow>> events_of(const core::PromotionId& promotion, int limit,
                                                std::int64_t after_seq) override {
    return read([&](auto& db) { return list_events_of(db, promotion, limit, after_seq); });
  }
  core::Result<std::int64_t> newest_seq() override {
    return read([](auto& db) { return journal::newest_seq(db); });
  }
  core::Result<std::vector<AuditRow>> audit(std::int64_t from, int limit) override {
    return read([&](auto& db) { return list_audit(db, from, limit); });
  }
  core::Result<std::vector<AuditRow>> audit_of(const core::PromotionId& promotion, int limit,
                                               std::int64_t from) override {
    return read([&](auto& db) { return list_audit_of(db, promotion, limit, from); });
  }
  core::Result<std::int64_t> audit_size() override {
    return read([](auto& db) { return journal::audit_size(db); });
  }
  core::Result<std::optional<std::string>> cursor(const std::string& source) override {
    return read([&](auto& db) { return read_cursor(db, source); });
  }
  core::Result<std::optional<std::string>> remembered(const std::string& key, Time now) override {
    return read([&](auto& db) { return read_remembered(db, key, now); });
  }
  core::Result<std::optional<Time>> next_due() override {
    return read([](auto& db) { return journal::next_due(db); });
  }
  core::Result<std::optional<Time>> oldest_due(Time now) override {
    return read([&](auto& db) { return journal::oldest_due(db, now); });
  }

  core::Result<void> copy_to(const std::string& file) override {
    return read([&](auto& db) { return copy_database(db, file); });
  }

  core::Result<std::vector<OutboxRow>> claim(Time now, Time until, int most) override {
    return written([=](SqliteConnection& db) { return journal::claim(db, now, until, most); });
  }
  core::Result<void> void_leases() override {
    return written([](SqliteConnection& db) { return journal::void_leases(db); });
  }
  core::Result<void> forget(Time now) override {
    return written([=](SqliteConnection& db) { return journal::forget(db, now); });
  }

  Statistics statistics() const override { return writer_.statistics(); }

 private:
  // Whoever finds damage finds it for everybody: intake stops.
  template <class Body>
  auto read(Body body) -> std::invoke_result_t<Body, SqliteConnection&> {
    auto answer = readers_.with(std::move(body));
    if (!answer && answer.error().code == "journal-damaged") writer_.close_for(answer.error());
    return answer;
  }
  template <class Body>
  auto written(Body body) -> std::invoke_result_t<Body, SqliteConnection&> {
    auto work = std::make_unique<AwaitedWork<Body>>(std::move(body));
    auto answer = work->future();
    writer_.push(std::move(work));
    return answer.get();
  }

  // Taken apart from the bottom up: readers, the writer with its queue, and the lock last of all.
  runtime::ProcessLock lock_;
  Post post_;
  std::string path_;
  SqliteWriter writer_;
  SqliteReaders readers_;
};

core::Result<runtime::ProcessLock> claimed(const std::string& path) {
  auto lock = runtime::ProcessLock::take(path + ".lock");
  if (lock) return lock;
  const auto& problem = lock.error();
  if (problem.code == "in-use")
    return core::Problem{"journal-in-use", "another penstockd has the journal open (" + problem.message + ")", path,
                         "stop that process first, or give this one a journal of its own", false};
  return core::Problem{"journal-failed", problem.message, problem.where,
                       "let penstockd's user write the journal's folder, and create the folder where it is missing",
                       false};
}

// Two names for one file must be one lock.
core::Result<std::string> resolved(const std::string& path) {
  std::error_code error;
  const auto absolute = std::filesystem::weakly_canonical(std::filesystem::absolute(path), error);
  if (!error) return absolute.string();
  return core::Problem{"journal-failed", "cannot find the journal's folder: " + error.message(), path,
                       "check the path, and that penstockd's user may enter its folders", false};
}

}  // namespace

core::Result<std::unique_ptr<Journal>> open_sqlite(const std::string& path, Post post, SqliteOptions options) {
  return open_sqlite(path, std::move(post), options, {});
}

core::Result<std::unique_ptr<Journal>> open_sqlite(const std::string& path, Post post, SqliteOptions options,
                                                   SqliteCare care) {
  const auto real_path = resolved(path);
  if (!real_path) return real_path.error();
  // First of all: opening and closing a file takes away the POSIX locks that the same process has on it.
  auto lock = claimed(*real_path);
  if (!lock) return lock.error();
  const auto found = check_sqlite_file(*real_path, care.check_at_open);
  if (!found) return found.error();
  if (found->log_frames > 0)
    if (const auto durable = write_log_again(*real_path + "-wal"); !durable) return durable.error();
  auto connection = SqliteConnection::open(*real_path, SqliteConnection::Access::read_write);
  if (!connection) return connection.error();
  if (const auto prepared = prepare_writing(**connection, *found, options); !prepared) {
    // It may have been an fsync that failed: closing is no second try.
    (*connection)->leave_log_at_close();
    return prepared.error();
  }
  std::error_code unknown;
  const auto size = std::filesystem::file_size(*real_path, unknown);
  SqliteWriter::Parts writing;
  writing.connection = std::move(*connection);
  writing.log_frames = found->version == sqlite_schema_version ? found->log_frames : 0;
  writing.was_checked = !unknown && static_cast<std::int64_t>(size) <= care.check_at_open;
  writing.scrub.between_steps = care.between_scrubs;
  writing.closed = std::move(care.closed);
  writing.scrub.done = std::move(care.scrubbed);
  return std::unique_ptr<Journal>(new SqliteJournal(std::move(*lock), std::move(writing), std::move(post)));
}

}  // namespace penstock::journal
