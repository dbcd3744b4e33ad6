// bench_keep [--sqlite FILE] [--lanes N] [--gates N] [--deliveries N] [--count N]: what the journal alone keeps, in the
// file or else in the PostgreSQL of $PENSTOCK_POSTGRES. The Writes of every decision of `count` promotions, of as many
// gates and deliveries one after another, are made beforehand; then the lanes (64) hand them over, each the next one
// when the one before is kept. No daemon decides, answers, runs a gate or delivers meanwhile: no daemon on this journal
// and machine can be faster.
#include <CLI/CLI.hpp>
#include <condition_variable>
#include <iostream>
#include <mutex>

#include "daemon/core/codec.hpp"
#include "daemon/engine/decision_write.hpp"
#include "tests/bench/promotions.hpp"

namespace {

using namespace penstock;

core::Policy policy(int gates, int deliveries) {
  core::Policy made;
  made.name = "kept";
  made.model = "kept-*";
  made.environment = "production";
  for (int i = 0; i < gates; ++i)
    made.stages.push_back({"s" + std::to_string(i), {bench::gate("g" + std::to_string(i))}});
  for (int i = 0; i < deliveries; ++i) made.deliveries.push_back({"d" + std::to_string(i), "webhook"});
  return made;
}

// The answer to the command that the promotion now waits for, and the key of that command; nothing when it is live.
std::optional<std::pair<core::Event, std::string>> answer_to(const std::vector<core::Command>& commands,
                                                             core::Time now) {
  for (const auto& command : commands) {
    if (const auto* check = std::get_if<core::RunCheck>(&command))
      return std::pair(bench::passed(*check, now), core::key_of(command));
    if (const auto* deliver = std::get_if<core::Deliver>(&command))
      return std::pair<core::Event, std::string>(
          core::DeliveryConfirmed{deliver->promotion, deliver->delivery, deliver->round, "204 from quick"},
          core::key_of(command));
  }
  return std::nullopt;
}

// All Writes of `count` promotions in this lane, in their order.
std::vector<journal::Write> writes_of(core::Lane lane, const std::shared_ptr<const core::Policy>& policy, int count) {
  std::vector<journal::Write> writes;
  const auto now = std::chrono::time_point_cast<core::Duration>(std::chrono::system_clock::now());
  for (int number = 0; number < count; ++number) {
    const auto candidate = bench::candidate(lane.key.model, number);
    const auto document = core::canonical_bytes(candidate);
    const auto id = runtime::sha256(document);
    const auto promotion = "prm_" + lane.key.model + "_" + std::to_string(number);
    core::Event event = core::CandidateSeen{promotion, id, candidate.version, {}, "bench", "api", policy};
    std::string answered;
    for (;;) {
      auto decision = core::advance(lane, event, now);
      auto made = engine::write_of(lane, decision, event, audit::Stamp{now}).write;
      made.every_lane_version = 0;
      if (answered.empty()) {
        made.new_candidates.push_back({id, document, candidate.model, candidate.version, "bench", "api", now});
        made.policies.push_back({policy->digest, core::canonical_bytes(*policy)});
      } else {
        made.drop_keys.push_back(answered);
      }
      writes.push_back(std::move(made));
      const auto answer = answer_to(decision.commands, now);
      lane = std::move(decision.lane);
      ++lane.version;
      core::without_ended(lane);
      if (!answer) break;
      std::tie(event, answered) = *answer;
    }
  }
  return writes;
}

// Hands over what all lanes have, each lane's Writes one after another.
class Keeping {
 public:
  Keeping(journal::Journal& journal, std::vector<std::vector<journal::Write>> writes)
      : journal_(journal), writes_(std::move(writes)), next_(writes_.size()), open_(writes_.size()) {}

  // Returns when every lane has ended: with its last Write, or the first that is not kept.
  core::Result<void> run() {
    for (std::size_t lane = 0; lane < writes_.size(); ++lane) hand_over(lane);
    std::unique_lock lock(mutex_);
    ended_.wait(lock, [this] { return open_ == 0; });
    if (problem_) return *problem_;
    return {};
  }

 private:
  // For one lane never from two threads at once.
  void hand_over(std::size_t lane) {
    auto& next = next_[lane];
    if (next == writes_[lane].size()) return end(std::nullopt);
    std::vector<journal::Write> one;
    one.push_back(std::move(writes_[lane][next++]));
    journal_.commit(std::move(one), [this, lane](std::vector<core::Result<journal::Receipt>> receipts) {
      if (receipts.front()) return hand_over(lane);
      end(receipts.front().error());
    });
  }

  void end(std::optional<core::Problem> problem) {
    const std::lock_guard lock(mutex_);
    --open_;
    if (problem) problem_ = std::move(problem);
    ended_.notify_one();
  }

  journal::Journal& journal_;
  std::vector<std::vector<journal::Write>> writes_;
  std::vector<std::size_t> next_;
  std::mutex mutex_;
  std::condition_variable ended_;
  std::size_t open_;
  std::optional<core::Problem> problem_;
};

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Measures what a journal keeps");
  std::string sqlite;
  int lanes = 64;
  int gates = 4;
  int deliveries = 0;
  int count = 1000;
  app.add_option("--sqlite", sqlite);
  app.add_option("--lanes", lanes)->check(CLI::PositiveNumber);
  app.add_option("--gates", gates);
  app.add_option("--deliveries", deliveries);
  app.add_option("--count", count);
  CLI11_PARSE(app, argc, argv);
  auto journal = bench::opened(sqlite);
  if (!journal) {
    std::cerr << core::to_text(journal.error()) << '\n';
    return 1;
  }
  const auto of_all = bench::finished(policy(gates, deliveries));
  std::vector<std::vector<journal::Write>> writes;
  for (int i = 0; i < lanes; ++i) {
    core::Lane lane;
    lane.key = {"kept-" + std::to_string(i), "production"};
    writes.push_back(writes_of(std::move(lane), of_all, count / lanes));
  }
  Keeping keeping(**journal, std::move(writes));
  const auto begun = std::chrono::steady_clock::now();
  const auto kept = keeping.run();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
  if (!kept) {
    std::cerr << core::to_text(kept.error()) << '\n';
    return 1;
  }
  const auto transactions = (*journal)->statistics().transactions;
  std::cout << "{\"per_s\": " << count / lanes * lanes / took.count() << ", \"transactions\": " << transactions
            << "}\n";
}
