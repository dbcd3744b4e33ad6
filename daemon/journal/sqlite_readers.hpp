// Connections that only read, lent to one caller at a time.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

#include "daemon/journal/sqlite_connection.hpp"

namespace penstock::journal {

class SqliteReaders {
 public:
  // Connections are opened when they are first needed, `most` at most.
  SqliteReaders(std::string path, std::size_t most) : path_(std::move(path)), most_(most) {}

  // Calls `read(connection)`, which gives a Result, on the caller's thread. Waits while all connections are lent.
  template <class Read>
  auto with(Read read) -> std::invoke_result_t<Read, SqliteConnection&> {
    auto connection = lend();
    if (!connection) return connection.error();
    Lent lent{*this, std::move(*connection)};
    return read(*lent.connection);
  }

 private:
  struct Lent {
    SqliteReaders& owner;
    std::unique_ptr<SqliteConnection> connection;
    ~Lent() { owner.give_back(std::move(connection)); }
  };
  core::Result<std::unique_ptr<SqliteConnection>> lend();
  core::Result<std::unique_ptr<SqliteConnection>> open() const;
  void give_back(std::unique_ptr<SqliteConnection> connection);

  const std::string path_;
  const std::size_t most_;
  std::mutex mutex_;
  std::condition_variable free_again_;
  std::size_t opened_ = 0;
  std::vector<std::unique_ptr<SqliteConnection>> free_;
};

}  // namespace penstock::journal
