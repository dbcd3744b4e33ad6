// How the engine reads from the journal and writes to it.
#include <boost/asio/async_result.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "daemon/core/planted.hpp"
#include "daemon/engine/engine_impl.hpp"

namespace penstock::engine {
namespace {

// More are not kept in memory at once, but read again when something happens to them. Both numbers are for memory: a
// benchmark of 10 000 watched lanes (watched_rss_mb) shows what they are worth.
constexpr std::size_t most_lanes = 1'000;
constexpr std::size_t most_candidates = 1'000;

}  // namespace

// Work that captures more than pointers and numbers is named before it is awaited: GCC 12 destroys the captures of a
// closure that stands in a co_await expression twice.

asio::awaitable<core::Result<void>> Engine::Impl::load(core::LaneKey key) {
  while (!lanes_.contains(key)) {
    // It was forgotten with writes on their way, of which the journal does not tell yet. Refused or not, this one is
    // answered after them.
    if (on_their_way_.contains(key)) {
      co_await commit_alone(journal::Write());
      continue;
    }
    const auto forgotten_before = forgotten_;
    auto read = co_await read_lane(key);
    if (!read) co_return read.error();
    if (lanes_.contains(key)) break;  // somebody else was quicker, and may be ahead by now
    // Or was ahead, and has forgotten it: then what was read may be of before that.
    if (forgotten_ != forgotten_before) continue;
    if (lanes_.size() >= most_lanes) forget_all();
    for (const auto& promotion : (*read)->promotions) lane_of_[promotion.id] = key;
    lanes_.emplace(key, std::move(*read));
  }
  co_return core::Result<void>();
}

core::Result<core::Promotion> Engine::Impl::decode(const journal::PromotionRow& row) {
  return core::decode_promotion(row.document, [this](const core::Digest& digest) { return shelf_.find(digest); });
}

asio::awaitable<core::Result<LaneThen>> Engine::Impl::read_lane(core::LaneKey key) {
  auto work = [this, key]() -> core::Result<LaneThen> {
    auto stored = parts_.journal.lane(key);
    if (!stored) return stored.error();
    auto state = core::lane_state_from_json(stored->state);
    if (!state) return state.error();
    core::Lane lane{key, stored->version, {}, std::move(*state)};
    for (const auto& row : stored->promotions) {
      auto promotion = decode(row);
      if (!promotion) return promotion.error();
      lane.promotions.push_back(std::move(*promotion));
    }
    return std::make_shared<const core::Lane>(std::move(lane));
  };
  co_return co_await parts_.pool.run(std::move(work));
}

LaneThen Engine::Impl::journalled(const core::LaneKey& key) const {
  if (const auto writes = on_their_way_.find(key); writes != on_their_way_.end()) return writes->second.journalled;
  const auto lane = lanes_.find(key);
  return lane == lanes_.end() ? nullptr : lane->second;
}

asio::awaitable<core::Result<core::LaneKey>> Engine::Impl::lane_of(core::PromotionId id) {
  if (const auto found = lane_of_.find(id); found != lane_of_.end()) co_return found->second;
  auto work = [this, id] { return parts_.journal.promotion(id); };
  auto row = co_await parts_.pool.run(std::move(work));
  if (!row) co_return row.error();
  if (!*row)
    co_return core::Problem{"unknown-promotion", "there is no promotion `" + id + "`", "",
                            "list them with GET /v1/promotions", false};
  co_return (*row)->lane;
}

asio::awaitable<core::Result<core::Promotion>> Engine::Impl::promotion(core::PromotionId id) {
  if (const auto found = lane_of_.find(id); found != lane_of_.end() && journalled(found->second)) {
    const auto known = co_await lane(found->second);
    if (!known) co_return known.error();
    if (const auto* promotion = core::find(**known, id)) co_return *promotion;
  }
  auto work = [this, id]() -> core::Result<core::Promotion> {
    auto row = parts_.journal.promotion(id);
    if (!row) return row.error();
    if (!*row)
      return core::Problem{"unknown-promotion", "there is no promotion `" + id + "`", "",
                           "list them with GET /v1/promotions", false};
    return decode(**row);
  };
  co_return co_await parts_.pool.run(std::move(work));
}

asio::awaitable<core::Result<core::Candidate>> Engine::Impl::candidate(core::CandidateId id) {
  if (const auto found = candidates_.find(id); found != candidates_.end()) co_return found->second;
  auto work = [this, id]() -> core::Result<core::Candidate> {
    auto row = parts_.journal.candidate(id);
    if (!row) return row.error();
    if (!*row)
      return core::Problem{"unknown-candidate", "there is no candidate " + id.text(), "",
                           "list them with GET /v1/candidates", false};
    return core::stored_candidate_from_json(nlohmann::json::parse((*row)->document, nullptr, false));
  };
  auto read = co_await parts_.pool.run(std::move(work));
  if (read) keep(id, *read);
  co_return read;
}

void Engine::Impl::keep(const core::CandidateId& id, const core::Candidate& candidate) {
  if (candidates_.size() >= most_candidates) candidates_.clear();
  candidates_.emplace(id, candidate);
}

asio::awaitable<core::Result<std::vector<core::PromotionId>>> Engine::Impl::promotions_of(core::CandidateId id) {
  auto work = [this, id]() -> core::Result<std::vector<core::PromotionId>> {
    journal::PromotionQuery query;
    query.candidate = id;
    query.limit = 500;
    auto rows = parts_.journal.promotions(query);
    if (!rows) return rows.error();
    // Newest first: the first of each lane is the one that counts.
    std::vector<core::PromotionId> ids;
    std::set<core::LaneKey> lanes;
    for (const auto& row : *rows)
      if (lanes.insert(row.lane).second) ids.push_back(row.id);
    return ids;
  };
  co_return co_await parts_.pool.run(std::move(work));
}

asio::awaitable<core::Result<LaneThen>> Engine::Impl::lane(core::LaneKey key) {
  std::string nothing;
  if (shared_) co_return co_await lane_to_act_in(std::move(key), std::move(nothing));
  if (auto known = journalled(key)) co_return known;
  if (const auto loaded = co_await load(key); !loaded) co_return loaded.error();
  if (auto known = journalled(key)) co_return known;
  co_return co_await read_lane(std::move(key));
}

DecisionWrite Engine::Impl::accept(core::Decision decision, const core::Event& event, core::Time now) {
  auto& lane = lanes_.at(decision.lane.key);
  auto result = write_of(*lane, decision, event, audit::Stamp{now, parts_.clock.up(), parts_.daemon});
  for (const auto& promotion : decision.lane.promotions) {
    if (core::is_end(promotion.phase)) {
      lane_of_.erase(promotion.id);
      continue;
    }
    lane_of_[promotion.id] = lane->key;
    if (core::find(*lane, promotion.id) != nullptr) continue;
    auto policies = shelf_.to_store(promotion.policy);
    std::move(policies.begin(), policies.end(), std::back_inserter(result.write.policies));
  }
  ++decision.lane.version;
  core::without_ended(decision.lane);
  auto& on_their_way = on_their_way_[lane->key];
  if (on_their_way.writes++ == 0) on_their_way.journalled = lane;
  lane = std::make_shared<const core::Lane>(std::move(decision.lane));
  if (lane->key == core::every_lane) {
    everywhere_ = lane->state;
    everywhere_version_ = lane->version;
  } else {
    // Also of this daemon's own: what was built on a change there that is refused must be refused with it.
    result.write.every_lane_version = everywhere_version_;
  }
  return result;
}

asio::awaitable<std::vector<core::Result<journal::Receipt>>> Engine::Impl::commit(std::vector<DecisionWrite> writes) {
  using Receipts = std::vector<core::Result<journal::Receipt>>;
  co_return co_await asio::async_initiate<decltype(asio::use_awaitable), void(Receipts)>(
      [this](auto handler, std::vector<DecisionWrite> decisions) {
        // The journal's callback must be copyable; what it holds is not.
        auto shared_handler = std::make_shared<decltype(handler)>(std::move(handler));
        auto kept = std::make_shared<std::vector<Handed>>();
        std::vector<journal::Write> rows;
        for (auto& one : decisions) {
          kept->push_back(handed(one));
          rows.push_back(std::move(one.write));
        }
        parts_.journal.commit(std::move(rows), [this, shared_handler, kept](Receipts receipts) {
          for (std::size_t i = 0; i < receipts.size(); ++i) {
            settle((*kept)[i], receipts[i].has_value());
            if (receipts[i])
              committed((*kept)[i], *receipts[i]);
            else
              ++lost_;
          }
          (*shared_handler)(std::move(receipts));
        });
      },
      asio::use_awaitable, std::move(writes));
}

Engine::Impl::Handed Engine::Impl::handed(DecisionWrite& decision) const {
  Handed kept{nullptr, {}, decision.write.events, std::move(decision.due_now), decision.next_due};
  kept.audited = !decision.write.audit.empty();
  if (decision.write.expected_version) kept.lane = lanes_.at(decision.write.lane);
  for (const auto& policy : decision.write.policies) kept.policies.push_back(policy.digest);
  return kept;
}

void Engine::Impl::settle(const Handed& done, bool is_kept) {
  if (!done.lane) return;
  const auto& key = done.lane->key;
  // What is in memory was built on a write that is not there.
  if (!is_kept && !(shared_ && PENSTOCK_PLANTED(8))) forget(key);
  if (!is_kept && key == core::every_lane) everywhere_version_ = unread;
  const auto found = on_their_way_.find(key);
  if (is_kept) found->second.journalled = done.lane;
  if (--found->second.writes == 0) on_their_way_.erase(found);
}

// Called in the order of the commits, before anybody who waits for them goes on.
void Engine::Impl::committed(Handed& done, const journal::Receipt& receipt) {
  for (const auto& policy : done.policies) shelf_.stored(policy);
  auto seq = receipt.last_seq - static_cast<std::int64_t>(done.events.size());
  // Between these and those before them there may be another daemon's.
  const bool next_in_feed = !shared_ || seq == feed_.newest();
  for (auto& event : done.events) event.seq = ++seq;
  if (next_in_feed)
    feed_.publish(done.events);
  else
    catch_up();
  if (done.audited && audited_) audited_();
  if (take_due_ && (!done.due_now.empty() || done.next_due)) take_due_(std::move(done.due_now), done.next_due);
}

asio::awaitable<core::Result<void>> Engine::Impl::note(audit::Entry entry) {
  journal::Write write;
  write.audit.push_back(
      {0, entry.promotion, audit::text_of(entry, audit::Stamp{parts_.clock.now(), parts_.clock.up(), parts_.daemon})});
  return commit_alone(std::move(write));
}

asio::awaitable<core::Result<bool>> Engine::Impl::is_what_came_first_kept(std::vector<core::LaneKey> lanes) {
  const auto is_on_its_way = [this](const core::LaneKey& key) { return on_their_way_.contains(key); };
  if (std::none_of(lanes.begin(), lanes.end(), is_on_its_way)) co_return true;
  const auto lost_before = lost_;
  if (const auto kept = co_await commit_alone(journal::Write()); !kept) co_return kept.error();
  co_return lost_ == lost_before;
}

asio::awaitable<void> Engine::Impl::answered() {
  // Kept or refused, this one is answered after them.
  if (!on_their_way_.empty()) co_await commit_alone(journal::Write());
}

asio::awaitable<core::Result<void>> Engine::Impl::commit_alone(journal::Write write) {
  std::vector<DecisionWrite> writes(1);
  writes.front().write = std::move(write);
  auto& first = writes.front();
  for (const auto& row : first.write.outbox) first.next_due = std::min(first.next_due.value_or(row.due), row.due);
  const auto receipts = co_await commit(std::move(writes));
  if (!receipts.front()) co_return receipts.front().error();
  co_return core::Result<void>();
}

}  // namespace penstock::engine
