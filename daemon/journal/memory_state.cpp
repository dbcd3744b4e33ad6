#include "daemon/journal/memory_state.hpp"

#include <algorithm>
#include <set>
#include <tuple>

#include "daemon/core/planted.hpp"
#include "daemon/journal/write_rules.hpp"

namespace penstock::journal {
namespace {

bool same_identity(const PromotionRow& one, const PromotionRow& other) {
  return one.lane == other.lane && one.candidate == other.candidate && one.version == other.version &&
         one.opened_at == other.opened_at;
}

bool wanted(const PromotionRow& row, const PromotionQuery& query) {
  const auto fits = [](const std::string& filter, const std::string& value) {
    return filter.empty() || filter == value;
  };
  return fits(query.model, row.lane.model) && fits(query.environment, row.lane.environment) &&
         fits(query.phase, row.phase) && fits(query.version, row.version) &&
         (!query.candidate || *query.candidate == row.candidate) && (!query.ended || *query.ended == row.ended) &&
         (query.after.empty() || row.id < query.after);
}

LiveSpan* open_in(std::vector<LiveSpan>& spans) {
  const auto open = std::find_if(spans.rbegin(), spans.rend(), [](const auto& span) { return !span.until; });
  return open == spans.rend() ? nullptr : &*open;
}

template <class Row>
void cut(std::vector<Row>& rows, int limit) {
  rows.resize(std::min(rows.size(), static_cast<std::size_t>(std::max(limit, 0))));
}

}  // namespace

std::optional<core::Problem> MemoryState::refusal_of_promotions(const Write& write) const {
  std::set<core::CandidateId> new_ones;
  for (const auto& candidate : write.new_candidates) new_ones.insert(candidate.id);
  // What is stored, and what this Write has stored so far.
  std::map<core::PromotionId, const PromotionRow*> stored;
  for (const auto& row : write.promotions) {
    if (!candidates.contains(row.candidate) && !new_ones.contains(row.candidate)) return unknown_candidate(write);
    const auto known = promotions.find(row.id);
    if (known != promotions.end()) stored.try_emplace(row.id, &known->second.row);
    const auto [before, is_first] = stored.try_emplace(row.id, &row);
    if (!is_first && (!same_identity(*before->second, row) || (before->second->ended && !row.ended)))
      return changed_identity(row);
    before->second = &row;
  }
  return std::nullopt;
}

bool MemoryState::holds(const Write& write, const LiveChange& change) const {
  const auto is_it = [&](const PromotionRow& row) {
    return row.id == change.promotion && row.lane == write.lane && row.candidate == change.candidate &&
           row.version == change.version;
  };
  const auto stored = promotions.find(change.promotion);
  return (stored != promotions.end() && is_it(stored->second.row)) ||
         std::any_of(write.promotions.begin(), write.promotions.end(), is_it);
}

core::Result<std::vector<LiveSpan>> MemoryState::changed_spans(const Write& write) const {
  const auto stored = live.find(write.lane);
  auto spans = stored == live.end() ? std::vector<LiveSpan>() : stored->second;
  for (const bool begins : {false, true})
    for (const auto& change : write.live_changes) {
      if (change.began.has_value() != begins) continue;
      if (begins && !holds(write, change)) return not_of_lane(change, write.lane);
      if (begins && open_in(spans) != nullptr) return live_twice(change, write.lane);
      if (begins) spans.push_back({change.promotion, change.candidate, change.version, *change.began, std::nullopt});
      if (!change.ended) continue;
      auto* open = open_in(spans);
      if (open == nullptr || open->promotion != change.promotion) return not_live(change, write.lane);
      open->until = std::max(open->since, *change.ended);
    }
  return spans;
}

std::optional<core::Problem> MemoryState::refusal(const Write& write) const {
  if (auto problem = problem_in(write)) return problem;
  if (write.expected_version) {
    const auto lane = lanes.find(write.lane);
    const auto version = lane == lanes.end() ? 0 : lane->second;
    if (version != *write.expected_version) return lane_moved(write.lane, version, *write.expected_version);
  }
  if (write.every_lane_version) {
    const auto lane = lanes.find(core::every_lane);
    const auto version = lane == lanes.end() ? 0 : lane->second;
    if (version != *write.every_lane_version) return lane_moved(core::every_lane, version, *write.every_lane_version);
  }
  std::set<std::string> seen;
  for (const auto& candidate : write.new_candidates)
    if (candidates.contains(candidate.id) || !seen.insert(candidate.id.hex()).second)
      return known_candidate(candidate.id);
  seen.clear();
  for (const auto& answer : write.remember)
    if (remembered.contains(answer.key) || !seen.insert(answer.key).second) return known_answer(answer.key);
  return refusal_of_promotions(write);
}

core::Result<Receipt> MemoryState::apply(const Write& write) {
  if (auto problem = refusal(write)) return std::move(*problem);
  if (!write.live_changes.empty()) {
    auto spans = changed_spans(write);
    if (!spans) return spans.error();
    live[write.lane] = std::move(*spans);
  }
  if (write.expected_version) lanes[write.lane] = *write.expected_version + 1;
  if (write.lane_state) lane_states[write.lane] = *write.lane_state;
  for (const auto& row : write.new_candidates) candidates.emplace(row.id, row);
  for (const auto& answer : write.remember) remembered.emplace(answer.key, answer);
  for (const auto& row : write.policies) policies.try_emplace(row.digest, row);
  for (const auto& row : write.promotions) {
    const auto [stored, is_new] = promotions.try_emplace(row.id);
    if (is_new) stored->second.n = static_cast<std::int64_t>(promotions.size());
    stored->second.row = row;
  }
  for (const auto& row : write.events) {
    events.push_back(row);
    events.back().seq = static_cast<std::int64_t>(events.size());
    if (PENSTOCK_PLANTED(5) && events.size() > 9) events.erase(events.begin());
  }
  for (const auto& row : write.audit) {
    audit.push_back(row);
    audit.back().index = static_cast<std::int64_t>(audit.size()) - 1;
  }
  for (const auto& key : write.drop_keys)
    if (const auto row = outbox.find(key); row != outbox.end())
      if (drops_unclaimed(write) || row->second.leased_until) outbox.erase(row);
  for (const auto& promotion : write.drop_promotions)
    std::erase_if(outbox, [&](const auto& entry) { return entry.second.promotion == promotion; });
  for (const auto& row : write.outbox) {
    auto& stored = outbox[row.key] = row;
    stored.leased_until = lease_of(row);
  }
  for (const auto& [source, cursor] : write.cursors) cursors[source] = cursor;
  return Receipt{static_cast<std::int64_t>(events.size())};
}

std::vector<PromotionRow> MemoryState::list(const PromotionQuery& query) const {
  std::vector<PromotionRow> rows;
  for (auto entry = promotions.rbegin(); entry != promotions.rend(); ++entry)
    if (wanted(entry->second.row, query)) rows.push_back(entry->second.row);
  cut(rows, query.limit);
  return rows;
}

core::Result<std::vector<CandidateRow>> MemoryState::list(const CandidateQuery& query) const {
  const auto position = [](const CandidateRow& row) { return std::pair(row.seen_at, row.id.hex()); };
  std::optional<std::pair<Time, std::string>> after;
  if (!query.after.empty()) {
    const auto parsed = parse_after(query.after);
    if (!parsed) return parsed.error();
    after = *parsed;
  }
  std::vector<CandidateRow> rows;
  for (const auto& [id, row] : candidates) {
    if (!query.model.empty() && query.model != row.model) continue;
    if (!query.version.empty() && query.version != row.version) continue;
    if (!after || position(row) < *after) rows.push_back(row);
  }
  std::sort(rows.begin(), rows.end(), [&](const auto& a, const auto& b) { return position(a) > position(b); });
  cut(rows, query.limit);
  return rows;
}

std::vector<LiveSpan> MemoryState::live_spans(const core::LaneKey& key, std::optional<Time> at, int limit,
                                              std::optional<std::int64_t> before) const {
  const auto spans = live.find(key);
  if (spans == live.end()) return {};
  std::vector<LiveSpan> found;
  for (auto number = static_cast<std::int64_t>(spans->second.size()); number > 0; --number) {
    const auto& span = spans->second[static_cast<std::size_t>(number - 1)];
    if (before && number >= *before) continue;
    if (at && (*at < span.since || (span.until && *span.until <= *at))) continue;
    found.push_back(span);
    found.back().number = number;
  }
  cut(found, at ? std::min(limit, 1) : limit);
  return found;
}

std::vector<OutboxRow> MemoryState::claim(Time now, Time until, int most) {
  std::vector<OutboxRow*> due;
  for (auto& [key, row] : outbox)
    if (row.due <= now && (!row.leased_until || *row.leased_until <= now)) due.push_back(&row);
  std::sort(due.begin(), due.end(),
            [](const auto* a, const auto* b) { return std::tie(a->due, a->key) < std::tie(b->due, b->key); });
  cut(due, most);
  std::vector<OutboxRow> claimed;
  for (auto* row : due) {
    row->leased_until = until;
    ++row->tries;
    claimed.push_back(*row);
  }
  return claimed;
}

}  // namespace penstock::journal
