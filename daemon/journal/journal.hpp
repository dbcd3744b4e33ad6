// The port: what happened and what is due, kept so that nothing acknowledged is ever lost.
//
// One transaction holds a lane's new state, the events that led to it, the outbox rows it asks for, and the outbox row
// it answers. Several Writes share one fsync (group commit). Adapters: memory and SQLite, with one conformance suite
// (tests/journal/conformance.hpp). commit() returns at once; every other call blocks its thread and is safe from any.
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
  std::string kind;  // "check", "deliver", "timer"
  core::LaneKey lane;
  core::PromotionId promotion;
  Time due{};
  std::string document;              // JSON: what the performer needs
  int tries = 0;                     // how often it was claimed
  std::optional<Time> leased_until;  // claimed by somebody until then
};

// A promotion as stored: `document` is core::encode(promotion); the other columns are for finding it.
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

// All of one decision. Applied as a whole or not at all.
struct Write {
  core::LaneKey lane;
  // The lane's version before this decision; a different one in the journal is a "conflict" and nothing is written.
  // Nothing when no lane is touched (a cursor, a claim that moves).
  std::optional<std::int64_t> expected_version;
  // Each must be new, or the whole Write is a "duplicate".
  std::vector<CandidateRow> new_candidates;
  std::vector<PolicyRow> policies;       // stored unless they are there
  std::vector<PromotionRow> promotions;  // inserted or replaced
  std::vector<EventRow> events;
  std::vector<OutboxRow> outbox;                   // inserted or replaced
  std::vector<std::string> drop_keys;              // outbox rows that are done or called off; absent ones are no error
  std::vector<core::PromotionId> drop_promotions;  // every outbox row of these promotions goes
  std::map<std::string, std::string> cursors;      // source name -> cursor
  // Answers to remember by key (Idempotency-Key, delivery ids of hooks); one that is there is a "duplicate".
  struct Remembered {
    std::string key;
    std::string answer;
    Time until{};
  };
  std::vector<Remembered> remember;
};

struct Receipt {
  std::int64_t last_seq = 0;  // of the events of this Write, or of the newest event there is
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

class Journal {
 public:
  virtual ~Journal() = default;

  // Applies the Writes in order, each as a whole, in a transaction shared with whatever else is waiting, and calls
  // `done` after the fsync with one result per Write, on the thread that the adapter was given for that. Problem
  // codes: "conflict", "duplicate", "journal-full" (disk), "journal-failed" (anything else; nothing was kept).
  using Done = std::function<void(std::vector<core::Result<Receipt>>)>;
  virtual void commit(std::vector<Write> writes, Done done) = 0;

  // The lane's version and its promotions that have not ended, oldest first; version 0 when it was never seen.
  struct StoredLane {
    std::int64_t version = 0;
    std::vector<PromotionRow> promotions;
  };
  virtual core::Result<StoredLane> lane(const core::LaneKey& key) = 0;
  virtual core::Result<std::optional<PromotionRow>> promotion(const core::PromotionId& id) = 0;
  virtual core::Result<std::optional<CandidateRow>> candidate(const core::CandidateId& id) = 0;
  virtual core::Result<std::optional<PolicyRow>> policy(const core::Digest& digest) = 0;
  virtual core::Result<std::vector<PromotionRow>> promotions(const PromotionQuery& query) = 0;
  virtual core::Result<std::vector<CandidateRow>> candidates(const CandidateQuery& query) = 0;
  virtual core::Result<std::vector<LaneSummary>> lanes() = 0;
  // The promotion that was live in the lane before `before` (it ended as replaced), newest first.
  virtual core::Result<std::vector<EventRow>> events(std::int64_t after_seq, int limit) = 0;
  virtual core::Result<std::vector<EventRow>> events_of(const core::PromotionId& promotion, int limit) = 0;
  virtual core::Result<std::int64_t> newest_seq() = 0;
  virtual core::Result<std::optional<std::string>> cursor(const std::string& source) = 0;
  virtual core::Result<std::optional<std::string>> remembered(const std::string& key, Time now) = 0;

  // Takes up to `most` rows that are due and not leased, oldest due first, leases them until `until`, counts a try.
  // Durable before it returns, like every write.
  virtual core::Result<std::vector<OutboxRow>> claim(Time now, Time until, int most) = 0;
  // When the next unleased row is, or a lease ends; nothing when the outbox is empty.
  virtual core::Result<std::optional<Time>> next_due() = 0;
  // The due time of the oldest row that should have been taken up by now; nothing when none is late.
  virtual core::Result<std::optional<Time>> oldest_due(Time now) = 0;
  // Voids every lease: called once at start, when no other daemon can hold the journal.
  virtual core::Result<void> void_leases() = 0;
  // Drops remembered answers that have expired.
  virtual core::Result<void> forget(Time now) = 0;
};

// Where `done` is called: usually a post to the engine's thread.
using Post = std::function<void(std::function<void()>)>;

std::unique_ptr<Journal> open_memory(Post post);
// Opens or creates the file. Problems: "journal-in-use" when another daemon has it open (names its process id),
// "journal-newer" when a newer Penstock wrote it, "journal-damaged" when it is not a Penstock journal or SQLite says
// so.
core::Result<std::unique_ptr<Journal>> open_sqlite(const std::string& path, Post post);

}  // namespace penstock::journal
