// The only caller of advance(). Every fact enters here; nothing is answered before it is journalled.
//
// Lives on one Asio thread: all calls are made there. Blocking reads of the journal go through the blocking pool.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "daemon/audit/entry.hpp"
#include "daemon/core/advance.hpp"
#include "daemon/core/codec.hpp"
#include "daemon/engine/feed.hpp"
#include "daemon/engine/simulation.hpp"
#include "daemon/journal/journal.hpp"
#include "daemon/runtime/blocking_pool.hpp"
#include "daemon/runtime/clock.hpp"
#include "daemon/runtime/digest.hpp"

namespace penstock::engine {

namespace asio = boost::asio;

// A candidate that somebody shows to Penstock.
struct SeenCandidate {
  core::Candidate candidate;
  std::string submitter;  // a person, a service, or "source:<name>"
  std::string trigger;    // "poll", "hook:<name>", "api"
  // Open a new promotion even where an earlier one of this candidate has ended; one that is open is never doubled.
  bool again = false;
  // Stored in the same transaction: the source's cursor, an answer to remember.
  std::map<std::string, std::string> cursors;
  // Only its lane in this environment; empty: every lane that covers the model.
  std::string environment{};
  // With `again` and one lane: not where a promotion of it was opened at that time or later.
  std::optional<core::Time> unless_since{};
};

struct SeenOutcome {
  core::CandidateId id;
  bool created = false;  // false: it was known already
  // One per lane whose policy covers the model; for a known candidate those that exist, newest per lane.
  std::vector<core::PromotionId> promotions;
  // Why a lane opened no promotion for it ("vetoed here by ann"); empty when all did.
  std::string ignored{};
};

// What a submitted event did.
struct Outcome {
  core::Promotion promotion;  // after it; without an id when the event is about the lane and opened none
  std::string ignored;        // why it changed nothing; empty when it did
  std::int64_t seq = 0;       // of the newest event
};

// A lane as it was at some instant.
using LaneThen = std::shared_ptr<const core::Lane>;

// What is live in a lane.
struct LiveCandidate {
  core::PromotionId promotion;
  core::CandidateId id;
  core::Candidate candidate;
  core::Time since{};
};

using PoliciesFor = std::function<std::vector<std::shared_ptr<const core::Policy>>(const std::string& model)>;

class Engine {
 public:
  struct Parts {
    asio::any_io_executor executor;
    journal::Journal& journal;
    runtime::BlockingPool& pool;
    runtime::Clock& clock;
    PoliciesFor policies_for;
    // Who is in which group now, for approvals that are about to count; nothing when nobody can tell.
    std::shared_ptr<const core::People> people{};
    // For the windows of policies; outlives the engine.
    const core::TimeZones* zones = nullptr;
    // Tells this start of the daemon apart from others, in the audit log.
    std::string daemon{};
    // How many places each semaphore has now; without it no place is given out.
    std::function<std::shared_ptr<const core::Semaphores>()> semaphores{};
    // Of the promotions that are opened here; unique, and later ones sort later.
    std::function<core::PromotionId(std::string_view prefix, core::Time now)> fresh_id = runtime::time_ordered_id;
  };
  explicit Engine(Parts parts);
  ~Engine();

  // Problems: "no-policy" when no lane covers the model (or none in `environment`), journal problems.
  asio::awaitable<core::Result<SeenOutcome>> see(SeenCandidate seen);
  // Problems: "unknown-promotion"; those that advance() refuses with ("stale-decision", "not-allowed", …); journal
  // problems. `done_key` is the outbox row that this event answers: it goes in the same transaction.
  asio::awaitable<core::Result<Outcome>> submit(core::Event event, std::string done_key = "");
  // What submit() would decide now, refusals and all; nothing is written. Problems: "unknown-promotion", journal
  // problems.
  asio::awaitable<core::Result<core::Decision>> plan(core::Event event);
  // The same on a lane that lane() has given, also for a CandidateSeen: one that carries no policy is taken under the
  // one that covers the lane now (Problem "no-policy" when none does).
  asio::awaitable<core::Result<core::Decision>> plan(const core::Lane& lane, core::Event event);
  // What a decision on the lane would know now. Its stops are the engine's own: not to be kept over a co_await.
  asio::awaitable<core::Result<core::World>> world(core::LaneKey key);
  // To be stepped through in the blocking pool; see Simulation. The engine need not outlive it, the journal must.
  std::shared_ptr<Simulation> simulation(std::shared_ptr<const core::Policy> policy,
                                         std::function<bool(const std::string& model)> covers, int last);
  // Moves an outbox row that could not be carried out yet.
  asio::awaitable<core::Result<void>> postpone(journal::OutboxRow row, core::Time due);
  // Moves the ends of the leases of outbox rows that are being carried out.
  asio::awaitable<core::Result<void>> renew(std::vector<journal::OutboxRow> rows);
  // Puts several outbox rows in the place of one.
  asio::awaitable<core::Result<void>> divide(std::string key, std::vector<journal::OutboxRow> rows);
  // Returns when everything that was handed to the journal before is answered: a row may be read there sooner than
  // that, and who carries it out shall find what was decided with it.
  asio::awaitable<void> answered();
  // Drops an outbox row that no longer means anything.
  asio::awaitable<core::Result<void>> drop(std::string key);
  asio::awaitable<core::Result<void>> set_cursor(std::string source, std::string cursor);
  // Keeps an answer by key (Idempotency-Key, a hook's delivery id). Problem "duplicate" when the key is taken.
  asio::awaitable<core::Result<void>> remember(journal::Write::Remembered answer);

  // The lane as it is journalled; nobody changes what was given. Journal problems.
  asio::awaitable<core::Result<LaneThen>> lane(core::LaneKey key);
  // The same for whoever has claimed a command of this kind in the lane and is about to carry it out: none while
  // another daemon is carrying one out there, or is about to. Of two daemons one at least is told so.
  asio::awaitable<core::Result<LaneThen>> lane_to_act_in(core::LaneKey key, std::string kind);
  asio::awaitable<core::Result<std::optional<LiveCandidate>>> live_in(LaneThen lane);
  asio::awaitable<core::Result<core::Promotion>> promotion(core::PromotionId id);
  asio::awaitable<core::Result<core::Candidate>> candidate(core::CandidateId id);

  // How many places each semaphore has now; none when nobody told the engine.
  std::shared_ptr<const core::Semaphores> semaphores() const;

  // What has been journalled, as it happens: for the stream and for long polls.
  Feed& feed();
  // Called as soon as they are journalled with the rows that are due at once, already leased to the one who is called,
  // and with the time of the earliest row that is due later.
  using TakeDue = std::function<void(std::vector<journal::OutboxRow>, std::optional<core::Time>)>;
  void on_due(TakeDue take);
  // Other daemons may have written to the journal: what they did comes into the feed.
  void catch_up();
  // Called when entries for the audit log have been journalled, with decisions or by note().
  void on_audited(std::function<void()> audited);
  // Journals an entry that belongs to no decision: what came into force, who was not let in.
  asio::awaitable<core::Result<void>> note(audit::Entry entry);

  // What a person must send back to decide: SHA-256 over candidate id, policy digest and findings.
  static core::Digest decision_digest(const core::Promotion& promotion);
  // What ApprovalGiven must carry of the findings that its maker saw.
  static core::Digest findings_digest(const core::Promotion& promotion);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace penstock::engine
