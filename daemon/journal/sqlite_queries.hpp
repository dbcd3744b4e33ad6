// The journal's reads as SQL. Each is one snapshot.
#pragma once

#include "daemon/journal/journal.hpp"
#include "daemon/journal/sqlite_connection.hpp"

namespace penstock::journal {

core::Result<Journal::StoredLane> read_lane(SqliteConnection& connection, const core::LaneKey& key);
core::Result<std::optional<PromotionRow>> read_promotion(SqliteConnection& connection, const core::PromotionId& id);
core::Result<std::optional<CandidateRow>> read_candidate(SqliteConnection& connection, const core::CandidateId& id);
core::Result<std::optional<PolicyRow>> read_policy(SqliteConnection& connection, const core::Digest& digest);
core::Result<std::vector<PromotionRow>> list_promotions(SqliteConnection& connection, const PromotionQuery& query);
core::Result<std::vector<CandidateRow>> list_candidates(SqliteConnection& connection, const CandidateQuery& query);
core::Result<std::vector<LaneSummary>> list_lanes(SqliteConnection& connection);
core::Result<std::vector<LiveSpan>> list_live_spans(SqliteConnection& connection, const core::LaneKey& key,
                                                    std::optional<Time> at, int limit,
                                                    std::optional<std::int64_t> before);
core::Result<std::vector<EventRow>> list_events(SqliteConnection& connection, std::int64_t after_seq, int limit);
core::Result<std::vector<EventRow>> list_events_of(SqliteConnection& connection, const core::PromotionId& promotion,
                                                   int limit, std::int64_t after_seq);
core::Result<std::vector<AuditRow>> list_audit(SqliteConnection& connection, std::int64_t from, int limit);
core::Result<std::vector<AuditRow>> list_audit_of(SqliteConnection& connection, const core::PromotionId& promotion,
                                                  int limit, std::int64_t from);
core::Result<std::int64_t> audit_size(SqliteConnection& connection);
core::Result<std::optional<std::string>> read_cursor(SqliteConnection& connection, const std::string& source);
core::Result<std::optional<std::string>> read_remembered(SqliteConnection& connection, const std::string& key,
                                                         Time now);

}  // namespace penstock::journal
