// The port: what happened and what is due, kept so that nothing acknowledged is ever lost.
//
// One transaction holds a lane's new state, the events that led to it, the outbox rows it asks for, and the outbox row
// it answers. Several Writes share one fsync (group commit). Adapters: memory, SQLite, and PostgreSQL (postgres.hpp)
// for several daemons, with one conformance suite (tests/journal/conformance.hpp). commit() returns at once; every
// other call blocks its thread and is safe from any.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "daemon/core/candidate.hpp"
#include "daemon/core/lane.hpp"

namespace penstock::journal {

using core::Time;

struct CandidateRow {
  core::CandidateId id;
  std::string document;  // core::canonical_bytes
  std::string model;
  std::string version;
  std::string submitter;
  std::string trigger;
  Time seen_at{};
};

struct PolicyRow {
  core::Digest digest;
  std::string document;  // core::canonical_bytes
};

// One entry of the event log. `seq` is given by the journal, ascending without reuse; gaps are possible.
struct EventRow {
  std::int64_t seq = 0;
  Time at{};
  core::LaneKey lane;
  core::PromotionId promotion;
  std::string name;      // core::event_name, or "phase_changed"
  std::string document;  // JSON
};

// Something that is due. `key` is unique: putting a key that is there replaces the row.
struct OutboxRow {
  std::string key;
  std::string kind;  // "check", "deliver", "timer", "notify", "notify/<endpoint>"
  core::LaneKey lane;
  core::PromotionId promotion;
  Time due{};
  std::string document;  // JSON: what the performer needs
  int tries = 0;         // how often it was claimed
  // Claimed by somebody until then. A lease that ends before the row is due is no lease, and is not kept.
  std::optional<Time> leased_until;
};

// A promotion as stored: `document` is core::encode(promotion); the other columns are for finding it. Its id, lane,
// candidate, version and opening time never change, and one that has ended stays ended.
struct PromotionRow {
  core::PromotionId id;
  core::LaneKey lane;
  core::CandidateId candidate;
  std::string version;
  std::string phase;
  bool ended = false;  // no longer part of its lane
  Time opened_at{};
  Time changed_at{};
  std::string document;
};

// One entry of the audit log: bytes that never change once they are journalled, and that daemon/audit makes a leaf of.
// `index` is given by the journal: 0, 1, 2, … without a gap and without reuse, also where Writes are refused, several
// daemons write at once, or one is killed. Entries of one Write follow one another. Whoever has read an index has
// read, or can read, every lower one: a lower one never appears later.
struct AuditRow {
  std::int64_t index = 0;
  core::PromotionId promotion;  // what it is about; may be empty
  std::string entry;            // 1 to 65535 bytes
};

// When a promotion was what its lane served: from `since` until just before `until`; still live without an `until`. A
// lane has at most one open span. A promotion may be live more than once.
struct LiveSpan {
  core::PromotionId promotion;
  core::CandidateId candidate;
  std::string version;
  Time since{};
  std::optional<Time> until;
  std::int64_t number = 0;  // given by the journal: of one lane, those that began later have greater ones
};

// A promotion became live (`began`: a span is inserted), or stopped being live (`ended`: its open span is closed), or
// did both within one decision (a span that is over).
struct LiveChange {
  core::PromotionId promotion;
  core::CandidateId candidate;  // this and the version: needed with `began` only
  std::string version;
  std::optional<Time> began;
  // Where the clock went back, a span ends when it began.
  std::optional<Time> ended;
};

// All of one decision. Applied as a whole or not at all.
struct Write {
  core::LaneKey lane;
  // The lane's version before this decision; a different one in the journal is a "conflict" and nothing is written.
  // Nothing when no lane is touched (a cursor, a claim that moves): then there are no promotions, no state and no live
  // changes in it either.
  std::optional<std::int64_t> expected_version;
  // The version of core::every_lane that this decision relied on; a different one is a "conflict" too, whoever it was
  // that moved it, or did not move it after all.
  std::optional<std::int64_t> every_lane_version;
  // Replaces the lane's own document (JSON: what belongs to the lane and to no promotion); nothing = unchanged.
  std::optional<std::string> lane_state;
  // Each must be new, or the whole Write is a "duplicate".
  std::vector<CandidateRow> new_candidates;
  std::vector<PolicyRow> policies;  // stored unless they are there
  // Inserted or replaced; all of `lane`, each once. The candidate of each is in the journal or in this Write.
  std::vector<PromotionRow> promotions;
  // Those that only end are applied first, whatever their order. What begins is a promotion of `lane` that is in the
  // journal or in this Write, and finds no other one live there; what ends is live. Anything else is "journal-failed".
  std::vector<LiveChange> live_changes;
  std::vector<EventRow> events;
  std::vector<AuditRow> audit;    // also of a Write that touches no lane
  std::vector<OutboxRow> outbox;  // inserted or replaced in their order, after both kinds of drops
  // Outbox rows that are done or called off; absent ones are no error. Of a Write that touches no lane only those go
  // that this daemon has claimed: a decision may have put another row in the place of one that is not.
  std::vector<std::string> drop_keys;
  std::vector<core::PromotionId> drop_promotions;  // every outbox row of these promotions goes
  std::map<std::string, std::string> cursors;      // source name -> cursor
  // Answers to remember by key (Idempotency-Key, delivery ids of hooks); one that is there is a "duplicate", also when
  // it has expired and forget() has not dropped it yet.
  struct Remembered {
    std::string key;
    std::string answer;
    Time until{};
  };
  std::vector<Remembered> remember;
};

struct Receipt {
  // Of the last event of this Write, whose events have consecutive seqs; or of the newest event there is.
  std::int64_t last_seq = 0;
};

// The promotion list's filters; empty members do not filter.
struct PromotionQuery {
  std::string model, environment, phase, version;
  std::optional<core::CandidateId> candidate;
  std::optional<bool> ended;
  std::string after;  // the last id of the page before; ids descend (newest first)
  int limit = 50;
};
struct CandidateQuery {
  std::string model, version;
  std::string after;  // "<seen_at ms>/<id>" of the last one of the page before
  int limit = 50;
};
struct LaneSummary {
  core::LaneKey key;
  std::int64_t version = 0;
};

// What the adapter has done since it was opened.
struct Statistics {
  std::int64_t writes = 0;        // Writes that were kept
  std::int64_t transactions = 0;  // durable commits: fewer than `writes` where several shared an fsync
  std::int64_t checkpoints = 0;
  std::int64_t wal_bytes = 0;  // of the write-ahead log, now
};

class Shared;

class Journal {
 public:
  // Finishes what was handed to commit(), and answers it, before it returns.
  virtual ~Journal() = default;

  // Applies the Writes in order, each as a whole, in a transaction shared with whatever else is waiting, and calls
  // `done` after the fsync with one result per Write, on the thread that the adapter was given for that. Problem codes:
  // "conflict" (the lane is at another version, or a promotion's candidate is not there: reload and decide again),
  // "duplicate", "journal-fenced" (this daemon's epoch has ended, or the database has lost what it acknowledged to it:
  // it ends), "journal-full" (disk; later Writes work when there is room), "journal-damaged", "journal-failed"
  // (anything else; nothing was kept). After a failed fsync nobody knows what the disk holds: every later Write is
  // refused until a restart, and what was refused at that moment may be found to be there after it.
  using Done = std::function<void(std::vector<core::Result<Receipt>>)>;
  virtual void commit(std::vector<Write> writes, Done done) = 0;

  // The lane's version and its promotions that have not ended, oldest first; version 0 when it was never seen.
  struct StoredLane {
    std::int64_t version = 0;
    std::vector<PromotionRow> promotions;
    std::string state;  // the lane's own document; empty when none was ever written
  };
  virtual core::Result<StoredLane> lane(const core::LaneKey& key) = 0;
  virtual core::Result<std::optional<PromotionRow>> promotion(const core::PromotionId& id) = 0;
  virtual core::Result<std::optional<CandidateRow>> candidate(const core::CandidateId& id) = 0;
  virtual core::Result<std::optional<PolicyRow>> policy(const core::Digest& digest) = 0;
  virtual core::Result<std::vector<PromotionRow>> promotions(const PromotionQuery& query) = 0;
  virtual core::Result<std::vector<CandidateRow>> candidates(const CandidateQuery& query) = 0;
  virtual core::Result<std::vector<LaneSummary>> lanes() = 0;
  // What was live in a lane, newest first. With `at`, only the span that holds that instant: since <= at < until; where
  // the clock went back and several do, the newest of them. With `before`, only those of a smaller number: the page
  // that follows the one that ended with it.
  virtual core::Result<std::vector<LiveSpan>> live_spans(const core::LaneKey& key, std::optional<Time> at, int limit,
                                                         std::optional<std::int64_t> before = std::nullopt) = 0;
  // Those after a seq, and of these those of one promotion; oldest first.
  virtual core::Result<std::vector<EventRow>> events(std::int64_t after_seq, int limit) = 0;
  virtual core::Result<std::vector<EventRow>> events_of(const core::PromotionId& promotion, int limit,
                                                        std::int64_t after_seq = 0) = 0;
  virtual core::Result<std::int64_t> newest_seq() = 0;
  // Audit entries from an index on, and of these those of one promotion (none when it is empty), by index; and how many
  // there are, which is the index that the next one gets.
  virtual core::Result<std::vector<AuditRow>> audit(std::int64_t from, int limit) = 0;
  virtual core::Result<std::vector<AuditRow>> audit_of(const core::PromotionId& promotion, int limit,
                                                       std::int64_t from = 0) = 0;
  virtual core::Result<std::int64_t> audit_size() = 0;
  virtual core::Result<std::optional<std::string>> cursor(const std::string& source) = 0;
  // Nothing once it has expired.
  virtual core::Result<std::optional<std::string>> remembered(const std::string& key, Time now) = 0;

  // Takes up to `most` rows that are due and not leased, oldest due first, leases them until `until`, counts a try.
  // Durable before it returns, like every write. `until` is after `now`.
  virtual core::Result<std::vector<OutboxRow>> claim(Time now, Time until, int most) = 0;
  // When the next unleased row is, or a lease ends; nothing when the outbox is empty.
  virtual core::Result<std::optional<Time>> next_due() = 0;
  // The due time of the oldest row that should have been taken up by now; nothing when none is late.
  virtual core::Result<std::optional<Time>> oldest_due(Time now) = 0;
  // Voids every lease that no other daemon in force holds: called once at start.
  virtual core::Result<void> void_leases() = 0;
  // Drops remembered answers that have expired.
  virtual core::Result<void> forget(Time now) = 0;

  // What it is at one instant, as a file that open_sqlite() opens; `file` must not exist. Blocks for as long as the
  // disk takes, and holds up nobody else. Problem "not-supported" where the journal is kept in memory.
  virtual core::Result<void> copy_to(const std::string& file);

  virtual Statistics statistics() const { return {}; }
  // What the daemons on it have between them; nullptr where a daemon has the journal to itself. Then nothing changes
  // behind its back.
  virtual Shared* shared() { return nullptr; }
};

// Where `done` is called: usually a post to the engine's thread. It must not call it before it returns.
using Post = std::function<void(std::function<void()>)>;

std::unique_ptr<Journal> open_memory(Post post);
struct SqliteOptions {
  // The most that the file may grow to, in bytes; 0 = as far as the disk goes. Reaching it is "journal-full".
  std::int64_t max_bytes = 0;
};
// Opens or creates the file, in a folder that exists; beside it are "<path>-wal", "<path>-shm" and "<path>.lock".
// Problems: "journal-in-use" when another daemon has it open (names its process id), "journal-newer" when a newer
// Penstock wrote it, "journal-damaged" when it is not a Penstock journal or SQLite says so, "journal-full",
// "journal-failed".
core::Result<std::unique_ptr<Journal>> open_sqlite(const std::string& path, Post post, SqliteOptions options = {});

}  // namespace penstock::journal
