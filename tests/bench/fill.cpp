// bench_fill [--sqlite FILE] [--finished N] [--open N] [--watched N]: a journal of N promotions of each kind, in the
// file or else in the PostgreSQL of $PENSTOCK_POSTGRES. The core decides and the engine's own rows are written, one
// Write for a promotion.
//
//   finished   over 1000 lanes; four gates passed; all but the last of a lane are replaced
//   open       a lane for each; the gates passed, and a person is awaited
//   watched    a lane for each; live, and looked at every minute for a day
#include <CLI/CLI.hpp>
#include <future>
#include <iostream>

#include "daemon/engine/decision_write.hpp"
#include "tests/bench/promotions.hpp"

namespace {

using namespace penstock;
using namespace penstock::bench;
using namespace std::chrono_literals;

constexpr std::size_t at_once = 2000;

// Promotions number 0 to `count` over as many lanes as there are to be.
struct Kind {
  std::string name;
  int lanes;
  int count;
  std::shared_ptr<const core::Policy> policy;
};

core::Candidate candidate_of(const Kind& kind, int number) {
  return candidate(kind.name + "-" + std::to_string(number % kind.lanes), number);
}

core::Policy policy(const std::string& name) {
  core::Policy made;
  made.name = name;
  made.model = name + "-*";
  made.environment = "production";
  for (const char* stage : {"one", "two", "three", "four"}) made.stages.push_back({stage, {gate(stage)}});
  return made;
}

core::Policy asking_people() {
  auto made = policy("open");
  core::ApprovalRule rule;
  rule.group = "release-managers";
  made.approvals.push_back(rule);
  return made;
}

core::Policy watching() {
  auto made = policy("watched");
  core::WatchSpec watch;
  watch.every = 1min;
  watch.gates.push_back(gate("still-there"));
  made.watch = watch;
  return made;
}

core::Result<void> commit(journal::Journal& journal, std::vector<journal::Write> writes) {
  std::promise<core::Result<void>> done;
  journal.commit(std::move(writes), [&](std::vector<core::Result<journal::Receipt>> receipts) {
    for (const auto& receipt : receipts)
      if (!receipt) return done.set_value(receipt.error());
    done.set_value(core::Result<void>());
  });
  return done.get_future().get();
}

core::Result<void> fill(journal::Journal& journal, const Kind& kind) {
  std::vector<core::Lane> open(static_cast<std::size_t>(kind.lanes));
  for (int i = 0; i < kind.lanes; ++i)
    open[static_cast<std::size_t>(i)].key = {kind.name + "-" + std::to_string(i), "production"};
  const auto begun = std::chrono::time_point_cast<core::Duration>(std::chrono::system_clock::now());
  std::vector<journal::Write> writes;
  for (int number = 0; number < kind.count; ++number) {
    auto& lane = open[static_cast<std::size_t>(number % kind.lanes)];
    const auto candidate = candidate_of(kind, number);
    const auto document = core::canonical_bytes(candidate);
    const auto id = runtime::sha256(document);
    const auto now = begun + core::Duration(number);
    const auto promotion = kind.name + "-p-" + std::to_string(number);
    core::Event event = core::CandidateSeen{promotion, id, candidate.version, {}, "bench", "api", kind.policy};
    auto decision = core::advance(lane, event, now);
    for (const auto& stage : kind.policy->stages) {
      event = passed(core::RunCheck{promotion, stage.name, 1, now, now}, now);
      decision = core::advance(decision.lane, event, now);
    }
    auto made = engine::write_of(lane, decision, event, audit::Stamp{now});
    made.write.new_candidates.push_back({id, document, candidate.model, candidate.version, "bench", "api", now});
    if (number == 0) made.write.policies.push_back({kind.policy->digest, core::canonical_bytes(*kind.policy)});
    writes.push_back(std::move(made.write));
    lane = std::move(decision.lane);
    ++lane.version;
    core::without_ended(lane);
    if (writes.size() < at_once && number + 1 < kind.count) continue;
    if (auto kept = commit(journal, std::exchange(writes, {})); !kept) return kept;
  }
  return core::Result<void>();
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Fills a journal for the benchmarks");
  std::string sqlite;
  Kind past{"filled", 1000, 0, finished(policy("filled"))};
  Kind open{"open", 0, 0, finished(asking_people())};
  Kind watched{"watched", 0, 0, finished(watching())};
  app.add_option("--sqlite", sqlite);
  app.add_option("--finished", past.count);
  app.add_option("--open", open.count);
  app.add_option("--watched", watched.count);
  CLI11_PARSE(app, argc, argv);
  open.lanes = open.count;
  watched.lanes = watched.count;
  auto journal = opened(sqlite);
  if (!journal) {
    std::cerr << core::to_text(journal.error()) << '\n';
    return 1;
  }
  for (const auto* kind : {&past, &open, &watched}) {
    const auto filled = fill(**journal, *kind);
    if (filled) continue;
    std::cerr << core::to_text(filled.error()) << '\n';
    return 1;
  }
}
