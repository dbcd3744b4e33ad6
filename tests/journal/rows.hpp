// Rows as tests write them: everything that a test does not speak of has a plausible value.
#pragma once

#include <string>

#include "daemon/journal/journal.hpp"

namespace penstock::journal::testing {

inline Time at(std::int64_t milliseconds) { return Time(core::Duration(1'700'000'000'000 + milliseconds)); }

inline core::Digest digest(std::uint64_t number) {
  auto digits = std::to_string(number);
  return core::Digest::from_hex(std::string(64 - digits.size(), '0') + digits);
}

inline const core::LaneKey fraud{"fraud", "production"};

inline CandidateRow candidate(std::uint64_t number, std::string model = "fraud", std::string version = "7") {
  return {digest(number),
          R"({"model":"fraud"})",
          std::move(model),
          std::move(version),
          "ada",
          "api",
          at(static_cast<std::int64_t>(number))};
}

inline PromotionRow promotion(std::string id, std::uint64_t candidate, core::LaneKey lane = fraud,
                              std::string phase = "checking", bool ended = false) {
  return {std::move(id), std::move(lane), digest(candidate), "7", std::move(phase), ended,
          at(1),         at(2),           R"({"checks":[]})"};
}

inline EventRow event(std::string promotion, std::string name = "candidate_seen", core::LaneKey lane = fraud) {
  return {0, at(3), std::move(lane), std::move(promotion), std::move(name), R"({"a":1})"};
}

inline OutboxRow due_row(std::string key, Time due, std::string promotion = "prm_1") {
  return {std::move(key), "check", fraud, std::move(promotion), due, R"({"gate":"smoke"})", 0, std::nullopt};
}

// A decision that opens a promotion of a new candidate.
inline Write opening(std::string promotion_id, std::uint64_t candidate_number, std::int64_t version,
                     core::LaneKey lane = fraud) {
  Write write;
  write.lane = lane;
  write.expected_version = version;
  write.new_candidates.push_back(candidate(candidate_number, lane.model));
  write.promotions.push_back(promotion(promotion_id, candidate_number, lane));
  write.events.push_back(event(promotion_id, "candidate_seen", lane));
  return write;
}

inline Write putting(std::vector<OutboxRow> rows) {
  Write write;
  write.outbox = std::move(rows);
  return write;
}

template <class Row, class Key>
std::vector<std::string> keys(const std::vector<Row>& rows, Key key) {
  std::vector<std::string> found;
  for (const auto& row : rows) found.push_back(key(row));
  return found;
}
inline std::vector<std::string> keys(const std::vector<OutboxRow>& rows) {
  return keys(rows, [](const auto& row) { return row.key; });
}
inline std::vector<std::string> ids(const std::vector<PromotionRow>& rows) {
  return keys(rows, [](const auto& row) { return row.id; });
}

}  // namespace penstock::journal::testing
