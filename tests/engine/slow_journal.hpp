// A journal whose answers come late.
#pragma once

#include <atomic>
#include <thread>

#include "daemon/journal/journal.hpp"

namespace penstock::tests {

using namespace std::chrono_literals;

// Keeps nothing until it is released, as a disk that takes its time.
class SlowJournal : public journal::Journal {
 public:
  explicit SlowJournal(journal::Journal& inner) : inner_(inner) {}
  // The first of what waits may fail, as on a disk that has room a moment later.
  void release(bool first_fails = false) {
    held = false;
    for (auto& [writes, done] : std::exchange(waiting_, {})) {
      if (std::exchange(first_fails, false))
        done({core::Problem{"journal-full", "there is no room", "", "make room", true}});
      else
        inner_.commit(std::move(writes), std::move(done));
    }
  }
  // And the rest waits on.
  void fail_first() {
    auto [writes, done] = std::move(waiting_.front());
    waiting_.erase(waiting_.begin());
    done({core::Problem{"journal-full", "there is no room", "", "make room", true}});
  }
  std::size_t waiting() const { return waiting_.size(); }
  // Gives what was kept back.
  void answer() {
    holds_answers = false;
    for (auto& answer : std::exchange(answers_, {})) answer();
  }
  void commit(std::vector<journal::Write> writes, Done done) override {
    if (holds_answers)
      return inner_.commit(std::move(writes),
                           [this, done](auto receipts) { answers_.push_back([done, receipts] { done(receipts); }); });
    if (!held) return inner_.commit(std::move(writes), std::move(done));
    waiting_.emplace_back(std::move(writes), std::move(done));
  }
  core::Result<StoredLane> lane(const core::LaneKey& key) override {
    auto read = inner_.lane(key);
    // One that has been read comes late.
    if (holds_a_read.exchange(false))
      while (!lets_read_go) std::this_thread::sleep_for(1ms);
    return read;
  }
  core::Result<std::optional<journal::PromotionRow>> promotion(const core::PromotionId& id) override {
    ++promotions_read;
    return inner_.promotion(id);
  }
  core::Result<std::optional<journal::CandidateRow>> candidate(const core::CandidateId& id) override {
    return inner_.candidate(id);
  }
  core::Result<std::optional<journal::PolicyRow>> policy(const core::Digest& digest) override {
    if (is_away) return away();
    return inner_.policy(digest);
  }
  core::Result<std::vector<journal::PromotionRow>> promotions(const journal::PromotionQuery& query) override {
    return inner_.promotions(query);
  }
  core::Result<std::vector<journal::CandidateRow>> candidates(const journal::CandidateQuery& query) override {
    return inner_.candidates(query);
  }
  core::Result<std::vector<journal::LaneSummary>> lanes() override { return inner_.lanes(); }
  core::Result<std::vector<journal::LiveSpan>> live_spans(const core::LaneKey& key, std::optional<core::Time> at,
                                                          int limit, std::optional<std::int64_t> before) override {
    return inner_.live_spans(key, at, limit, before);
  }
  core::Result<std::vector<journal::EventRow>> events(std::int64_t after, int limit) override {
    if (!is_away) return inner_.events(after, limit);
    ++failed_reads;
    return away();
  }
  core::Result<std::vector<journal::EventRow>> events_of(const core::PromotionId& id, int limit,
                                                         std::int64_t after_seq) override {
    return inner_.events_of(id, limit, after_seq);
  }
  core::Result<std::int64_t> newest_seq() override { return inner_.newest_seq(); }
  core::Result<std::vector<journal::AuditRow>> audit(std::int64_t from, int limit) override {
    return inner_.audit(from, limit);
  }
  core::Result<std::vector<journal::AuditRow>> audit_of(const core::PromotionId& id, int limit,
                                                        std::int64_t from) override {
    return inner_.audit_of(id, limit, from);
  }
  core::Result<std::int64_t> audit_size() override { return inner_.audit_size(); }
  core::Result<std::optional<std::string>> cursor(const std::string& source) override { return inner_.cursor(source); }
  core::Result<std::optional<std::string>> remembered(const std::string& key, core::Time now) override {
    return inner_.remembered(key, now);
  }
  core::Result<std::vector<journal::OutboxRow>> claim(core::Time now, core::Time until, int most) override {
    return inner_.claim(now, until, most);
  }
  core::Result<std::optional<core::Time>> next_due() override { return inner_.next_due(); }
  core::Result<std::optional<core::Time>> oldest_due(core::Time now) override { return inner_.oldest_due(now); }
  core::Result<void> void_leases() override { return inner_.void_leases(); }
  core::Result<void> forget(core::Time now) override { return inner_.forget(now); }

  bool held = false;
  bool holds_answers = false;  // what is kept is not told
  std::atomic<bool> holds_a_read = false, lets_read_go = false;
  std::atomic<int> promotions_read = 0;
  std::atomic<bool> is_away = false;  // neither events nor policies can be read
  std::atomic<int> failed_reads = 0;

 private:
  static core::Problem away() { return {"journal-failed", "the database is away", "", "see that it runs", true}; }

  journal::Journal& inner_;
  std::vector<std::pair<std::vector<journal::Write>, Done>> waiting_;
  std::vector<std::function<void()>> answers_;
};

}  // namespace penstock::tests
