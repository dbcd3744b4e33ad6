// The memory adapter: for tests, and for trying Penstock out. Nothing of it outlives the process.
#include <algorithm>
#include <mutex>

#include "daemon/journal/journal.hpp"
#include "daemon/journal/memory_state.hpp"
#include "daemon/journal/write_rules.hpp"

namespace penstock::journal {
namespace {

template <class Map, class Key>
auto find_in(const Map& map, const Key& key) -> std::optional<typename Map::mapped_type> {
  const auto found = map.find(key);
  if (found == map.end()) return std::nullopt;
  return found->second;
}

class MemoryJournal : public Journal {
 public:
  explicit MemoryJournal(Post post) : post_(std::move(post)) {}

  void commit(std::vector<Write> writes, Done done) override {
    std::vector<core::Result<Receipt>> receipts;
    {
      const std::lock_guard lock(mutex_);
      for (const auto& write : writes) {
        receipts.push_back(state_.apply(write));
        if (receipts.back()) ++statistics_.writes;
      }
      ++statistics_.transactions;
    }
    post_([done = std::move(done), receipts = std::move(receipts)]() mutable { done(std::move(receipts)); });
  }

  core::Result<StoredLane> lane(const core::LaneKey& key) override {
    const std::lock_guard lock(mutex_);
    StoredLane stored{find_in(state_.lanes, key).value_or(0), {}, find_in(state_.lane_states, key).value_or("")};
    std::vector<const MemoryState::Promotion*> open;
    for (const auto& [id, promotion] : state_.promotions)
      if (promotion.row.lane == key && !promotion.row.ended) open.push_back(&promotion);
    std::sort(open.begin(), open.end(), [](const auto* a, const auto* b) { return a->n < b->n; });
    for (const auto* promotion : open) stored.promotions.push_back(promotion->row);
    return stored;
  }
  core::Result<std::optional<PromotionRow>> promotion(const core::PromotionId& id) override {
    const std::lock_guard lock(mutex_);
    const auto found = find_in(state_.promotions, id);
    return found ? std::optional(found->row) : std::nullopt;
  }
  core::Result<std::optional<CandidateRow>> candidate(const core::CandidateId& id) override {
    const std::lock_guard lock(mutex_);
    return find_in(state_.candidates, id);
  }
  core::Result<std::optional<PolicyRow>> policy(const core::Digest& digest) override {
    const std::lock_guard lock(mutex_);
    return find_in(state_.policies, digest);
  }
  core::Result<std::vector<PromotionRow>> promotions(const PromotionQuery& query) override {
    const std::lock_guard lock(mutex_);
    return state_.list(query);
  }
  core::Result<std::vector<CandidateRow>> candidates(const CandidateQuery& query) override {
    const std::lock_guard lock(mutex_);
    return state_.list(query);
  }
  core::Result<std::vector<LaneSummary>> lanes() override {
    const std::lock_guard lock(mutex_);
    std::vector<LaneSummary> summaries;
    for (const auto& [key, version] : state_.lanes) summaries.push_back({key, version});
    return summaries;
  }
  core::Result<std::vector<LiveSpan>> live_spans(const core::LaneKey& key, std::optional<Time> at, int limit,
                                                 std::optional<std::int64_t> before) override {
    const std::lock_guard lock(mutex_);
    return state_.live_spans(key, at, limit, before);
  }
  core::Result<std::vector<EventRow>> events(std::int64_t after_seq, int limit) override {
    return rows_where(state_.events, limit, [=](const EventRow& event) { return event.seq > after_seq; });
  }
  core::Result<std::vector<EventRow>> events_of(const core::PromotionId& promotion, int limit,
                                                std::int64_t after_seq) override {
    return rows_where(state_.events, limit,
                      [&](const EventRow& event) { return event.seq > after_seq && event.promotion == promotion; });
  }
  core::Result<std::int64_t> newest_seq() override {
    const std::lock_guard lock(mutex_);
    return static_cast<std::int64_t>(state_.events.size());
  }
  core::Result<std::vector<AuditRow>> audit(std::int64_t from, int limit) override {
    return rows_where(state_.audit, limit, [=](const AuditRow& row) { return row.index >= from; });
  }
  core::Result<std::vector<AuditRow>> audit_of(const core::PromotionId& promotion, int limit,
                                               std::int64_t from) override {
    return rows_where(state_.audit, limit, [&](const AuditRow& row) {
      return row.index >= from && !promotion.empty() && row.promotion == promotion;
    });
  }
  core::Result<std::int64_t> audit_size() override {
    const std::lock_guard lock(mutex_);
    return static_cast<std::int64_t>(state_.audit.size());
  }
  core::Result<std::optional<std::string>> cursor(const std::string& source) override {
    const std::lock_guard lock(mutex_);
    return find_in(state_.cursors, source);
  }
  core::Result<std::optional<std::string>> remembered(const std::string& key, Time now) override {
    const std::lock_guard lock(mutex_);
    const auto found = find_in(state_.remembered, key);
    return found && found->until > now ? std::optional(found->answer) : std::nullopt;
  }

  core::Result<std::vector<OutboxRow>> claim(Time now, Time until, int most) override {
    if (auto problem = problem_in_claim(now, until)) return std::move(*problem);
    const std::lock_guard lock(mutex_);
    return state_.claim(now, until, most);
  }
  core::Result<std::optional<Time>> next_due() override {
    return earliest([](const OutboxRow& row) { return std::optional(row.leased_until.value_or(row.due)); });
  }
  core::Result<std::optional<Time>> oldest_due(Time now) override {
    return earliest([=](const OutboxRow& row) {
      const bool is_late = row.due <= now && (!row.leased_until || *row.leased_until <= now);
      return is_late ? std::optional(row.due) : std::nullopt;
    });
  }
  core::Result<void> void_leases() override {
    const std::lock_guard lock(mutex_);
    for (auto& [key, row] : state_.outbox) row.leased_until.reset();
    return {};
  }
  core::Result<void> forget(Time now) override {
    const std::lock_guard lock(mutex_);
    std::erase_if(state_.remembered, [=](const auto& entry) { return entry.second.until <= now; });
    return {};
  }

  Statistics statistics() const override {
    const std::lock_guard lock(mutex_);
    return statistics_;
  }

 private:
  template <class Row, class Wanted>
  std::vector<Row> rows_where(const std::vector<Row>& rows, int limit, Wanted wanted) {
    const std::lock_guard lock(mutex_);
    std::vector<Row> found;
    for (const auto& row : rows) {
      if (static_cast<int>(found.size()) >= limit) break;
      if (wanted(row)) found.push_back(row);
    }
    return found;
  }
  template <class TimeOf>
  std::optional<Time> earliest(TimeOf time_of) {
    const std::lock_guard lock(mutex_);
    std::optional<Time> earliest;
    for (const auto& [key, row] : state_.outbox)
      if (const auto time = time_of(row); time && (!earliest || *time < *earliest)) earliest = time;
    return earliest;
  }

  const Post post_;
  mutable std::mutex mutex_;
  MemoryState state_;
  Statistics statistics_;
};

}  // namespace

std::unique_ptr<Journal> open_memory(Post post) { return std::make_unique<MemoryJournal>(std::move(post)); }

}  // namespace penstock::journal
