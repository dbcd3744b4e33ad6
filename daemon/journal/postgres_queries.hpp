// What is asked of the journal without changing it.
#pragma once

#include "daemon/journal/journal.hpp"
#include "daemon/journal/postgres_connection.hpp"
#include "daemon/journal/shared.hpp"

namespace penstock::journal {

core::Result<Journal::StoredLane> read_lane(PostgresConnection& connection, const core::LaneKey& key);
core::Result<std::optional<PromotionRow>> read_promotion(PostgresConnection& connection, const core::PromotionId& id);
core::Result<std::optional<CandidateRow>> read_candidate(PostgresConnection& connection, const core::CandidateId& id);
core::Result<std::optional<PolicyRow>> read_policy(PostgresConnection& connection, const core::Digest& digest);
core::Result<std::vector<PromotionRow>> list_promotions(PostgresConnection& connection, const PromotionQuery& query);
core::Result<std::vector<CandidateRow>> list_candidates(PostgresConnection& connection, const CandidateQuery& query);
core::Result<std::vector<LaneSummary>> list_lanes(PostgresConnection& connection);
// As Shared::standings(), for the daemon of that epoch.
core::Result<std::vector<LaneStanding>> lane_standings(PostgresConnection& connection,
                                                       const std::vector<LaneAsked>& asked, std::int64_t epoch,
                                                       Time now);
core::Result<std::vector<LiveSpan>> list_live_spans(PostgresConnection& connection, const core::LaneKey& key,
                                                    std::optional<Time> at, int limit,
                                                    std::optional<std::int64_t> before);
core::Result<std::vector<EventRow>> list_events(PostgresConnection& connection, std::int64_t after_seq, int limit);
core::Result<std::vector<EventRow>> list_events_of(PostgresConnection& connection, const core::PromotionId& promotion,
                                                   int limit, std::int64_t after_seq);
core::Result<std::int64_t> newest_seq(PostgresConnection& connection);
core::Result<std::vector<AuditRow>> list_audit(PostgresConnection& connection, std::int64_t from, int limit);
core::Result<std::vector<AuditRow>> list_audit_of(PostgresConnection& connection, const core::PromotionId& promotion,
                                                  int limit, std::int64_t from);
core::Result<std::int64_t> audit_size(PostgresConnection& connection);
core::Result<std::optional<std::string>> read_cursor(PostgresConnection& connection, const std::string& source);
core::Result<std::optional<std::string>> read_remembered(PostgresConnection& connection, const std::string& key,
                                                         Time now);
core::Result<std::optional<Time>> next_due(PostgresConnection& connection);
core::Result<std::optional<Time>> oldest_due(PostgresConnection& connection, Time now);

}  // namespace penstock::journal
