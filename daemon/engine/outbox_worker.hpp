// Carries out what is due: claims outbox rows, hands each to its performer, and submits the event that answers it.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "daemon/engine/claims.hpp"
#include "daemon/engine/engine.hpp"
#include "daemon/engine/performer.hpp"
#include "daemon/runtime/alarm.hpp"

namespace penstock::engine {

// Lives on the engine's thread. Rows that were just journalled come straight from the engine, already leased; the rest
// (timers, later tries, what an earlier daemon left) is claimed when it is due.
class OutboxWorker {
 public:
  struct Parts {
    asio::any_io_executor executor;
    Engine& engine;
    journal::Journal& journal;
    runtime::BlockingPool& pool;
    runtime::Clock& clock;
    Claims& claims;
    // By OutboxRow::kind up to its first slash: "check", "deliver", "notify".
    std::map<std::string, Performer*> performers;
    // How many commands of each kind are carried out at once, unless their performer bounds that itself. Kinds that
    // differ after the slash ("notify/pager", "notify/chat") do not wait for one another.
    std::size_t at_once = 64;
    // The journal is looked at no less often than this, so that a clock that was set forward is noticed.
    core::Duration longest_sleep = std::chrono::seconds(1);
    runtime::MakeAlarm alarm = runtime::real_alarm;
  };
  explicit OutboxWorker(Parts parts);
  ~OutboxWorker();

  // Claims until stop(). Voids the leases that an earlier daemon left: only to be called by whoever holds the journal.
  asio::awaitable<core::Result<void>> start();
  // Begins nothing new, and returns when what is under way has ended or `grace` is over.
  asio::awaitable<void> stop(core::Duration grace);

  // Why nothing could be claimed at the newest try; nothing when something could be, had it been there.
  const std::optional<core::Problem>& claim_problem() const { return claim_problem_; }
  // Commands that are being carried out now.
  std::size_t running() const;

 private:
  // Taken, and not begun: too many of the kind are under way.
  struct Waiting {
    journal::OutboxRow row;
    std::optional<core::Time> deadline;  // only told of what cannot begin at once
  };

  void take(std::vector<journal::OutboxRow> rows, std::optional<core::Time> next);
  bool has_room(const std::string& kind) const;
  void begin_waiting();
  // What has waited until its deadline is answered then, however many are under way: its performer begins nothing any
  // more.
  void begin_overdue();
  void begin(journal::OutboxRow row);
  void end(const std::string& kind);
  std::size_t most_at_once(const std::string& kind) const;
  Performer* performer_of(const std::string& kind) const;
  asio::awaitable<void> claim_when_due();
  // Where several daemons share the journal, what takes longer than its lease stays this one's.
  asio::awaitable<void> keep_leases();
  // Whether nobody else may have taken the row meanwhile, nor soon. Waits while this daemon is not sure that it is
  // still thought alive.
  asio::awaitable<bool> is_ours(const journal::OutboxRow& row);
  asio::awaitable<void> carry_out(journal::OutboxRow row);
  asio::awaitable<Performed> perform(const journal::OutboxRow& row);
  // Stores what became of a row, again and again while the journal cannot (a full disk): an answer is never lost.
  asio::awaitable<void> settle(journal::OutboxRow row, Performed performed);
  asio::awaitable<core::Result<void>> settle_once(const journal::OutboxRow& row, const Performed& performed);

  Parts parts_;
  std::map<std::string, std::deque<Waiting>> waiting_;  // by kind
  std::map<std::string, std::size_t> running_;          // by kind
  std::set<std::string> under_way_;                     // keys
  std::unique_ptr<runtime::Alarm> wake_;
  std::unique_ptr<runtime::Alarm> drained_;  // what a stop waits on
  std::optional<core::Time> next_;           // what the claiming loop sleeps for
  std::optional<core::Problem> claim_problem_;
  bool started_ = false;
  bool stopped_ = false;
};

}  // namespace penstock::engine
