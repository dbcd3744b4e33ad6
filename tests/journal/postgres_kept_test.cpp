// A database that has gone back behind what it acknowledged, as a standby has that took over without having heard of
// it, or a backup that was restored under running daemons: whoever has seen more ends, and nobody else.
#include <mutex>
#include <thread>

#include "tests/journal/conformance.hpp"

using namespace penstock::journal;
using namespace penstock::journal::testing;
namespace core = penstock::core;

namespace {

// A daemon that shows itself twice a second, and keeps why it was told to end.
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

void lose_newest_transaction(Postgres& adapter, const Watched& daemon) {
  adapter.server.sql("UPDATE " + adapter.schema +
                     ".last_transactions SET number = number - 1 WHERE epoch = " + daemon.epoch());
}

// As when another server takes over.
void break_connections(Postgres& adapter) {
  adapter.server.sql(
      "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name LIKE 'penstock/" +
      adapter.schema + "/%'");
}

}  // namespace

TEST_CASE("whoever connects to a database that has lost what it acknowledged neither writes nor reads, and ends") {
  Postgres adapter;
  Watched daemon(adapter);
  REQUIRE(daemon.refused(opening("prm_1", 1, 0)) == "kept");
  REQUIRE(daemon.refused(opening("prm_2", 2, 1)) == "kept");
  lose_newest_transaction(adapter, daemon);
  break_connections(adapter);
  CHECK(daemon.refused(opening("prm_3", 3, 2)) == "journal-fenced");
  CHECK(daemon.journal().lane(fraud).error().code == "journal-fenced");
  CHECK(daemon.journal().shared()->standings({{fraud, ""}}, at(1)).error().code == "journal-fenced");
  CHECK(adapter.server.sql("SELECT version FROM " + adapter.schema + ".lanes") == "2");
  const auto why = daemon.ended();
  CHECK(why.code == "journal-fenced");
  CHECK_THAT(why.message, Catch::Contains("lost") &&
                              Catch::Contains("transaction 2 of this daemon's epoch " + daemon.epoch()) &&
                              Catch::Contains("none after 1"));
  CHECK_FALSE(why.hint.empty());
  CHECK(daemon.reasons().size() == 1);
}

TEST_CASE("a sign of life finds out that the database has lost something, and only whoever had written it ends") {
  Postgres adapter;
  Watched daemon(adapter);
  Watched other(adapter);
  REQUIRE(daemon.refused(opening("prm_1", 1, 0)) == "kept");
  REQUIRE(other.refused(opening("prm_2", 2, 1)) == "kept");
  lose_newest_transaction(adapter, daemon);
  CHECK_THAT(daemon.ended().message, Catch::Contains("none after 0"));
  CHECK_FALSE(daemon.in_force());
  other.show_itself();
  other.show_itself();
  CHECK(other.in_force());
  CHECK(other.refused(opening("prm_3", 3, 2)) == "kept");
  CHECK(other.reasons().empty());
}

TEST_CASE("a daemon that the database knows nothing of any more ends") {
  Postgres adapter;
  Watched daemon(adapter);
  adapter.server.sql("DELETE FROM " + adapter.schema + ".daemons");
  CHECK_THAT(daemon.ended().message, Catch::Contains("nothing of that epoch"));
}

TEST_CASE("a daemon that has only heard of events ends when the database has fewer") {
  Postgres adapter;
  Watched writer(adapter);
  Watched idle(adapter);
  REQUIRE(writer.refused(opening("prm_1", 1, 0)) == "kept");
  // The first of two surely began after that.
  idle.show_itself();
  idle.show_itself();
  adapter.server.sql("UPDATE " + adapter.schema + ".counters SET newest_seq = 0");
  CHECK_THAT(idle.ended().message, Catch::Contains("events up to 1"));
}
