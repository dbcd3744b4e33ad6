// The engine's inside: the lanes in memory, and the way of a write to the journal and back.
#pragma once

#include <unordered_map>

#include "daemon/engine/decision_write.hpp"
#include "daemon/engine/engine.hpp"
#include "daemon/engine/policy_shelf.hpp"

namespace penstock::engine {

core::Problem no_policy_for(const core::LaneKey& lane);

class Engine::Impl {
 public:
  explicit Impl(Parts parts) : parts_(std::move(parts)), shelf_(parts_.journal), feed_(parts_.executor) {}

  asio::awaitable<core::Result<SeenOutcome>> see(SeenCandidate seen);
  asio::awaitable<core::Result<Outcome>> submit(core::Event event, std::string done_key);
  asio::awaitable<core::Result<core::Decision>> plan(core::Event event);
  asio::awaitable<core::Result<core::Decision>> plan(const core::Lane& lane, core::Event event);
  asio::awaitable<core::Result<core::World>> world(core::LaneKey key);
  std::shared_ptr<Simulation> simulation(std::shared_ptr<const core::Policy> policy,
                                         std::function<bool(const std::string& model)> covers, int last);
  asio::awaitable<core::Result<void>> note(audit::Entry entry);
  // A write that touches no lane.
  asio::awaitable<core::Result<void>> commit_alone(journal::Write write);
  asio::awaitable<core::Result<core::Lane>> lane(core::LaneKey key);
  asio::awaitable<core::Result<core::Promotion>> promotion(core::PromotionId id);
  asio::awaitable<core::Result<core::Candidate>> candidate(core::CandidateId id);

  Feed& feed() { return feed_; }
  void on_due(TakeDue take) { take_due_ = std::move(take); }
  void on_audited(std::function<void()> audited) { audited_ = std::move(audited); }

 private:
  // Makes sure that the lane is in memory; the reference is good until the next co_await.
  asio::awaitable<core::Result<void>> load(core::LaneKey key);
  // The lane as the journal has it.
  asio::awaitable<core::Result<core::Lane>> read_lane(core::LaneKey key);
  core::Result<core::Promotion> decode(const journal::PromotionRow& row);
  // The lane in memory when the journal has all of it; nullptr when it must be asked.
  const core::Lane* settled(const core::LaneKey& key) const;
  asio::awaitable<core::Result<core::LaneKey>> lane_of(core::PromotionId id);
  asio::awaitable<core::Result<std::vector<core::PromotionId>>> promotions_of(core::CandidateId id);
  // The answer for a candidate that is journalled already; moves the cursors that came with it.
  asio::awaitable<core::Result<SeenOutcome>> known_candidate(SeenOutcome outcome, const SeenCandidate& seen);
  core::World world_for(const core::LaneKey& lane, core::Time now) const;
  // Reads the state of core::every_lane, once.
  asio::awaitable<core::Result<void>> know_what_holds_everywhere();
  // Takes a decision into memory and gives what must be journalled of it.
  DecisionWrite accept(core::Lane& lane, core::Decision decision, const core::Event& event, core::Time now);
  // Journals the writes in one transaction. After the fsync it publishes the events and hands over what is due.
  asio::awaitable<std::vector<core::Result<journal::Receipt>>> commit(std::vector<DecisionWrite> writes);
  // What is still needed of a write once the journal has it.
  struct Handed {
    std::optional<core::LaneKey> lane;
    std::vector<core::Digest> policies;
    std::vector<journal::EventRow> events;
    std::vector<journal::OutboxRow> due_now;
    std::optional<core::Time> next_due;
    bool audited = false;  // it has entries for the audit log
  };
  static Handed handed(DecisionWrite& decision);
  void committed(Handed& done, const journal::Receipt& receipt);
  void settle(const Handed& done);
  void keep(const core::CandidateId& id, const core::Candidate& candidate);
  void forget(const core::LaneKey& key) { lanes_.erase(key); }

  Parts parts_;
  PolicyShelf shelf_;
  Feed feed_;
  TakeDue take_due_;
  std::function<void()> audited_;
  // What is here may be ahead of the journal by the writes that are on their way. A write that fails is noticed by its
  // version: the lane is forgotten and read again.
  std::map<core::LaneKey, core::Lane> lanes_;
  // The state of core::every_lane, which every decision asks.
  std::optional<core::LaneState> everywhere_;  // of core::every_lane
  // How many writes of a lane are on their way. Nobody is told what is not journalled yet.
  std::map<core::LaneKey, int> on_their_way_;
  std::unordered_map<core::PromotionId, core::LaneKey> lane_of_;
  // Candidates that were seen or asked for lately: each check of a promotion asks for the same one.
  std::map<core::CandidateId, core::Candidate> candidates_;
};

}  // namespace penstock::engine
