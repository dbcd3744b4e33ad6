// The thread that a journal answers on, as a test sees it: answers wait here until the test takes them.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>

#include "daemon/journal/journal.hpp"

namespace penstock::journal::testing {

class Mailbox {
 public:
  Post post() {
    return [this](std::function<void()> answer) {
      const std::lock_guard lock(mutex_);
      answers_.push_back(std::move(answer));
      arrived_.notify_all();
    };
  }

  // Waits for an answer and runs it on this thread. False when none comes.
  bool run_one(std::chrono::milliseconds patience = std::chrono::seconds(20)) {
    std::unique_lock lock(mutex_);
    if (!arrived_.wait_for(lock, patience, [this] { return !answers_.empty(); })) return false;
    const auto answer = std::move(answers_.front());
    answers_.pop_front();
    lock.unlock();
    answer();
    return true;
  }

  std::size_t waiting() {
    const std::lock_guard lock(mutex_);
    return answers_.size();
  }

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<std::function<void()>> answers_;
};

using Receipts = std::vector<core::Result<Receipt>>;

// Commits and waits for the answer.
inline Receipts commit(Journal& journal, Mailbox& mailbox, std::vector<Write> writes) {
  Receipts receipts;
  bool answered = false;
  journal.commit(std::move(writes), [&](Receipts given) {
    receipts = std::move(given);
    answered = true;
  });
  while (!answered)
    if (!mailbox.run_one()) throw std::runtime_error("the journal did not answer");
  return receipts;
}

inline core::Result<Receipt> commit(Journal& journal, Mailbox& mailbox, Write write) {
  std::vector<Write> writes;
  writes.push_back(std::move(write));
  return commit(journal, mailbox, std::move(writes)).at(0);
}

}  // namespace penstock::journal::testing
