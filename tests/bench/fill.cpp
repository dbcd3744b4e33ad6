// bench_fill JOURNAL COUNT: a SQLite journal of COUNT promotions over 1000 lanes, each with four gates that passed. The
// core decides and the engine's own rows are written, one Write for a promotion; all but the last of a lane are
// replaced.
#include <future>
#include <iostream>

#include "daemon/core/codec.hpp"
#include "daemon/engine/decision_write.hpp"
#include "daemon/runtime/digest.hpp"

namespace {

using namespace penstock;

constexpr int lanes = 1000;
constexpr int at_once = 2000;

core::Candidate candidate_of(int number) {
  core::Candidate candidate;
  candidate.model = "filled-" + std::to_string(number % lanes);
  candidate.version = std::to_string(number);
  candidate.labels = {{"owner", "bench"}};
  return candidate;
}

std::shared_ptr<const core::Policy> policy() {
  core::Policy made;
  made.name = "filled";
  made.model = "filled-*";
  made.environment = "production";
  for (const char* name : {"one", "two", "three", "four"})
    made.stages.push_back(
        {name, {core::GateSpec{.name = name, .kind = "candidate-fields", .with = {{"require", {"version"}}}}}});
  made.digest = runtime::sha256(core::canonical_bytes(made));
  return std::make_shared<const core::Policy>(std::move(made));
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

core::Result<void> fill(const std::string& path, int count) {
  auto journal = journal::open_sqlite(path, [](std::function<void()> call) { call(); });
  if (!journal) return journal.error();
  const auto demanded = policy();
  std::vector<core::Lane> open(lanes);
  for (int i = 0; i < lanes; ++i) open[static_cast<std::size_t>(i)].key = {"filled-" + std::to_string(i), "production"};
  const auto begun = std::chrono::time_point_cast<core::Duration>(std::chrono::system_clock::now());
  std::vector<journal::Write> writes;
  for (int number = 0; number < count; ++number) {
    auto& lane = open[static_cast<std::size_t>(number % lanes)];
    const auto candidate = candidate_of(number);
    const auto document = core::canonical_bytes(candidate);
    const auto id = runtime::sha256(document);
    const auto now = begun + core::Duration(number);
    const auto promotion = "p-" + std::to_string(number);
    core::Event event = core::CandidateSeen{promotion, id, candidate.version, {}, "bench", "api", demanded};
    auto decision = core::advance(lane, event, now);
    for (const auto& stage : demanded->stages) {
      core::Finding finding;
      finding.verdict = core::Verdict::passed;
      finding.observed = "nothing is missing";
      finding.at = now;
      event = core::CheckReported{promotion, stage.name, 1, finding};
      decision = core::advance(decision.lane, event, now);
    }
    auto made = engine::write_of(lane, decision, event, audit::Stamp{now});
    made.write.new_candidates.push_back({id, document, candidate.model, candidate.version, "bench", "api", now});
    if (number == 0) made.write.policies.push_back({demanded->digest, core::canonical_bytes(*demanded)});
    writes.push_back(std::move(made.write));
    lane = std::move(decision.lane);
    ++lane.version;
    core::without_ended(lane);
    if (writes.size() < at_once && number + 1 < count) continue;
    if (auto kept = commit(**journal, std::exchange(writes, {})); !kept) return kept;
  }
  return core::Result<void>();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: bench_fill JOURNAL COUNT\n";
    return 2;
  }
  const auto filled = fill(argv[1], std::stoi(argv[2]));
  if (!filled) std::cerr << core::to_text(filled.error()) << '\n';
  return filled ? 0 : 1;
}
