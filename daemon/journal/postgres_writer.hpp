// The thread that writes, and its connection. Everything that waits while a commit is under way goes into the next one
// (group commit).
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

#include "daemon/journal/postgres_kept.hpp"
#include "daemon/journal/postgres_transaction.hpp"

namespace penstock::journal {

class PostgresWork {
 public:
  virtual ~PostgresWork() = default;
  // What is to be done; the same ones each time.
  virtual std::vector<PostgresUnit>& units() = 0;
  // After the commit, or with the reason why nothing was kept.
  virtual void answer(const core::Problem* lost) = 0;
};

class PostgresWriter {
 public:
  struct Parts {
    PostgresAddress address;
    PostgresConnection::Session session;
    std::int64_t epoch = 0;
    PostgresKept& kept;  // outlives the writer
    // How long a transaction is tried again while the database is away or others are in the way.
    std::chrono::milliseconds patience{3000};
    std::function<bool()> others;                      // whether other daemons are in force
    std::function<void(const core::Problem&)> fenced;  // called once, on the writer's thread
  };
  PostgresWriter(std::unique_ptr<PostgresConnection> connection, Parts parts);
  // Finishes and answers what was pushed.
  ~PostgresWriter();
  PostgresWriter(const PostgresWriter&) = delete;
  PostgresWriter& operator=(const PostgresWriter&) = delete;

  // From any thread. The work is answered on the writer's thread.
  void push(std::unique_ptr<PostgresWork> work);
  Statistics statistics() const;

 private:
  using Batch = std::vector<std::unique_ptr<PostgresWork>>;
  using Deadline = PostgresConnection::Deadline;
  void serve();
  Batch take(bool& stopping);
  std::optional<core::Problem> transact(const std::vector<PostgresUnit*>& units);
  // Problem where there is no connection by the deadline, or only one to a database that has lost what was kept.
  core::Result<void> connect(Deadline deadline);
  // What became of a transaction that was being committed; nothing when the database cannot say by the deadline.
  std::optional<bool> was_kept(std::int64_t number, Deadline deadline);
  core::Problem fence(core::Problem why);
  void tell(const core::Problem& lost);

  const Parts parts_;
  std::unique_ptr<PostgresConnection> connection_;
  std::int64_t number_ = 0;  // of the newest transaction
  int former_process_ = 0;   // of the server, for the connection that was lost
  std::optional<core::Problem> fenced_;
  std::optional<std::chrono::steady_clock::time_point> told_at_;
  std::atomic<std::int64_t> writes_ = 0;
  std::atomic<std::int64_t> transactions_ = 0;

  std::mutex mutex_;
  std::condition_variable pushed_;
  std::deque<std::unique_ptr<PostgresWork>> waiting_;
  bool stopping_ = false;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace penstock::journal
