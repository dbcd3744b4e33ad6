// Everything the memory adapter keeps, and how a Write changes it. Not safe from several threads: its owner has the
// lock.
#pragma once

#include <map>

#include "daemon/journal/journal.hpp"

namespace penstock::journal {

struct MemoryState {
  struct Promotion {
    std::int64_t n = 0;  // the order in which they were opened
    PromotionRow row;
  };

  std::map<core::LaneKey, std::int64_t> lanes;
  std::map<core::LaneKey, std::string> lane_states;
  std::map<core::LaneKey, std::vector<LiveSpan>> live;  // in the order in which they began
  std::map<core::CandidateId, CandidateRow> candidates;
  std::map<core::Digest, PolicyRow> policies;
  std::map<core::PromotionId, Promotion> promotions;
  std::vector<EventRow> events;  // events[i] has the seq i + 1
  std::vector<AuditRow> audit;   // audit[i] has the index i
  std::map<std::string, OutboxRow> outbox;
  std::map<std::string, std::string> cursors;
  std::map<std::string, Write::Remembered> remembered;

  // Changes everything or nothing.
  core::Result<Receipt> apply(const Write& write);
  // The promotions and candidates that a list asks for, newest first.
  std::vector<PromotionRow> list(const PromotionQuery& query) const;
  core::Result<std::vector<CandidateRow>> list(const CandidateQuery& query) const;
  std::vector<LiveSpan> live_spans(const core::LaneKey& key, std::optional<Time> at, int limit,
                                   std::optional<std::int64_t> before) const;
  std::vector<OutboxRow> claim(Time now, Time until, int most);

 private:
  std::optional<core::Problem> refusal(const Write& write) const;
  std::optional<core::Problem> refusal_of_promotions(const Write& write) const;
  bool holds(const Write& write, const LiveChange& change) const;
  // The lane's spans as they are after this Write.
  core::Result<std::vector<LiveSpan>> changed_spans(const Write& write) const;
};

}  // namespace penstock::journal
