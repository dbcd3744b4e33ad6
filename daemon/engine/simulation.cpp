#include "daemon/engine/simulation.hpp"

#include "daemon/core/codec.hpp"

namespace penstock::engine {
namespace {

constexpr int page = 250;
// Where a policy covers few models of an environment with many, its promotions are looked for among so many.
constexpr int most_read = 100'000;

// Nobody knows who else promoted at that time, so places are taken to have been there.
std::shared_ptr<const core::Policy> as_replayed(core::Policy policy) {
  policy.semaphore.clear();
  policy.drift.reset();
  for (auto& rule : policy.approvals) rule.remind.reset();
  return std::make_shared<const core::Policy>(std::move(policy));
}

void tell(std::vector<Redecided>& list, const core::Promotion& stored, const Replayed& replayed) {
  if (list.size() == Simulated::most_told) return;
  list.push_back({stored.id, stored.lane, stored.version, *came_to(stored), core::to_json(stored).value("reason", ""),
                  replayed.came_to, replayed.why, replayed.at});
}

bool is_glob(const std::string& pattern) { return pattern.find_first_of("*?") != std::string::npos; }

}  // namespace

Simulation::Simulation(Parts parts)
    : parts_(std::move(parts)),
      forward_(as_replayed(*parts_.policy)),
      back_(as_replayed(core::rollback_policy(*parts_.policy))),
      shelf_(parts_.journal) {}

core::Result<bool> Simulation::step() {
  journal::PromotionQuery query;
  query.environment = parts_.policy->environment;
  if (!is_glob(parts_.policy->model)) query.model = parts_.policy->model;
  query.after = after_;
  query.limit = page;
  const auto rows = parts_.journal.promotions(query);
  if (!rows) return rows.error();
  const auto policy_of = [this](const core::Digest& digest) { return shelf_.find(digest); };
  for (const auto& row : *rows) {
    if (result_.looked_at == parts_.last) return false;
    after_ = row.id;
    if (!parts_.covers(row.lane.model)) continue;
    const auto stored = core::decode_promotion(row.document, policy_of);
    if (!stored) return stored.error();
    redecide(*stored);
  }
  read_ += static_cast<int>(rows->size());
  if (static_cast<int>(rows->size()) < page || result_.looked_at == parts_.last) return false;
  result_.stopped_early = read_ >= most_read;
  return !result_.stopped_early;
}

const GateMatches& Simulation::matches_of(const core::Promotion& stored, const core::Policy& policy) {
  auto& matches = &policy == back_.get() ? back_matches_ : forward_matches_;
  const auto found = matches.find(stored.policy->digest);
  if (found != matches.end()) return found->second;
  return matches.emplace(stored.policy->digest, GateMatches(*stored.policy, policy)).first->second;
}

void Simulation::redecide(const core::Promotion& stored) {
  const auto was = came_to(stored);
  if (!was) {
    ++result_.under_way;
    return;
  }
  ++result_.looked_at;
  const auto& policy = stored.takes_back.empty() ? forward_ : back_;
  const auto replayed = replay(stored, {policy, matches_of(stored, *policy), parts_.zones, parts_.people.get()});
  if (!replayed.came_to) {
    ++result_.untold;
    return tell(result_.unknown, stored, replayed);
  }
  if (replayed.came_to != was) {
    ++result_.different;
    return tell(result_.differing, stored, replayed);
  }
  ++result_.same;
  const auto& steps = stored.deliveries;
  if (!replayed.waited_for_window || steps.empty() || !steps.front().ended_at || replayed.at <= *steps.front().ended_at)
    return;
  ++result_.later;
  tell(result_.postponed, stored, replayed);
}

}  // namespace penstock::engine
