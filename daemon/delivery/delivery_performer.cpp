#include "daemon/delivery/delivery_performer.hpp"

#include <algorithm>

#include "daemon/core/planted.hpp"
#include "daemon/runtime/log.hpp"

namespace penstock::delivery {
namespace asio = engine::asio;
namespace {

// One try. Longer than that is a receiver that hangs.
constexpr core::Duration longest_try = std::chrono::minutes(2);
constexpr std::size_t threads_per_endpoint = 8;

// The step of this command, when it is still to be carried out.
const core::DeliveryStep* awaited(const core::Promotion& promotion, const core::Deliver& command) {
  const auto* delivering = std::get_if<core::Delivering>(&promotion.phase);
  const auto is_it = [&](const core::DeliveryStep& step) {
    return step.name == command.delivery && step.round == command.round && step.state == core::DeliveryState::due;
  };
  for (std::size_t n = 0; n < promotion.deliveries.size(); ++n)
    if ((delivering != nullptr ? n == delivering->step : core::is_live(promotion.phase)) &&
        is_it(promotion.deliveries[n]))
      return &promotion.deliveries[n];
  return nullptr;
}

struct Leaving {
  std::set<core::LaneKey>& acting;
  const core::LaneKey& lane;
  ~Leaving() { acting.erase(lane); }
};

sdk::Refused given_up(int tries, core::Problem last) {
  last.message = "given up after " + std::to_string(tries) + " tries, the last one said: " + last.message;
  return sdk::Refused{std::move(last)};
}

// The turn of this one, which makes no try any more, is not among its tries.
sdk::Refused too_late(const core::Deliver& command, const journal::OutboxRow& row, const core::Problem* last) {
  if (last != nullptr) return given_up(row.tries - 1, *last);
  return sdk::Refused{{"deadline", "it was not confirmed by its deadline " + core::to_text(command.deadline), "",
                       "retry or reject", false}};
}

struct ToPerformed {
  const core::Deliver& command;
  const journal::OutboxRow& row;
  core::Time now;
  double random;

  engine::Performed operator()(const sdk::Confirmed& confirmed) const {
    return core::Event(core::DeliveryConfirmed{command.promotion, command.delivery, command.round, confirmed.receipt});
  }
  engine::Performed operator()(const sdk::Sent& sent) const {
    return core::Event(core::DeliverySent{command.promotion, command.delivery, command.round, sent.answer});
  }
  engine::Performed operator()(const sdk::Refused& refused) const {
    return core::Event(core::DeliveryRefused{command.promotion, command.delivery, command.round,
                                             refused.problem.where.empty()
                                                 ? refused.problem.message
                                                 : refused.problem.message + " (" + refused.problem.where + ")",
                                             refused.problem.hint});
  }
  engine::Performed operator()(const sdk::TryLater& later) const {
    auto pause = pause_after(row.tries, random);
    if (later.after) pause = std::max(pause, *later.after);
    runtime::log_warning("delivery.try_later", {{"promotion", command.promotion},
                                                {"delivery", command.delivery},
                                                {"tries", std::to_string(row.tries)},
                                                {"problem", core::to_text(later.problem)},
                                                {"again_in", core::to_text(pause)}});
    if (now + pause < command.deadline) return engine::TryAgain{now + pause};
    return (*this)(given_up(row.tries, later.problem));
  }
};

}  // namespace

asio::awaitable<engine::Performed> DeliveryPerformer::perform(const core::Command& wish,
                                                              const journal::OutboxRow& row) {
  if (const auto* look_at = std::get_if<core::LookAt>(&wish)) co_return co_await look(*look_at, row);
  const auto command = std::get<core::Deliver>(wish);
  // A repair and what takes the place of the repaired must not act side by side, here or at two daemons: who comes
  // second waits a moment.
  const auto key = row.lane;
  const auto a_moment = std::chrono::milliseconds(1000 + static_cast<int>(1000 * parts_.random()));
  if (!acting_.insert(key).second) co_return engine::TryAgain{parts_.clock.now() + a_moment};
  const Leaving leaving{acting_, key};
  auto lane = co_await parts_.engine.lane_to_act_in(key, row.kind);
  if (!lane || !*lane) co_return engine::TryAgain{parts_.clock.now() + a_moment};
  co_return co_await promote(command, row, std::move(*lane));
}

asio::awaitable<engine::Performed> DeliveryPerformer::promote(core::Deliver command, const journal::OutboxRow& row,
                                                              engine::LaneThen lane) {
  const auto said = said_.extract(row.key);
  const auto* promotion = core::find(*lane, command.promotion);
  if (promotion == nullptr || awaited(*promotion, command) == nullptr) co_return engine::NothingToDo{};
  const auto* chosen = spec_of(*promotion->policy, command.delivery);
  if (chosen == nullptr) co_return engine::NothingToDo{};
  if (parts_.clock.now() >= command.deadline) {
    const core::Problem* last = nullptr;
    if (said) last = &said.mapped().problem;
    co_return ToPerformed{command, row, parts_.clock.now(), 0}(too_late(command, row, last));
  }
  const bool puts_back = core::is_live(promotion->phase);
  auto request = co_await request_for(lane, command, row.tries);
  sdk::DeliveryOutcome outcome;
  if (request) {
    request->puts_back = puts_back;
    request->asked_at = command.deadline - (puts_back ? core::longest_repair : chosen->deadline);
    outcome = co_await deliver(*chosen, std::move(*request), row.key);
  } else {
    outcome = sdk::TryLater{request.error(), std::nullopt};
  }
  auto performed = std::visit(ToPerformed{command, row, parts_.clock.now(), parts_.random()}, outcome);
  if (std::holds_alternative<engine::TryAgain>(performed))
    keep(row.key, {std::get<sdk::TryLater>(outcome).problem, command.deadline});
  co_return performed;
}

void DeliveryPerformer::keep(const std::string& key, Said said) {
  const auto now = parts_.clock.now();
  // Whose turn did not come by then has been taken over by another daemon.
  std::erase_if(said_, [&](const auto& one) { return one.second.deadline + longest_try < now; });
  said_.insert_or_assign(key, std::move(said));
}

const core::DeliverySpec* DeliveryPerformer::spec_of(const core::Policy& policy, const std::string& name) {
  const auto is_it = [&](const core::DeliverySpec& spec) { return spec.name == name; };
  const auto found = std::find_if(policy.deliveries.begin(), policy.deliveries.end(), is_it);
  return found == policy.deliveries.end() ? nullptr : &*found;
}

DeliveryPerformer::DeliveryPerformer(Parts parts)
    : parts_(std::move(parts)), pools_(parts_.workforce, threads_per_endpoint) {}

void DeliveryPerformer::stop() { pools_.stop(); }

core::Result<DeliveryPerformer::Configured> DeliveryPerformer::find(const core::DeliverySpec& spec) {
  auto key = spec.kind + " " + spec.with.dump();
  if (const auto found = deliveries_.find(key); found != deliveries_.end()) return found->second;
  const auto* kind = sdk::find_kind(parts_.kinds, spec.kind);
  if (kind == nullptr)
    return core::Problem{"unknown-kind", "this Penstock has no delivery of the kind `" + spec.kind + "`", spec.name,
                         "reject the promotion and submit it again under the policy that is loaded now", false};
  auto made = kind->make(spec.with);
  if (!made) return made.error();
  return deliveries_.emplace(std::move(key), Configured{sdk::loan_for(*kind, spec.with), std::move(*made)})
      .first->second;
}

asio::awaitable<core::Result<sdk::DeliveryRequest>> DeliveryPerformer::request_for(engine::LaneThen lane,
                                                                                   core::Deliver command,
                                                                                   int try_number) {
  const auto& promotion = *core::find(*lane, command.promotion);
  sdk::DeliveryRequest request;
  request.promotion = promotion.id;
  request.lane = promotion.lane;
  request.candidate_id = promotion.candidate;
  request.policy = promotion.policy->digest;
  for (const auto& approval : promotion.approvals) request.approved_by.push_back(approval.person);
  request.delivery = command.delivery;
  request.key = core::key_of(command);
  if (PENSTOCK_PLANTED(2)) request.key += "/" + std::to_string(try_number);
  request.try_number = try_number;
  request.deadline = std::min(command.deadline, parts_.clock.now() + longest_try);
  auto candidate = co_await parts_.engine.candidate(promotion.candidate);
  if (!candidate) co_return candidate.error();
  request.candidate = std::move(*candidate);
  auto live = co_await parts_.engine.live_in(lane);
  if (!live) co_return live.error();
  if (*live) request.live = sdk::LiveCandidate{(*live)->promotion, (*live)->id, (*live)->candidate, (*live)->since};
  co_return request;
}

asio::awaitable<sdk::DeliveryOutcome> DeliveryPerformer::deliver(const core::DeliverySpec& spec,
                                                                 sdk::DeliveryRequest request, std::string key) {
  const auto configured = find(spec);
  if (!configured) co_return sdk::Refused{configured.error()};
  const auto& delivery = *configured;
  const auto most = request.deadline - parts_.clock.now();
  engine::Turn turn{parts_.claims, parts_.clock, std::move(key), request.deadline, parts_.winding_up};
  // Named, because GCC 12 destroys a closure inside a co_await expression twice.
  auto work = [this, delivery, request = std::move(request)] {
    const auto lease = parts_.lender.lend(delivery.loan, request.deadline);
    return delivery.act->deliver(request, lease->tools());
  };
  auto made = co_await engine::in_turn(pools_.of(delivery.loan.endpoints), std::move(turn), std::move(work));
  if (const auto* missed = std::get_if<engine::Missed>(&made))
    co_return sdk::TryLater{problem_of(*missed, "delivery", spec.name, most), std::nullopt};
  co_return std::get<sdk::DeliveryOutcome>(std::move(made));
}

core::Problem DeliveryPerformer::problem_of(engine::Missed missed, const std::string& what, const std::string& delivery,
                                            core::Duration longest) {
  switch (missed) {
    case engine::Missed::claim:
      return {"not-in-force",
              "when the turn of the " + what +
                  " came, another daemon could have taken it over: the journal's database " +
                  "had not heard of this one in time",
              delivery, "see that this daemon reaches the database of its journal at all times", true};
    case engine::Missed::end:
      return {"timeout", "the " + what + " did not end within " + core::to_text(longest), delivery,
              "find out what it waits for", true};
    case engine::Missed::turn:
      break;
  }
  return {"timeout",
          "the " + what + " could not begin within " + core::to_text(longest) + ": " +
              std::to_string(threads_per_endpoint) + " others that go to the same endpoint had not ended",
          delivery, "find out why the endpoint does not answer", true};
}

}  // namespace penstock::delivery
