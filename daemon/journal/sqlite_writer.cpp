#include "daemon/journal/sqlite_writer.hpp"

#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "daemon/journal/sqlite_problem.hpp"
#include "daemon/journal/sqlite_schema.hpp"
#include "daemon/journal/sqlite_vfs.hpp"
#include "daemon/runtime/log.hpp"

namespace penstock::journal {
namespace {

// One transaction takes no more Writes than this: beyond it the fsync is a small part, and those in front wait for
// nothing.
constexpr std::size_t heaviest_batch = 512;
// Checkpoints are taken in small steps, because whoever commits meanwhile waits for one.
constexpr std::int64_t page_bytes = 4096;
constexpr std::int64_t frame_bytes = page_bytes + 24;
constexpr std::int64_t frames_per_checkpoint = 1000;
// From here on the log is made to start anew, even where that means waiting for readers.
constexpr std::int64_t frames_to_restart = sqlite_wal_limit / frame_bytes / 2;
constexpr int reader_patience_ms = 100;
constexpr int lock_patience_ms = 5000;
constexpr std::chrono::milliseconds idle_after(50);
constexpr std::chrono::seconds between_tellings(60);

}  // namespace

SqliteWriter::SqliteWriter(Parts parts)
    : connection_(std::move(parts.connection)),
      scrub_(connection_->handle(), connection_->path(), std::move(parts.scrub), parts.was_checked),
      closed_(std::move(parts.closed)),
      log_is_in_file_(parts.log_frames == 0),
      wal_frames_(parts.log_frames) {
  const auto count_frames = [](void* frames, sqlite3*, const char*, int count) {
    static_cast<std::atomic<std::int64_t>*>(frames)->store(count);
    return SQLITE_OK;
  };
  sqlite3_wal_hook(connection_->handle(), count_frames, &wal_frames_);
  thread_ = std::thread([this] { serve(); });
  pthread_setname_np(thread_.native_handle(), "journal");
}

SqliteWriter::~SqliteWriter() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  pushed_.notify_one();
  thread_.join();
}

void SqliteWriter::push(std::unique_ptr<SqliteWork> work) {
  {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(std::move(work));
  }
  pushed_.notify_one();
}

void SqliteWriter::close_for(const core::Problem& damage) {
  {
    const std::lock_guard lock(mutex_);
    if (!damage_) damage_ = damage;
  }
  pushed_.notify_one();
}

Statistics SqliteWriter::statistics() const {
  return {writes_.load(), transactions_.load(), checkpoints_.load(), wal_frames_.load() * frame_bytes};
}

void SqliteWriter::serve() {
  for (bool stopping = false; !stopping;) {
    const auto batch = take(stopping);
    if (!batch.empty()) {
      const auto lost = transact(batch);
      if (!lost)
        for (const auto& work : batch) writes_ += work->kept();
      for (const auto& work : batch) work->answer(lost ? &*lost : nullptr);
    }
    checkpoint_when_due(batch.empty());
    scrub();
    if (forbidden_) tell_closed();
  }
}

SqliteWriter::Batch SqliteWriter::take(bool& stopping) {
  std::unique_lock lock(mutex_);
  const auto called = [this] { return stopping_ || !waiting_.empty() || (damage_ && !forbidden_); };
  if (forbidden_)
    pushed_.wait(lock, called);
  else if (wal_frames_ > checkpointed_frames_)
    pushed_.wait_for(lock, idle_after, called);
  else
    pushed_.wait_until(lock, scrub_.due(), called);
  if (damage_ && !forbidden_) forbid_writing(*damage_);
  Batch batch;
  for (std::size_t weight = 0; !waiting_.empty() && weight < heaviest_batch; waiting_.pop_front()) {
    weight += waiting_.front()->weight();
    batch.push_back(std::move(waiting_.front()));
  }
  stopping = stopping_ && waiting_.empty();
  return batch;
}

std::optional<core::Problem> SqliteWriter::apply(const Batch& batch, SqliteWork::Undo undo, bool& refused) {
  refused = false;
  if (const auto begun = connection_->run("BEGIN IMMEDIATE"); !begun) return begun.error();
  for (const auto& work : batch) {
    if (auto lost = work->apply(*connection_, undo)) return lost;
    refused = undo == SqliteWork::Undo::with_transaction && work->refused();
    if (refused) break;
  }
  return std::nullopt;
}

std::optional<core::Problem> SqliteWriter::transact(const Batch& batch) {
  if (forbidden_) return forbidden_;
  auto& db = *connection_;
  bool committing = false;
  bool refused = false;
  auto lost = apply(batch, SqliteWork::Undo::with_transaction, refused);
  if (!lost && refused) {
    if (const auto undone = db.run("ROLLBACK"); !undone)
      lost = undone.error();
    else
      lost = apply(batch, SqliteWork::Undo::alone, refused);
  }
  if (!lost) {
    committing = true;
    if (const auto committed = db.run("COMMIT"); !committed) lost = committed.error();
  }
  if (!lost) {
    ++transactions_;
    return std::nullopt;
  }
  tell(*lost);
  const int code = db.failed_with();
  if (sqlite3_get_autocommit(db.handle()) == 0)
    if (const auto undone = db.run("ROLLBACK"); !undone) forbid_writing(undone.error());
  if (forbids_writing(code, committing)) forbid_writing(*lost);
  return lost;
}

// Now and then: whoever is refused is told each time anyway.
void SqliteWriter::tell(const core::Problem& lost) {
  const auto now = std::chrono::steady_clock::now();
  if (told_at_ && now - *told_at_ < between_tellings) return;
  told_at_ = now;
  runtime::log_error("journal.refuses", {{"problem", core::to_text(lost)}});
}

void SqliteWriter::forbid_writing(const core::Problem& why) {
  // Closing would sync again what the failed sync lost, and believe it; or write to what is damaged.
  connection_->leave_log_at_close();
  forbidden_ = why;
  forbidden_->message += "; nothing more is accepted";
  forbidden_->hint = why.hint + "; then restart penstockd, which goes on from what it acknowledged";
  forbidden_->transient = false;
  runtime::log_error("journal.closed", {{"problem", core::to_text(*forbidden_)}});
}

void SqliteWriter::tell_closed() {
  if (closed_ && !std::exchange(told_closed_, true)) closed_(*forbidden_);
}

void SqliteWriter::scrub() {
  if (forbidden_ || !log_is_in_file_) return;
  const auto done = scrub_.step(SqliteScrub::Clock::now());
  if (!done) forbid_writing(done.error());
}

void SqliteWriter::checkpoint_when_due(bool idle) {
  if (forbidden_) return;
  // SQLite starts the log anew by itself once all of it has been checkpointed and nobody reads from it.
  if (wal_frames_ < checkpointed_frames_) checkpointed_frames_ = 0;
  const auto frames = wal_frames_.load();
  if (frames >= frames_to_restart)
    checkpoint(SQLITE_CHECKPOINT_RESTART);
  else if (frames - checkpointed_frames_ >= (idle ? 1 : frames_per_checkpoint))
    checkpoint(SQLITE_CHECKPOINT_PASSIVE);
}

void SqliteWriter::checkpoint(int mode) {
  auto* db = connection_->handle();
  int frames = 0;
  int done = 0;
  if (mode == SQLITE_CHECKPOINT_RESTART) sqlite3_busy_timeout(db, reader_patience_ms);
  const int code = sqlite3_wal_checkpoint_v2(db, nullptr, mode, &frames, &done);
  if (mode == SQLITE_CHECKPOINT_RESTART) sqlite3_busy_timeout(db, lock_patience_ms);
  ++checkpoints_;
  if (code == SQLITE_OK && mode == SQLITE_CHECKPOINT_RESTART) {
    wal_frames_ = 0;
    checkpointed_frames_ = 0;
    log_is_in_file_ = true;
  } else if (code == SQLITE_OK) {
    checkpointed_frames_ = done;
    log_is_in_file_ = log_is_in_file_ || done == frames;
  } else if (forbids_writing(code, false)) {
    forbid_writing(
        sqlite_problem(code, code == SQLITE_IOERR_DATA ? take_damage() : sqlite3_errmsg(db), connection_->path()));
  }
  // Anything else (a full disk, a reader in the way) leaves the log longer than it should be, and is tried again.
}

}  // namespace penstock::journal
