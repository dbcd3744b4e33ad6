// Connections for what is read, and for single statements that may be repeated; lent to one caller at a time.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

#include "daemon/journal/postgres_kept.hpp"

namespace penstock::journal {

class PostgresReaders {
 public:
  // Connections are opened when they are first needed, `most` at most. `kept` outlives the readers.
  PostgresReaders(const PostgresKept& kept, PostgresConnection::Session session, std::size_t most)
      : kept_(kept), session_(std::move(session)), most_(most) {}

  // Calls `read(connection)`, which gives a Result, on the caller's thread; waits while all connections are lent. A
  // connection that breaks meanwhile is replaced, and `read` called once more.
  template <class Read>
  auto with(Read read) -> std::invoke_result_t<Read, PostgresConnection&> {
    for (bool again = true;; again = false) {
      auto connection = lend();
      if (!connection) return connection.error();
      Lent lent{*this, std::move(*connection)};
      auto result = read(*lent.connection);
      if (result || !lent.connection->lost() || !again) return result;
    }
  }

 private:
  struct Lent {
    PostgresReaders& owner;
    std::unique_ptr<PostgresConnection> connection;
    ~Lent() { owner.give_back(std::move(connection)); }
  };
  core::Result<std::unique_ptr<PostgresConnection>> lend();
  void give_back(std::unique_ptr<PostgresConnection> connection);

  const PostgresKept& kept_;
  const PostgresConnection::Session session_;
  const std::size_t most_;
  std::mutex mutex_;
  std::condition_variable free_again_;
  std::size_t opened_ = 0;
  std::vector<std::unique_ptr<PostgresConnection>> free_;
};

}  // namespace penstock::journal
