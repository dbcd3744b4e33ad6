// Looks at whether what was delivered is still there.
#include "daemon/delivery/delivery_performer.hpp"
#include "daemon/runtime/log.hpp"

namespace penstock::delivery {
namespace asio = engine::asio;
namespace {

// Longer than that is a registry that hangs.
constexpr core::Duration longest_look = std::chrono::minutes(2);
constexpr core::Duration pause_after_failure = std::chrono::seconds(5);

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

asio::awaitable<engine::Performed> DeliveryPerformer::look(core::LookAt command, const journal::OutboxRow& row) {
  const auto lane = co_await parts_.engine.lane(row.lane);
  if (!lane) co_return engine::TryAgain{parts_.clock.now() + pause_after_failure};
  const auto* promotion = core::find(**lane, command.promotion);
  if (promotion == nullptr || !core::is_live(promotion->phase)) co_return engine::NothingToDo{};
  const auto* spec = spec_of(*promotion->policy, command.delivery);
  if (spec == nullptr) co_return engine::NothingToDo{};
  const core::Deliver as_delivered{command.promotion, command.delivery, 0, parts_.clock.now() + longest_look};
  auto request = co_await request_for(*lane, as_delivered, row.tries);
  if (!request) co_return ToEvent{command}(request.error());
  const auto looked = co_await look_at(*spec, std::move(*request), row.key);
  const auto* missed = std::get_if<engine::Missed>(&looked);
  if (missed == nullptr) co_return std::visit(ToEvent{command}, std::get<sdk::Look>(looked));
  if (*missed == engine::Missed::claim) co_return engine::TryAgain{parts_.clock.now() + pause_after_failure};
  co_return ToEvent{command}(problem_of(*missed, "look", spec->name, longest_look));
}

asio::awaitable<engine::InTurn<sdk::Look>> DeliveryPerformer::look_at(const core::DeliverySpec& spec,
                                                                      sdk::DeliveryRequest request, std::string key) {
  const auto configured = find(spec);
  if (!configured) co_return sdk::Look(configured.error());
  const auto& delivery = *configured;
  engine::Turn turn{parts_.claims, parts_.clock, std::move(key), request.deadline, parts_.winding_up};
  // Named, because GCC 12 destroys a closure inside a co_await expression twice.
  auto work = [this, delivery, request = std::move(request)] {
    const auto lease = parts_.lender.lend(delivery.loan, request.deadline);
    return delivery.act->look(request, lease->tools());
  };
  co_return co_await engine::in_turn(pools_.of(delivery.loan.endpoints), std::move(turn), std::move(work));
}

}  // namespace penstock::delivery
