#include "daemon/engine/engine.hpp"

#include "daemon/engine/engine_impl.hpp"

namespace penstock::engine {
namespace {

// How often a decision is made anew because another one came first.
constexpr int most_attempts = 16;

core::Problem gave_up(const core::LaneKey& key) {
  return {"conflict", "the lane changed " + std::to_string(most_attempts) + " times while this was being decided",
          core::to_text(key), "try again", true};
}

}  // namespace

Engine::Engine(Parts parts) : impl_(std::make_unique<Impl>(std::move(parts))) {}
Engine::~Engine() = default;

asio::awaitable<core::Result<SeenOutcome>> Engine::see(SeenCandidate seen) { return impl_->see(std::move(seen)); }
asio::awaitable<core::Result<Outcome>> Engine::submit(core::Event event, std::string done_key) {
  return impl_->submit(std::move(event), std::move(done_key));
}
asio::awaitable<core::Result<void>> Engine::postpone(journal::OutboxRow row, core::Time due) {
  row.due = due;
  row.leased_until.reset();
  journal::Write write;
  write.outbox.push_back(std::move(row));
  return impl_->commit_alone(std::move(write));
}
asio::awaitable<core::Result<void>> Engine::renew(std::vector<journal::OutboxRow> rows) {
  journal::Write write;
  write.outbox = std::move(rows);
  return impl_->commit_alone(std::move(write));
}
asio::awaitable<core::Result<void>> Engine::divide(std::string key, std::vector<journal::OutboxRow> rows) {
  journal::Write write;
  write.drop_keys.push_back(std::move(key));
  write.outbox = std::move(rows);
  return impl_->commit_alone(std::move(write));
}
asio::awaitable<void> Engine::answered() { return impl_->answered(); }
asio::awaitable<core::Result<void>> Engine::drop(std::string key) {
  journal::Write write;
  write.drop_keys.push_back(std::move(key));
  return impl_->commit_alone(std::move(write));
}
asio::awaitable<core::Result<void>> Engine::set_cursor(std::string source, std::string cursor) {
  journal::Write write;
  write.cursors.emplace(std::move(source), std::move(cursor));
  return impl_->commit_alone(std::move(write));
}
asio::awaitable<core::Result<void>> Engine::remember(journal::Write::Remembered answer) {
  journal::Write write;
  write.remember.push_back(std::move(answer));
  return impl_->commit_alone(std::move(write));
}
asio::awaitable<core::Result<LaneThen>> Engine::lane(core::LaneKey key) { return impl_->lane(std::move(key)); }
asio::awaitable<core::Result<LaneThen>> Engine::lane_to_act_in(core::LaneKey key, std::string kind) {
  return impl_->lane_to_act_in(std::move(key), std::move(kind));
}
asio::awaitable<core::Result<std::optional<LiveCandidate>>> Engine::live_in(LaneThen lane) {
  const auto* live = core::live_in(*lane);
  if (live == nullptr) co_return std::optional<LiveCandidate>();
  auto candidate = co_await impl_->candidate(live->candidate);
  if (!candidate) co_return candidate.error();
  co_return LiveCandidate{live->id, live->candidate, std::move(*candidate), *core::live_since(*live)};
}
asio::awaitable<core::Result<core::Promotion>> Engine::promotion(core::PromotionId id) {
  return impl_->promotion(std::move(id));
}
asio::awaitable<core::Result<core::Candidate>> Engine::candidate(core::CandidateId id) {
  return impl_->candidate(std::move(id));
}
std::shared_ptr<const core::Semaphores> Engine::semaphores() const { return impl_->semaphores(); }
Feed& Engine::feed() { return impl_->feed(); }
void Engine::on_due(TakeDue take) { impl_->on_due(std::move(take)); }
void Engine::catch_up() { impl_->catch_up(); }
void Engine::on_audited(std::function<void()> audited) { impl_->on_audited(std::move(audited)); }
asio::awaitable<core::Result<void>> Engine::note(audit::Entry entry) { return impl_->note(std::move(entry)); }

core::Digest Engine::decision_digest(const core::Promotion& promotion) {
  return runtime::sha256(promotion.candidate.text() + "\n" + promotion.policy->digest.text() + "\n" +
                         findings_digest(promotion).text());
}

core::Digest Engine::findings_digest(const core::Promotion& promotion) {
  return runtime::sha256(core::findings_text(promotion));
}

core::World Engine::Impl::world_for(const core::LaneKey& lane, core::Time now) const {
  core::World world;
  world.digest = runtime::sha256;
  world.people = parts_.people.get();
  world.zones = parts_.zones;
  world.stops = &everywhere_.stops;
  world.delegations = &everywhere_.delegations;
  world.places = &everywhere_.places;
  world.semaphores = semaphores();
  world.fresh_id = parts_.fresh_id("prm_", now);
  for (const auto& policy : parts_.policies_for(lane.model)) {
    if (policy->environment == lane.environment) world.policy = policy;
    if (policy->after && policy->after->environment == lane.environment)
      world.followers.push_back({policy->environment, policy->after->soak});
  }
  return world;
}

asio::awaitable<core::Result<Outcome>> Engine::Impl::submit(core::Event event, std::string done_key) {
  const auto id = core::promotion_of(event);
  bool believed = !shared_;
  for (int attempt = 0; attempt < most_attempts; ++attempt) {
    const auto* named = core::lane_of(event);
    auto key = core::Result<core::LaneKey>(core::LaneKey());
    if (named != nullptr)
      key = *named;
    else
      key = co_await lane_of(id);
    if (!key) co_return key.error();
    std::vector<core::LaneKey> decided_on{*key};
    if (const auto ready = co_await get_ready(std::move(decided_on)); !ready) co_return ready.error();
    const auto now = parts_.clock.now();
    auto decision = core::advance(*lanes_.at(*key), event, now, world_for(*key, now));
    const bool writes_nothing = decision.refused || !decision.ignored.empty();
    if (writes_nothing && !believed) {
      believed = true;
      std::vector<core::LaneKey> lanes{*key};
      if (const auto asked = co_await forget_what_has_moved(std::move(lanes)); !asked) co_return asked.error();
      continue;
    }
    if (decision.refused) co_return *decision.refused;
    if (!decision.ignored.empty()) {
      const auto ignored = decision.ignored;
      std::vector<core::LaneKey> keys{*key};
      const auto is_kept = co_await is_what_came_first_kept(std::move(keys));
      if (!is_kept) co_return is_kept.error();
      if (!*is_kept) continue;
      if (!done_key.empty()) {
        journal::Write write;
        write.drop_keys.push_back(done_key);
        if (const auto dropped = co_await commit_alone(std::move(write)); !dropped) co_return dropped.error();
      }
      if (named != nullptr) co_return Outcome{{}, ignored, feed_.newest()};
      auto found = co_await promotion(id);
      if (!found) co_return found.error();
      co_return Outcome{std::move(*found), ignored, feed_.newest()};
    }
    const auto* subject = core::find(decision.lane, id);
    auto after = subject == nullptr ? core::Promotion() : *subject;
    std::vector<DecisionWrite> writes;
    writes.push_back(accept(std::move(decision), event, now));
    if (!done_key.empty()) writes.front().write.drop_keys.push_back(done_key);
    const auto receipts = co_await commit(std::move(writes));
    if (receipts.front()) co_return Outcome{std::move(after), "", receipts.front()->last_seq};
    if (receipts.front().error().code != "conflict") co_return receipts.front().error();
    doubt_what_holds_everywhere();
  }
  co_return gave_up({id, "its lane"});
}

asio::awaitable<core::Result<SeenOutcome>> Engine::Impl::known_candidate(SeenOutcome outcome,
                                                                         const SeenCandidate& seen) {
  auto known = co_await promotions_of(outcome.id);
  if (!known) co_return known.error();
  outcome.promotions = std::move(*known);
  if (!seen.cursors.empty()) {
    journal::Write write;
    write.cursors = seen.cursors;
    if (const auto moved = co_await commit_alone(std::move(write)); !moved) co_return moved.error();
  }
  co_return outcome;
}

asio::awaitable<core::Result<SeenOutcome>> Engine::Impl::see(SeenCandidate seen) {
  const auto document = core::canonical_bytes(seen.candidate);
  SeenOutcome outcome{runtime::sha256(document), false, {}};
  auto policies = parts_.policies_for(seen.candidate.model);
  const auto is_elsewhere = [&](const auto& policy) { return policy->environment != seen.environment; };
  if (!seen.environment.empty()) std::erase_if(policies, is_elsewhere);
  if (policies.empty() && !seen.environment.empty()) co_return no_policy_for({seen.candidate.model, seen.environment});
  // A lane that follows another one is opened by it alone.
  const auto follows = [](const auto& policy) { return policy->after.has_value(); };
  const bool any = !policies.empty();
  if (seen.environment.empty()) std::erase_if(policies, follows);
  if (any && policies.empty())
    co_return core::Problem{"no-policy", "every lane of the model `" + seen.candidate.model + "` follows another one",
                            "", "write a policy without `after` for the environment that comes first", false};
  if (policies.empty())
    co_return core::Problem{"no-policy", "no policy covers the model `" + seen.candidate.model + "`", "",
                            "write a policy whose `model` matches it, or submit it under a name that one covers",
                            false};
  // With one lane the journal itself refuses a candidate that is known. With several, whether it is known decides for
  // all of them at once, so it is asked first.
  auto is_known = false;
  if (seen.again || policies.size() > 1) {
    const auto id = outcome.id;
    auto work = [this, id] { return parts_.journal.candidate(id); };
    auto stored = co_await parts_.pool.run(std::move(work));
    if (!stored) co_return stored.error();
    is_known = stored->has_value();
    if (seen.unless_since && is_known) {
      journal::PromotionQuery query;
      query.model = seen.candidate.model;
      query.environment = seen.environment;
      query.candidate = id;
      query.limit = 1;
      auto newest = [this, query] { return parts_.journal.promotions(query); };
      const auto found = co_await parts_.pool.run(std::move(newest));
      if (!found) co_return found.error();
      if (!found->empty() && found->front().opened_at >= *seen.unless_since)
        co_return co_await known_candidate(std::move(outcome), seen);
    }
    if (is_known && !seen.again) co_return co_await known_candidate(std::move(outcome), seen);
  }
  bool believed = !shared_;
  for (int attempt = 0; attempt < most_attempts; ++attempt) {
    const auto key_of = [&](const auto& policy) { return core::LaneKey{seen.candidate.model, policy->environment}; };
    std::vector<core::LaneKey> lanes;
    for (const auto& policy : policies) lanes.push_back(key_of(policy));
    // Named before it is awaited: GCC 12 destroys what stands in a co_await expression twice.
    auto decided_on = lanes;
    if (const auto ready = co_await get_ready(std::move(decided_on)); !ready) co_return ready.error();
    const auto now = parts_.clock.now();
    std::vector<std::pair<core::CandidateSeen, core::Decision>> decided;
    outcome.promotions.clear();
    outcome.ignored.clear();
    for (const auto& policy : policies) {
      const auto& lane = *lanes_.at(key_of(policy));
      core::CandidateSeen event{parts_.fresh_id("prm_", now),
                                outcome.id,
                                seen.candidate.version,
                                seen.candidate.authors,
                                seen.submitter,
                                seen.trigger,
                                policy};
      auto decision = core::advance(lane, event, now, world_for(lane.key, now));
      if (decision.ignored.empty())
        decided.emplace_back(std::move(event), std::move(decision));
      else
        outcome.ignored = decision.ignored;
    }
    if (!outcome.ignored.empty() && !believed) {
      believed = true;
      if (const auto asked = co_await forget_what_has_moved(std::move(lanes)); !asked) co_return asked.error();
      continue;
    }
    std::vector<DecisionWrite> writes;
    for (auto& [event, decision] : decided) {
      outcome.promotions.push_back(event.promotion);
      writes.push_back(accept(std::move(decision), event, now));
    }
    if (writes.empty()) {
      const auto is_kept = co_await is_what_came_first_kept(std::move(lanes));
      if (!is_kept) co_return is_kept.error();
      if (!*is_kept) continue;
      co_return co_await known_candidate(std::move(outcome), seen);
    }
    auto& first = writes.front().write;
    if (!is_known)
      first.new_candidates.push_back(
          {outcome.id, document, seen.candidate.model, seen.candidate.version, seen.submitter, seen.trigger, now});
    first.cursors = seen.cursors;
    const auto receipts = co_await commit(std::move(writes));
    std::string failed;
    for (const auto& receipt : receipts)
      if (!receipt) failed = receipt.error().code;
    if (failed.empty()) {
      outcome.created = outcome.created || !is_known;
      keep(outcome.id, seen.candidate);
      co_return outcome;
    }
    // The candidate came with the first write: when that one is kept, a retry for the other lanes must not bring it
    // again.
    const auto first_kept = receipts.front().has_value();
    if (failed == "duplicate" && !first_kept) co_return co_await known_candidate(std::move(outcome), seen);
    for (const auto& receipt : receipts)
      if (!receipt && receipt.error().code != "conflict") co_return receipt.error();
    doubt_what_holds_everywhere();
    outcome.created = outcome.created || (first_kept && !is_known);
    is_known = is_known || first_kept;
  }
  co_return gave_up({seen.candidate.model, "its environments"});
}

}  // namespace penstock::engine
