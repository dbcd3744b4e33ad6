// What the database has acknowledged to this daemon, and whether it still has it.
//
// Each transaction leaves its number beside what it writes (last_transactions). A database that tells of a lower one
// has gone back behind it, as a standby has that took over without having heard of it, or a backup that was restored:
// lanes may come to the versions that the daemon has in memory with another content, so it ends.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "daemon/journal/postgres_connection.hpp"

namespace penstock::journal {

class PostgresKept {
 public:
  PostgresKept(PostgresAddress address, std::int64_t epoch) : address_(std::move(address)), epoch_(epoch) {}

  // From any thread.
  std::int64_t number() const { return number_.load(); }
  // Called before anybody is told that the transaction was kept.
  void acknowledged(std::int64_t number) { number_ = number; }

  // A connection to a server that has all that was acknowledged before the call. Problems of
  // PostgresConnection::open(), and "journal-fenced".
  core::Result<std::unique_ptr<PostgresConnection>> connect(const PostgresConnection::Session& session) const;

  // For whoever asks together with other things: Problem "journal-fenced" when the answer tells of less than `number`,
  // which is number() of before the question was sent.
  PostgresStatement question() const;
  core::Result<void> judge(const PostgresResult& answer, std::int64_t number) const;
  // The Problem; `had` and `has` as in "it had …, and has …".
  core::Problem lost(const std::string& had, const std::string& has) const;

 private:
  const PostgresAddress address_;
  const std::int64_t epoch_;
  std::atomic<std::int64_t> number_ = 0;
};

}  // namespace penstock::journal
