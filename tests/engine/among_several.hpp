// One daemon among several, to whom something happens while its work waits for a thread.
#pragma once

#include <atomic>

#include "daemon/engine/claims.hpp"
#include "daemon/runtime/blocking_pools.hpp"

namespace penstock::tests {

// In force for as long as the test says; what else a test asks of it, it says itself.
class InForce : public journal::Shared {
 public:
  std::atomic<bool> holds = true;

  std::int64_t epoch() const override { return 1; }
  bool in_force() const override { return holds; }
  core::Duration clock_ahead() const override { return {}; }
  void listen(journal::SharedSignals) override {}
  core::Result<bool> own_source(const std::string&) override { return false; }
  core::Result<void> pass_nudge(const std::string&, const std::string&) override { return {}; }
  core::Result<std::vector<journal::LaneStanding>> standings(const std::vector<journal::LaneAsked>& asked,
                                                             core::Time) override {
    return std::vector<journal::LaneStanding>(asked.size());
  }
  core::Result<void> keep_document(const core::Digest&, std::string_view) override { return {}; }
  core::Result<std::optional<std::string>> document(const core::Digest&) override {
    return std::optional<std::string>();
  }
  core::Result<std::vector<core::Digest>> documents_after(const core::Digest&, int) override {
    return std::vector<core::Digest>();
  }
};

// Threads that are busy when they are asked: before they come to the work, `meanwhile` happens.
class BusyThreads : public runtime::Workforce {
 public:
  BusyThreads(std::size_t count, std::function<void()> meanwhile)
      : threads_(runtime::threads(count)), meanwhile_(std::move(meanwhile)) {}
  void start(std::function<void()> work, std::function<void()> told) override {
    const auto later = [this, work = std::move(work)] {
      meanwhile_();
      work();
    };
    threads_->start(later, std::move(told));
  }
  std::unique_ptr<runtime::Alarm> alarm(const runtime::asio::any_io_executor& executor) override {
    return threads_->alarm(executor);
  }
  void stop() override { threads_->stop(); }

 private:
  std::unique_ptr<runtime::Workforce> threads_;
  std::function<void()> meanwhile_;
};

struct AmongSeveral {
  explicit AmongSeveral(runtime::ManualClock& the_clock) : clock(the_clock), claims(&in_force, clock) {}

  // Of what is claimed now, for so long.
  journal::OutboxRow claimed(const std::string& key, core::Duration lease = std::chrono::minutes(5)) {
    journal::OutboxRow row;
    row.key = key;
    row.tries = 1;
    row.leased_until = clock.now() + lease;
    return row;
  }
  std::unique_ptr<runtime::Workforce> hire(std::size_t count) {
    return std::make_unique<BusyThreads>(count, [this] { meanwhile(); });
  }

  runtime::ManualClock& clock;
  InForce in_force;
  engine::Claims claims;
  std::function<void()> meanwhile = [] {};
};

}  // namespace penstock::tests
