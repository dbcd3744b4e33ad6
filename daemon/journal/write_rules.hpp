// What every adapter demands of a Write beyond its types, and the words in which it refuses one.
#pragma once

#include <optional>
#include <utility>

#include "daemon/journal/journal.hpp"

namespace penstock::journal {

// The longest audit entry: a tlog-tiles bundle has 16 bits for the length (https://c2sp.org/tlog-tiles).
constexpr std::size_t longest_audit_entry = 65535;

// The rules that need nothing but the Write itself; the schema's CHECKs say the same. Nothing when it is well-formed.
std::optional<core::Problem> problem_in(const Write& write);
// claim()'s own rule.
std::optional<core::Problem> problem_in_claim(Time now, Time until);

core::Problem lane_moved(const core::LaneKey& lane, std::int64_t stored, std::int64_t expected);
core::Problem unknown_candidate(const Write& write);
core::Problem known_candidate(const core::CandidateId& id);
core::Problem known_answer(const std::string& key);
core::Problem changed_identity(const PromotionRow& promotion);
core::Problem not_of_lane(const LiveChange& change, const core::LaneKey& lane);
core::Problem live_twice(const LiveChange& change, const core::LaneKey& lane);
core::Problem not_live(const LiveChange& change, const core::LaneKey& lane);

// Whether its drop_keys go whoever has them. What is decided on a lane knows what its rows are by then; what is not
// knows only the row that its daemon has claimed, and another daemon may have put a new one in its place meanwhile.
inline bool drops_unclaimed(const Write& write) { return write.expected_version.has_value(); }

// As kept: without a lease that ends before the row is due.
std::optional<Time> lease_of(const OutboxRow& row);

// The seen_at and id in CandidateQuery::after. Problem "bad-cursor".
core::Result<std::pair<Time, std::string>> parse_after(const std::string& after);

}  // namespace penstock::journal
