// The journal's port as one run of a daemon has it.
#pragma once

#include "tests/simulation/disk.hpp"

namespace penstock::simulation {

class DaemonsJournal : public journal::Journal, journal::Shared {
 public:
  DaemonsJournal(Disk& disk, Owner owner, journal::Post post) : disk_(disk), owner_(owner), post_(std::move(post)) {}

  void commit(std::vector<journal::Write> writes, Done done) override {
    disk_.hand_over(owner_, {std::move(writes), std::move(done)});
  }
  core::Result<std::vector<journal::OutboxRow>> claim(core::Time now, core::Time until, int most) override {
    return disk_.claim(owner_, now, until, most);
  }
  core::Result<void> void_leases() override {
    if (const auto refused = disk_.refusal(owner_)) return *refused;
    disk_.free_claims_of(owner_);
    return {};
  }
  core::Result<void> forget(core::Time now) override {
    if (const auto refused = disk_.refusal(owner_)) return *refused;
    return disk_.kept_->forget(now);
  }

  core::Result<StoredLane> lane(const core::LaneKey& key) override { return disk_.kept_->lane(key); }
  core::Result<std::optional<journal::PromotionRow>> promotion(const core::PromotionId& id) override {
    return disk_.kept_->promotion(id);
  }
  core::Result<std::optional<journal::CandidateRow>> candidate(const core::CandidateId& id) override {
    return disk_.kept_->candidate(id);
  }
  core::Result<std::optional<journal::PolicyRow>> policy(const core::Digest& digest) override {
    return disk_.kept_->policy(digest);
  }
  core::Result<std::vector<journal::PromotionRow>> promotions(const journal::PromotionQuery& query) override {
    return disk_.kept_->promotions(query);
  }
  core::Result<std::vector<journal::CandidateRow>> candidates(const journal::CandidateQuery& query) override {
    return disk_.kept_->candidates(query);
  }
  core::Result<std::vector<journal::LaneSummary>> lanes() override { return disk_.kept_->lanes(); }
  core::Result<std::vector<journal::LiveSpan>> live_spans(const core::LaneKey& key, std::optional<core::Time> at,
                                                          int limit, std::optional<std::int64_t> before) override {
    return disk_.kept_->live_spans(key, at, limit, before);
  }
  core::Result<std::vector<journal::EventRow>> events(std::int64_t after_seq, int limit) override {
    return disk_.kept_->events(after_seq, limit);
  }
  core::Result<std::vector<journal::EventRow>> events_of(const core::PromotionId& promotion, int limit,
                                                         std::int64_t after_seq) override {
    return disk_.kept_->events_of(promotion, limit, after_seq);
  }
  core::Result<std::int64_t> newest_seq() override { return disk_.kept_->newest_seq(); }
  core::Result<std::vector<journal::AuditRow>> audit(std::int64_t from, int limit) override {
    return disk_.kept_->audit(from, limit);
  }
  core::Result<std::vector<journal::AuditRow>> audit_of(const core::PromotionId& promotion, int limit,
                                                        std::int64_t from) override {
    return disk_.kept_->audit_of(promotion, limit, from);
  }
  core::Result<std::int64_t> audit_size() override { return disk_.kept_->audit_size(); }
  core::Result<std::optional<std::string>> cursor(const std::string& source) override {
    return disk_.kept_->cursor(source);
  }
  core::Result<std::optional<std::string>> remembered(const std::string& key, core::Time now) override {
    return disk_.kept_->remembered(key, now);
  }
  core::Result<std::optional<core::Time>> next_due() override { return disk_.kept_->next_due(); }
  core::Result<std::optional<core::Time>> oldest_due(core::Time now) override { return disk_.kept_->oldest_due(now); }

  journal::Shared* shared() override { return disk_.shared_ ? this : nullptr; }

 private:
  std::int64_t epoch() const override { return owner_; }
  bool in_force() const override { return disk_.membership_.is_in_force(owner_); }
  core::Duration clock_ahead() const override { return disk_.membership_.clock_ahead(owner_); }
  void listen(journal::SharedSignals signals) override {
    disk_.membership_.listen(owner_, [post = post_, signals] { post(signals.events); });
  }
  // Sources and evidence are no part of the simulation.
  core::Result<bool> own_source(const std::string&) override { return false; }
  core::Result<void> pass_nudge(const std::string&, const std::string&) override { return {}; }
  core::Result<std::vector<journal::LaneStanding>> standings(const std::vector<journal::LaneAsked>& asked,
                                                             core::Time now) override {
    std::vector<journal::LaneStanding> all;
    for (const auto& one : asked) {
      const auto lane = disk_.kept_->lane(one.lane);
      if (!lane) return lane.error();
      all.push_back({lane->version, disk_.others_claim(owner_, one.lane, one.kind, now)});
    }
    return all;
  }
  core::Result<void> keep_document(const core::Digest&, std::string_view) override { return {}; }
  core::Result<std::optional<std::string>> document(const core::Digest&) override {
    return std::optional<std::string>();
  }
  core::Result<std::vector<core::Digest>> documents_after(const core::Digest&, int) override {
    return std::vector<core::Digest>();
  }

  Disk& disk_;
  const Owner owner_;
  const journal::Post post_;
};

}  // namespace penstock::simulation
