#include "daemon/engine/follow_performer.hpp"

#include "daemon/runtime/log.hpp"

namespace penstock::engine {
namespace {
constexpr core::Duration pause_after_failure = std::chrono::seconds(30);
}

asio::awaitable<Performed> FollowPerformer::perform(const core::Command& wish, const journal::OutboxRow&) {
  const auto command = std::get<core::Follow>(wish);
  const auto promotion = co_await engine_.promotion(command.promotion);
  if (!promotion && promotion.error().code == "unknown-promotion") co_return NothingToDo{};
  if (!promotion) co_return TryAgain{clock_.now() + pause_after_failure};
  if (!core::is_live(promotion->phase)) co_return NothingToDo{};
  auto candidate = co_await engine_.candidate(promotion->candidate);
  if (!candidate) co_return TryAgain{clock_.now() + pause_after_failure};
  SeenCandidate seen;
  seen.candidate = std::move(*candidate);
  seen.submitter = promotion->submitter;
  seen.trigger = "soaked in " + promotion->lane.environment;
  seen.environment = command.environment;
  seen.again = true;  // it is known from here; one that is open there already is not doubled
  // Nor one that came there and ended, since it is live here: policies that are read again follow it once.
  seen.unless_since = core::live_since(*promotion);
  const auto outcome = co_await engine_.see(std::move(seen));
  if (outcome) co_return NothingToDo{};
  runtime::log_warning("follow.failed", {{"promotion", command.promotion},
                                         {"environment", command.environment},
                                         {"problem", core::to_text(outcome.error())}});
  if (outcome.error().code == "no-policy") co_return NothingToDo{};
  co_return TryAgain{clock_.now() + pause_after_failure};
}

}  // namespace penstock::engine
