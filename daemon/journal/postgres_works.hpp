// What is handed to the writer: what commit() was given, and single statements whose callers wait.
#pragma once

#include <future>

#include "daemon/journal/postgres_writer.hpp"

namespace penstock::journal {

class PostgresCommit : public PostgresWork {
 public:
  // `post` outlives it.
  PostgresCommit(std::vector<Write> writes, Journal::Done done, const Post& post)
      : done_(std::move(done)), post_(post) {
    units_.reserve(writes.size());
    for (auto& write : writes) units_.emplace_back(std::move(write));
  }

  std::vector<PostgresUnit>& units() override { return units_; }

  void answer(const core::Problem* lost) override {
    std::vector<core::Result<Receipt>> receipts;
    for (const auto& unit : units_) {
      if (lost != nullptr)
        receipts.emplace_back(*lost);
      else if (unit.refused)
        receipts.emplace_back(*unit.refused);
      else
        receipts.emplace_back(Receipt{unit.last_seq});
    }
    post_([done = std::move(done_), receipts = std::move(receipts)]() mutable { done(std::move(receipts)); });
  }

 private:
  std::vector<PostgresUnit> units_;
  Journal::Done done_;
  const Post& post_;
};

template <class Answer>
class PostgresAwaited : public PostgresWork {
 public:
  template <class Read>
  PostgresAwaited(PostgresStatement asked, Read read) {
    const auto keep = [this, read](const PostgresResult& result) -> std::optional<core::Problem> {
      if (result.good()) answer_ = read(result);
      return std::nullopt;
    };
    units_.emplace_back(PostgresStep{std::move(asked), keep});
  }

  std::future<core::Result<Answer>> future() { return promise_.get_future(); }
  std::vector<PostgresUnit>& units() override { return units_; }
  void answer(const core::Problem* lost) override {
    const auto& refused = units_.front().refused;
    if (lost != nullptr || refused)
      promise_.set_value(lost != nullptr ? *lost : *refused);
    else
      promise_.set_value(std::move(*answer_));
  }

 private:
  std::vector<PostgresUnit> units_;
  std::optional<Answer> answer_;
  std::promise<core::Result<Answer>> promise_;
};

// The rows that a claim returned, the oldest due first.
std::vector<OutboxRow> claimed_rows(const PostgresResult& result, Time until);

}  // namespace penstock::journal
