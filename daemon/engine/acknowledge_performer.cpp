#include "daemon/engine/acknowledge_performer.hpp"

#include <algorithm>

#include "daemon/runtime/log.hpp"

namespace penstock::engine {
namespace {

constexpr core::Duration pause_after_failure = std::chrono::seconds(5);
constexpr core::Duration shortest_pause = std::chrono::milliseconds(200);
constexpr core::Duration longest_pause = std::chrono::seconds(5);
constexpr std::size_t most_remembered = 10'000;

core::Duration acknowledgement_pause(int tries) {
  return std::min(longest_pause, shortest_pause * std::clamp(tries, 1, 25));
}

}  // namespace

bool AcknowledgePerformer::has_all(const std::vector<std::string>& names, std::int64_t entries) const {
  const auto states = parts_.states ? parts_.states() : std::vector<core::AcknowledgerState>();
  return std::all_of(names.begin(), names.end(), [&](const std::string& name) {
    return std::any_of(states.begin(), states.end(), [&](const core::AcknowledgerState& state) {
      return state.name == name && state.at && state.entries >= static_cast<std::uint64_t>(entries);
    });
  });
}

// Kept between tries: where entries come all the time, whoever asks anew each time never has them all.
asio::awaitable<std::optional<std::int64_t>> AcknowledgePerformer::needed(std::string key) {
  if (const auto known = needed_.find(key); known != needed_.end()) co_return known->second;
  auto read = [this] { return parts_.journal.audit_size(); };
  const auto size = co_await parts_.pool.run(std::move(read));
  if (!size) {
    runtime::log_warning("acknowledgement.failed", {{"key", key}, {"problem", core::to_text(size.error())}});
    co_return std::nullopt;
  }
  if (needed_.size() >= most_remembered) needed_.clear();
  needed_[key] = *size;
  co_return *size;
}

asio::awaitable<Performed> AcknowledgePerformer::perform(const core::Command& wish, const journal::OutboxRow& row) {
  const auto command = std::get<core::AskAcknowledgement>(wish);
  const auto key = row.key;
  const auto entries = co_await needed(key);
  if (!entries) co_return TryAgain{parts_.clock.now() + pause_after_failure};
  const auto promotion = co_await parts_.engine.promotion(command.promotion);
  if (!promotion && promotion.error().code != "unknown-promotion")
    co_return TryAgain{parts_.clock.now() + pause_after_failure};
  const bool is_wanted = promotion && promotion->acknowledgement &&
                         promotion->acknowledgement->number == command.number &&
                         !promotion->acknowledgement->given_at && !core::is_end(promotion->phase);
  if (is_wanted && !has_all(promotion->policy->audit.acknowledged_by, *entries))
    co_return TryAgain{parts_.clock.now() + acknowledgement_pause(row.tries)};
  needed_.erase(key);
  if (!is_wanted) co_return NothingToDo{};
  core::Event event = core::EntriesAcknowledged{command.promotion, command.number, *entries};
  co_return event;
}

}  // namespace penstock::engine
