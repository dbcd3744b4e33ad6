// The engine's inside: the lanes in memory, and the way of a write to the journal and back.
#pragma once

#include <unordered_map>

#include "daemon/engine/decision_write.hpp"
#include "daemon/engine/engine.hpp"
#include "daemon/engine/lane_standings.hpp"
#include "daemon/engine/policy_shelf.hpp"

namespace penstock::engine {

core::Problem no_policy_for(const core::LaneKey& lane);

class Engine::Impl {
 public:
  explicit Impl(Parts parts)
      : parts_(std::move(parts)),
        shelf_(parts_.journal),
        feed_(parts_.executor),
        shared_(parts_.journal.shared() != nullptr),
        standings_({parts_.executor, parts_.journal.shared(), parts_.pool, parts_.clock}) {}

  asio::awaitable<core::Result<SeenOutcome>> see(SeenCandidate seen);
  asio::awaitable<core::Result<Outcome>> submit(core::Event event, std::string done_key);
  asio::awaitable<core::Result<core::Decision>> plan(core::Event event);
  asio::awaitable<core::Result<core::Decision>> plan(const core::Lane& lane, core::Event event);
  asio::awaitable<core::Result<core::World>> world(core::LaneKey key);
  std::shared_ptr<Simulation> simulation(std::shared_ptr<const core::Policy> policy,
                                         std::function<bool(const std::string& model)> covers, int last);
  asio::awaitable<core::Result<void>> note(audit::Entry entry);
  asio::awaitable<void> answered();
  // A write that touches no lane.
  asio::awaitable<core::Result<void>> commit_alone(journal::Write write);
  asio::awaitable<core::Result<LaneThen>> lane(core::LaneKey key);
  asio::awaitable<core::Result<LaneThen>> lane_to_act_in(core::LaneKey key, std::string kind);
  asio::awaitable<core::Result<core::Promotion>> promotion(core::PromotionId id);
  asio::awaitable<core::Result<core::Candidate>> candidate(core::CandidateId id);

  Feed& feed() { return feed_; }
  std::shared_ptr<const core::Semaphores> semaphores() const {
    return parts_.semaphores ? parts_.semaphores() : std::make_shared<const core::Semaphores>();
  }
  void on_due(TakeDue take) { take_due_ = std::move(take); }
  // Publishes what the journal has and the feed has not, in its order; returns at once.
  void catch_up();
  void on_audited(std::function<void()> audited) { audited_ = std::move(audited); }

 private:
  // Makes sure that the lane is in memory; the reference is good until the next co_await.
  asio::awaitable<core::Result<void>> load(core::LaneKey key);
  // The lane as the journal has it.
  asio::awaitable<core::Result<LaneThen>> read_lane(core::LaneKey key);
  core::Result<core::Promotion> decode(const journal::PromotionRow& row);
  // The lane as the journal had it when it last answered; none when it must be asked. Where several daemons write, that
  // may be of yesterday: its version tells.
  LaneThen journalled(const core::LaneKey& key) const;
  asio::awaitable<core::Result<core::LaneKey>> lane_of(core::PromotionId id);
  asio::awaitable<core::Result<std::vector<core::PromotionId>>> promotions_of(core::CandidateId id);
  // The answer for a candidate that is journalled already; moves the cursors that came with it.
  asio::awaitable<core::Result<SeenOutcome>> known_candidate(SeenOutcome outcome, const SeenCandidate& seen);
  core::World world_for(const core::LaneKey& lane, core::Time now) const;
  // Reads the state of core::every_lane; where the daemon has the journal to itself, once.
  asio::awaitable<core::Result<void>> know_what_holds_everywhere();
  // The same for a decision, which the journal refuses when another daemon has moved that lane: once.
  asio::awaitable<core::Result<void>> know_enough_to_decide();
  // Makes sure that what holds everywhere and all these lanes are in memory, and that nothing stands between now and a
  // decision on them: several daemons do not build on what is on its way. The other's write may have given the lane the
  // very version that this one's write wanted to give it, and what was built on the latter would pass for built on the
  // former.
  asio::awaitable<core::Result<void>> get_ready(std::vector<core::LaneKey> lanes);
  // Several daemons: asks for the versions of these lanes and of what holds everywhere, and forgets those that are of
  // yesterday, before a decision that writes nothing is believed.
  asio::awaitable<core::Result<void>> forget_what_has_moved(std::vector<core::LaneKey> lanes);
  // The same after a conflict, which may have been about it; the lane itself is forgotten already.
  void doubt_what_holds_everywhere();
  asio::awaitable<core::Result<void>> read_everywhere();
  asio::awaitable<void> publish_what_is_new();
  // Takes a decision into memory and gives what must be journalled of it.
  DecisionWrite accept(core::Decision decision, const core::Event& event, core::Time now);
  // Journals the writes in one transaction. After the fsync it publishes the events and hands over what is due.
  asio::awaitable<std::vector<core::Result<journal::Receipt>>> commit(std::vector<DecisionWrite> writes);
  // What is still needed of a write once the journal has it.
  struct Handed {
    LaneThen lane;  // as this write leaves it; none when it touches none
    std::vector<core::Digest> policies;
    std::vector<journal::EventRow> events;
    std::vector<journal::OutboxRow> due_now;
    std::optional<core::Time> next_due;
    bool audited = false;  // it has entries for the audit log
  };
  Handed handed(DecisionWrite& decision) const;
  void committed(Handed& done, const journal::Receipt& receipt);
  // A write has been answered: from here its lane is what the journal has, or is to be read again.
  void settle(const Handed& done, bool is_kept);
  void keep(const core::CandidateId& id, const core::Candidate& candidate);
  // Asked before an event is answered that changed nothing: what it came too late for may still be on its way to the
  // journal, which keeps writes in their order. False when something did not arrive there: then decide again.
  asio::awaitable<core::Result<bool>> is_what_came_first_kept(std::vector<core::LaneKey> lanes);
  void forget(const core::LaneKey& key) {
    const auto lane = lanes_.extract(key);
    if (!lane.empty())
      for (const auto& promotion : lane.mapped()->promotions) lane_of_.erase(promotion.id);
    ++forgotten_;
  }
  void forget_all() {
    lanes_.clear();
    lane_of_.clear();
    ++forgotten_;
  }

  Parts parts_;
  PolicyShelf shelf_;
  Feed feed_;
  TakeDue take_due_;
  std::function<void()> audited_;
  // What is here may be ahead of the journal by the writes that are on their way. A write that fails is noticed by its
  // version: the lane is forgotten and read again.
  std::map<core::LaneKey, LaneThen> lanes_;
  std::uint64_t forgotten_ = 0;  // how often lanes were
  std::uint64_t lost_ = 0;       // how many decisions did not reach the journal
  // The state of core::every_lane, which every decision asks.
  core::LaneState everywhere_;
  std::int64_t everywhere_version_ = unread;
  static constexpr std::int64_t unread = -1;
  // Several daemons write to the journal. What is in memory may then be of yesterday: decisions that write are refused
  // by the journal in that case and made again; what is shown, and what writes nothing, is read from the journal.
  const bool shared_;
  LaneStandings standings_;
  bool publishing_ = false;
  bool publish_again_ = false;
  // Writes of a lane that are on their way. Nobody is told what is not journalled yet.
  struct OnTheirWay {
    int writes = 0;
    LaneThen journalled;  // the lane before the first of them that is not answered yet
  };
  std::map<core::LaneKey, OnTheirWay> on_their_way_;
  std::unordered_map<core::PromotionId, core::LaneKey> lane_of_;  // of the promotions in lanes_
  // Candidates that were seen or asked for lately: each check of a promotion asks for the same one.
  std::map<core::CandidateId, core::Candidate> candidates_;
};

}  // namespace penstock::engine
