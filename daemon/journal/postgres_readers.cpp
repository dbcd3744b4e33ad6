#include "daemon/journal/postgres_readers.hpp"

namespace penstock::journal {

core::Result<std::unique_ptr<PostgresConnection>> PostgresReaders::lend() {
  {
    std::unique_lock lock(mutex_);
    free_again_.wait(lock, [this] { return !free_.empty() || opened_ < most_; });
    if (!free_.empty()) {
      auto connection = std::move(free_.back());
      free_.pop_back();
      return connection;
    }
    ++opened_;
  }
  auto opened = kept_.connect(session_);
  if (!opened) give_back(nullptr);
  return opened;
}

void PostgresReaders::give_back(std::unique_ptr<PostgresConnection> connection) {
  {
    const std::lock_guard lock(mutex_);
    if (connection && !connection->lost()) {
      free_.push_back(std::move(connection));
    } else {
      // What broke one has most likely broken the others, too.
      opened_ -= 1 + free_.size();
      free_.clear();
    }
  }
  free_again_.notify_all();
}

}  // namespace penstock::journal
