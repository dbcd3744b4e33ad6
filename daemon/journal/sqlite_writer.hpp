// The one connection that writes, checkpoints and scrubs, and the thread that owns it. Everything that waits while a
// commit is being synced goes into the next one (group commit).
//
// Debian 12's SQLite 3.40 can lose a checkpoint when two connections of one file do so at once (the WAL-reset bug,
// fixed in 3.51.3): that is why there is one.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "daemon/journal/journal.hpp"
#include "daemon/journal/sqlite_connection.hpp"
#include "daemon/journal/sqlite_scrub.hpp"

namespace penstock::journal {

// Something to be done inside a transaction of the writer.
class SqliteWork {
 public:
  virtual ~SqliteWork() = default;
  // How many Writes it counts as, so that a transaction has an end.
  virtual std::size_t weight() const = 0;
  using Undo = SqliteConnection::Undo;
  // A Problem means that the transaction is lost with everything in it; what refuses this work alone is kept for
  // answer(). Begins anew when it is called again, after everything was undone.
  virtual std::optional<core::Problem> apply(SqliteConnection& connection, Undo undo) = 0;
  // Whether apply() has refused something. What it did of that is still there unless it was undone alone.
  virtual bool refused() const = 0;
  // How many Writes apply() has kept, if the transaction is.
  virtual std::int64_t kept() const = 0;
  // After the commit, or with the reason why nothing was kept.
  virtual void answer(const core::Problem* lost) = 0;
};

class SqliteWriter {
 public:
  struct Parts {
    std::unique_ptr<SqliteConnection> connection;
    std::int64_t log_frames = 0;  // what is in the log already, and perhaps not in the database
    bool was_checked = false;     // every page of the file, just now
    SqliteScrub::Pace scrub{};
    // Called once, on the writer's thread, when nothing more is accepted; may be empty.
    std::function<void(const core::Problem&)> closed{};
  };
  explicit SqliteWriter(Parts parts);
  // Finishes and answers what was pushed.
  ~SqliteWriter();
  SqliteWriter(const SqliteWriter&) = delete;
  SqliteWriter& operator=(const SqliteWriter&) = delete;

  // From any thread. The work is answered on the writer's thread.
  void push(std::unique_ptr<SqliteWork> work);
  // Somebody who read has found damage: nothing more is accepted.
  void close_for(const core::Problem& damage);
  Statistics statistics() const;

 private:
  using Batch = std::vector<std::unique_ptr<SqliteWork>>;
  void serve();
  // Empty when nothing came for a while, or for good when stopping.
  Batch take(bool& stopping);
  // In one transaction. Refusals are rare, so nothing is kept to undo them one by one: after one, all is done again.
  std::optional<core::Problem> transact(const Batch& batch);
  // Also ends where something was refused, unless it was undone alone.
  std::optional<core::Problem> apply(const Batch& batch, SqliteWork::Undo undo, bool& refused);
  void tell(const core::Problem& lost);
  void forbid_writing(const core::Problem& why);
  void checkpoint_when_due(bool idle);
  void checkpoint(int mode);
  void scrub();
  void tell_closed();

  std::unique_ptr<SqliteConnection> connection_;
  SqliteScrub scrub_;
  const std::function<void(const core::Problem&)> closed_;
  bool told_closed_ = false;
  bool log_is_in_file_;  // all that was there when the journal was opened
  std::optional<core::Problem> forbidden_;
  std::optional<std::chrono::steady_clock::time_point> told_at_;  // when the log last heard of a lost transaction
  std::int64_t checkpointed_frames_ = 0;
  // Written by the writer's thread, read by anybody.
  std::atomic<std::int64_t> wal_frames_ = 0;
  std::atomic<std::int64_t> writes_ = 0;
  std::atomic<std::int64_t> transactions_ = 0;
  std::atomic<std::int64_t> checkpoints_ = 0;

  std::mutex mutex_;
  std::condition_variable pushed_;
  std::deque<std::unique_ptr<SqliteWork>> waiting_;
  std::optional<core::Problem> damage_;  // as it was reported
  bool stopping_ = false;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace penstock::journal
