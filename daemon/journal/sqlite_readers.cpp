#include "daemon/journal/sqlite_readers.hpp"

#include <chrono>

#include "daemon/journal/sqlite_schema.hpp"

namespace penstock::journal {
namespace {

// No read of ours takes longer than a second; who waits this long waits for something that hangs.
constexpr std::chrono::seconds patience(10);

}  // namespace

core::Result<std::unique_ptr<SqliteConnection>> SqliteReaders::lend() {
  std::unique_lock lock(mutex_);
  if (!free_again_.wait_for(lock, patience, [this] { return !free_.empty() || opened_ < most_; }))
    return core::Problem{"journal-failed",
                         "all " + std::to_string(most_) + " reading connections of the journal were busy for " +
                             std::to_string(patience.count()) + " s",
                         path_, "look whether the disk answers, then try again", true};
  if (!free_.empty()) {
    auto connection = std::move(free_.back());
    free_.pop_back();
    return connection;
  }
  ++opened_;
  lock.unlock();
  auto connection = open();
  if (!connection) {
    lock.lock();
    --opened_;
    free_again_.notify_one();
  }
  return connection;
}

core::Result<std::unique_ptr<SqliteConnection>> SqliteReaders::open() const {
  auto connection = SqliteConnection::open(path_, SqliteConnection::Access::read_only);
  if (!connection) return connection;
  if (const auto prepared = prepare_reading(**connection); !prepared) return prepared.error();
  return connection;
}

void SqliteReaders::give_back(std::unique_ptr<SqliteConnection> connection) {
  // Last in, first out: under little load one connection with a warm cache does everything.
  const std::lock_guard lock(mutex_);
  free_.push_back(std::move(connection));
  free_again_.notify_one();
}

}  // namespace penstock::journal
