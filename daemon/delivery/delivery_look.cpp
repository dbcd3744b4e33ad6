// Looks at whether what was delivered is still there.
#include <algorithm>

#include "daemon/delivery/delivery_performer.hpp"
#include "daemon/runtime/log.hpp"

namespace penstock::delivery {
namespace asio = engine::asio;
namespace {

// Longer than that is a registry that hangs.
constexpr core::Duration longest_look = std::chrono::minutes(2);

struct ToEvent {
  const core::LookAt& command;

  core::Event operator()(const sdk::Kept& kept) const { return seen(core::Effect::kept, kept.observed); }
  core::Event operator()(const sdk::Drifted& drifted) const { return seen(core::Effect::drifted, drifted.observed); }
  core::Event operator()(const sdk::Unreadable& unreadable) const {
    return seen(core::Effect::unreadable, unreadable.why);
  }
  core::Event operator()(const core::Problem& problem) const {
    runtime::log_warning(
        "delivery.not_seen",
        {{"promotion", command.promotion}, {"delivery", command.delivery}, {"problem", core::to_text(problem)}});
    return seen(core::Effect::unknown,
                problem.where.empty() ? problem.message : problem.message + " (" + problem.where + ")");
  }

 private:
  core::Event seen(core::Effect effect, const std::string& observed) const {
    return core::EffectSeen{command.promotion, command.delivery, command.number, effect, observed};
  }
};

}  // namespace

asio::awaitable<engine::Performed> DeliveryPerformer::look(core::LookAt command, int try_number) {
  auto promotion = co_await parts_.engine.promotion(command.promotion);
  if (!promotion) {
    if (promotion.error().code == "unknown-promotion") co_return engine::NothingToDo{};
    co_return engine::TryAgain{parts_.clock.now() + std::chrono::seconds(5)};
  }
  if (!core::is_live(promotion->phase)) co_return engine::NothingToDo{};
  const auto& specs = promotion->policy->deliveries;
  const auto spec =
      std::find_if(specs.begin(), specs.end(), [&](const auto& one) { return one.name == command.delivery; });
  if (spec == specs.end()) co_return engine::NothingToDo{};
  auto chosen = *spec;  // the promotion it belongs to is handed on
  const core::Deliver as_delivered{command.promotion, command.delivery, 0, parts_.clock.now() + longest_look};
  auto request = co_await request_for(std::move(*promotion), as_delivered, try_number);
  auto outcome = sdk::Look(core::Problem());
  if (request)
    outcome = co_await look_at(std::move(chosen), std::move(*request));
  else
    outcome = request.error();
  co_return std::visit(ToEvent{command}, outcome);
}

asio::awaitable<sdk::Look> DeliveryPerformer::look_at(core::DeliverySpec spec, sdk::DeliveryRequest request) {
  const auto configured = find(spec);
  if (!configured) co_return sdk::Look(configured.error());
  const auto& delivery = *configured;
  const auto left = request.deadline - parts_.clock.now() + parts_.winding_up;
  // Named, because GCC 12 destroys a closure inside a co_await expression twice.
  auto work = [this, delivery, request] {
    const auto lease = parts_.lender.lend(delivery.loan, request.deadline);
    return delivery.act->look(request, lease->tools());
  };
  auto outcome = co_await threads_for(delivery.loan).run_for(left, std::move(work));
  if (outcome) co_return std::move(*outcome);
  co_return sdk::Look(
      core::Problem{"timeout", "the look did not end within " + core::to_text(longest_look), spec.name, "", true});
}

}  // namespace penstock::delivery
