#include "daemon/journal/write_rules.hpp"

#include <charconv>
#include <unordered_set>

namespace penstock::journal {

core::Result<void> Journal::copy_to(const std::string&) {
  return core::Problem{"not-supported", "this journal is kept in memory: there is nothing to copy", "", "", false};
}
namespace {

core::Problem malformed(const std::string& what, const std::string& needed) {
  return {"journal-failed", what + "; needed: " + needed + "; nothing of this was kept", "",
          "report this as a bug of Penstock", false};
}

std::optional<core::Problem> problem_in(const PromotionRow& promotion, const Write& write) {
  if (promotion.id.empty()) return malformed("a promotion has no id", "one");
  if (!write.expected_version)
    return malformed("promotion " + promotion.id + " comes without its lane's version",
                     "the version it was decided on");
  if (promotion.lane != write.lane)
    return malformed("promotion " + promotion.id + " is of " + core::to_text(promotion.lane) + ", the decision of " +
                         core::to_text(write.lane),
                     "one lane in a decision");
  if (promotion.candidate.empty() || promotion.phase.empty())
    return malformed("promotion " + promotion.id + " has no candidate or no phase", "both");
  return std::nullopt;
}

std::optional<core::Problem> problem_in(const LiveChange& change, const Write& write) {
  if (!write.expected_version)
    return malformed("what is live in " + core::to_text(write.lane) + " changes without the lane's version",
                     "the version it was decided on");
  if (change.promotion.empty()) return malformed("a live change is of no promotion", "its id");
  if (!change.began && !change.ended)
    return malformed("promotion " + change.promotion + " neither begins nor ends being live", "one or both");
  return std::nullopt;
}

std::optional<core::Problem> problem_in(const OutboxRow& row) {
  if (row.key.empty() || row.kind.empty()) return malformed("an outbox row has no key or no kind", "both");
  if (row.tries < 0) return malformed("outbox row " + row.key + " was tried less than never", "0 or more tries");
  return std::nullopt;
}

}  // namespace

std::optional<core::Problem> problem_in(const Write& write) {
  if (write.expected_version &&
      (*write.expected_version < 0 || write.lane.model.empty() || write.lane.environment.empty()))
    return malformed("a decision is of no lane, or on version " + std::to_string(*write.expected_version),
                     "a model, an environment, and a version from 0 up");
  for (const auto& candidate : write.new_candidates)
    if (candidate.id.empty() || candidate.model.empty()) return malformed("a candidate has no id or no model", "both");
  for (const auto& policy : write.policies)
    if (policy.digest.empty()) return malformed("a policy has no digest", "one");
  std::unordered_set<std::string_view> promotions;
  for (const auto& promotion : write.promotions) {
    if (auto problem = problem_in(promotion, write)) return problem;
    if (!promotions.insert(promotion.id).second)
      return malformed("promotion " + promotion.id + " comes twice in one decision", "what it is after it");
  }
  if (write.lane_state && !write.expected_version)
    return malformed("the state of " + core::to_text(write.lane) + " comes without the lane's version",
                     "the version it was decided on");
  for (const auto& change : write.live_changes)
    if (auto problem = problem_in(change, write)) return problem;
  for (const auto& event : write.events)
    if (event.name.empty()) return malformed("an event has no name", "one");
  for (const auto& row : write.audit)
    if (row.entry.empty() || row.entry.size() > longest_audit_entry)
      return malformed("an audit entry has " + std::to_string(row.entry.size()) + " bytes",
                       "1 to " + std::to_string(longest_audit_entry));
  for (const auto& row : write.outbox)
    if (auto problem = problem_in(row)) return problem;
  for (const auto& answer : write.remember)
    if (answer.key.empty()) return malformed("an answer to remember has no key", "one");
  return std::nullopt;
}

std::optional<core::Problem> problem_in_claim(Time now, Time until) {
  if (until > now) return std::nullopt;
  return malformed("a claim at " + core::to_text(now) + " ends at " + core::to_text(until),
                   "an end after its beginning");
}

core::Problem lane_moved(const core::LaneKey& lane, std::int64_t stored, std::int64_t expected) {
  return {"conflict",
          core::to_text(lane) + " is at version " + std::to_string(stored) + ", this was decided on version " +
              std::to_string(expected),
          "", "load the lane again and decide again", true};
}

core::Problem unknown_candidate(const Write& write) {
  return {"conflict", "a promotion of " + core::to_text(write.lane) + " names a candidate that is not in the journal",
          "", "store the candidate first and decide again", true};
}

core::Problem known_candidate(const core::CandidateId& id) {
  return {"duplicate", "candidate " + id.text() + " is in the journal already", "", "", false};
}

core::Problem known_answer(const std::string& key) {
  return {"duplicate", "an answer is remembered for `" + key + "` already", "", "", false};
}

core::Problem changed_identity(const PromotionRow& promotion) {
  return malformed(
      "promotion " + promotion.id + " is stored with another lane, candidate, version or opening time, or has ended",
      "the same ones, and one that has not ended or ends again");
}

core::Problem not_of_lane(const LiveChange& change, const core::LaneKey& lane) {
  return malformed("promotion " + change.promotion + " of version " + change.version + " is to begin being live in " +
                       core::to_text(lane) + ", where no such promotion is stored",
                   "a promotion of this lane, with its candidate and version");
}

core::Problem live_twice(const LiveChange& change, const core::LaneKey& lane) {
  return malformed("promotion " + change.promotion + " is to begin being live in " + core::to_text(lane) +
                       ", where another one or it itself is live",
                   "the end of what is live, in the same decision or before");
}

core::Problem not_live(const LiveChange& change, const core::LaneKey& lane) {
  return malformed(
      "promotion " + change.promotion + " is to end being live in " + core::to_text(lane) + ", where it is not live",
      "its beginning, in a decision before");
}

std::optional<Time> lease_of(const OutboxRow& row) {
  if (row.leased_until && *row.leased_until <= row.due) return std::nullopt;
  return row.leased_until;
}

core::Result<std::pair<Time, std::string>> parse_after(const std::string& after) {
  std::int64_t milliseconds = 0;
  const auto* end = after.data() + after.size();
  const auto [rest, error] = std::from_chars(after.data(), end, milliseconds);
  if (error != std::errc() || rest == end || *rest != '/')
    return core::Problem{"bad-cursor", "the cursor `" + after.substr(0, 100) + "` is not one of a list of candidates",
                         "", "start again from the first page", false};
  return std::pair(Time(core::Duration(milliseconds)), std::string(rest + 1, end));
}

}  // namespace penstock::journal
