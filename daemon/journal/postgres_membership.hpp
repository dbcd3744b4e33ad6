// One daemon among several: its epoch, how it shows that it is alive, and how it declares others dead.
//
// Every sixth part of the lease, and no less often than twice a second, it moves its `alive_until` on, by the
// database's clock. What others write is heard of by NOTIFY, and by looking at that moment at the latest. Whoever is
// past it, and has not moved it for a lease, is declared dead by whichever daemon sees it first: the server ends its
// sessions, then one transaction ends its epoch and frees what it had claimed. A daemon that had trouble to show itself
// blames the database and not the others: it declares nobody dead until it has been well for a whole lease.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>

#include "daemon/journal/journal.hpp"
#include "daemon/journal/postgres_kept.hpp"
#include "daemon/journal/postgres_silence.hpp"
#include "daemon/journal/shared.hpp"

namespace penstock::journal {

class PostgresMembership {
 public:
  struct Parts {
    PostgresAddress address;
    std::string name;  // for people: the machine and the process
    std::chrono::milliseconds lease{3000};
    Post post;
    std::function<void(const core::Problem&)> fenced;  // called once, on the membership's thread
  };
  // Gets an epoch. `connection` is only used for that.
  static core::Result<std::unique_ptr<PostgresMembership>> join(PostgresConnection& connection, Parts parts);
  // Ends the epoch and frees what it had claimed.
  ~PostgresMembership();
  PostgresMembership(const PostgresMembership&) = delete;
  PostgresMembership& operator=(const PostgresMembership&) = delete;

  // From any thread.
  std::int64_t epoch() const { return epoch_; }
  std::string session_name() const;
  // With each sign of life the database is asked whether it still has it; one that has not is the daemon's end.
  PostgresKept& kept() { return kept_; }
  bool in_force() const;
  bool others() const { return others_.load() > 0; }
  core::Duration clock_ahead() const;
  void listen(SharedSignals signals);

 private:
  PostgresMembership(Parts parts, std::int64_t epoch);
  void serve();
  // Shows that it is alive and looks around. A Problem where it could not.
  core::Result<void> show();
  core::Result<void> connect();
  // Why this daemon must end; nothing when it need not. `kept`: the number of before `shown` was asked for.
  std::optional<core::Problem> why_to_end(const std::vector<PostgresResult>& shown, std::int64_t kept) const;
  void judge_lateness(std::chrono::milliseconds since_shown);
  core::Result<void> end(const PostgresSign& silent);
  void leave();
  // Until the next sign is due; tells what is heard meanwhile.
  void rest();
  std::shared_ptr<SharedSignals> signals();
  void tell(const core::Problem& problem);

  const Parts parts_;
  const std::int64_t epoch_;
  PostgresKept kept_;
  std::unique_ptr<PostgresConnection> connection_;
  std::atomic<std::int64_t>
      shown_at_ms_;                     // of the clock that does not stop, when the newest sign that arrived was sent
  std::atomic<std::int64_t> ahead_ms_;  // the database's clock, of the one that does not stop
  std::atomic<std::int64_t> others_ = 0;
  std::atomic<bool> ended_ = false;
  PostgresSilence silence_;
  std::set<std::int64_t> told_of_;  // the epochs of those whose sessions the server did not let this one end
  std::int64_t newest_seq_ = -1;
  bool untold_ = false;  // there are newer events than those that were told of
  std::optional<std::chrono::steady_clock::time_point> told_at_;
  std::mutex mutex_;
  std::shared_ptr<SharedSignals> signals_ = std::make_shared<SharedSignals>();
  std::atomic<bool> stopping_ = false;
  int wake_ = -1;  // an eventfd
  std::thread thread_;
};

}  // namespace penstock::journal
