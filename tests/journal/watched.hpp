// A daemon of a PostgreSQL journal that shows itself twice a second, and keeps why it was told to end.
#pragma once

#include <mutex>
#include <thread>

#include "tests/journal/conformance.hpp"

namespace penstock::journal::testing {

class Watched {
 public:
  explicit Watched(Postgres& adapter) : adapter_(adapter), journal_(adapter.open(mailbox_.post(), options())) {}
  Journal& journal() { return *journal_; }
  std::string epoch() const { return std::to_string(journal_->shared()->epoch()); }
  bool in_force() const { return journal_->shared()->in_force(); }
  std::string refused(Write write) {
    const auto receipt = commit(*journal_, mailbox_, std::move(write));
    return receipt ? "kept" : receipt.error().code;
  }
  std::vector<core::Problem> reasons() const {
    const std::lock_guard lock(mutex_);
    return reasons_;
  }
  core::Problem ended() const {
    wait_until([this] { return !reasons().empty(); });
    return reasons().front();
  }
  void show_itself() const {
    const auto shown = "SELECT alive_until FROM " + adapter_.schema + ".daemons WHERE epoch = " + epoch();
    const auto before = adapter_.server.sql(shown);
    wait_until([&] { return adapter_.server.sql(shown) != before; });
  }

 private:
  template <class Holds>
  static void wait_until(Holds holds) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!holds()) {
      if (std::chrono::steady_clock::now() > deadline) throw std::runtime_error("it did not happen within 10 s");
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  }
  PostgresOptions options() {
    PostgresOptions options;
    options.lease = std::chrono::seconds(20);
    options.fenced = [this](const core::Problem& why) {
      const std::lock_guard lock(mutex_);
      reasons_.push_back(why);
    };
    return options;
  }

  Postgres& adapter_;
  mutable std::mutex mutex_;
  std::vector<core::Problem> reasons_;
  Mailbox mailbox_;
  std::unique_ptr<Journal> journal_;  // last: it uses all of the above
};

}  // namespace penstock::journal::testing
