#include "daemon/gating/check_performer.hpp"

#include "daemon/gating/evidence.hpp"
#include "daemon/runtime/log.hpp"

namespace penstock::gating {
namespace asio = engine::asio;
namespace {

constexpr core::Duration pause_after_failure = std::chrono::seconds(5);
constexpr core::Duration pause_before_keeping = std::chrono::milliseconds(500);

bool is_awaited(const core::Promotion& promotion, const core::RunCheck& command) {
  if (!std::holds_alternative<core::Checking>(promotion.phase) &&
      !std::holds_alternative<core::Watching>(promotion.phase))
    return false;
  const auto* check = core::newest_check(promotion, command.gate);
  return check != nullptr && check->attempt == command.attempt && !check->finding;
}

core::Problem too_late(const core::RunCheck& command) {
  return {"deadline", "the gate had not answered by its deadline " + core::to_text(command.deadline), command.gate,
          "find out what it waits for, or give it a longer deadline, then retry", true};
}

core::Problem too_late_to_begin(const core::RunCheck& command) {
  return {
      "deadline",
      "the gate had not answered by its deadline " + core::to_text(command.deadline) + ", and is not begun any more",
      command.gate,
      "find out whether no daemon ran, or as many gates as limits.gates_at_once allows were under way; then retry",
      true};
}

}  // namespace

asio::awaitable<engine::Performed> CheckPerformer::perform(const core::Command& wish, const journal::OutboxRow& row) {
  const auto command = std::get<core::RunCheck>(wish);
  const auto lane = co_await parts_.engine.lane(row.lane);
  if (!lane) co_return engine::TryAgain{parts_.clock.now() + pause_after_failure};
  const auto* promotion = core::find(**lane, command.promotion);
  if (promotion == nullptr || !is_awaited(*promotion, command)) co_return engine::NothingToDo{};

  core::CheckReported report{command.promotion, command.gate, command.attempt, {}};
  const auto errored_as = [&](const core::Problem& problem) {
    report.finding = errored(problem, parts_.clock.now());
    return engine::Performed(core::Event(report));
  };
  if (parts_.clock.now() >= command.deadline) co_return errored_as(too_late_to_begin(command));
  const auto* spec = core::gate_of(*promotion->policy, command.gate);
  if (spec == nullptr) co_return engine::NothingToDo{};
  const auto shelved = shelf_.find(*spec);
  if (!shelved) co_return errored_as(shelved.error());
  auto request = co_await request_for(*lane, command);
  if (!request && request.error().transient) co_return engine::TryAgain{parts_.clock.now() + pause_after_failure};
  if (!request) co_return errored_as(request.error());

  std::string bug;
  try {
    auto asked = co_await ask(*shelved, std::move(*request), row.key);
    if (const auto* missed = std::get_if<engine::Missed>(&asked)) {
      if (*missed == engine::Missed::claim) co_return engine::TryAgain{parts_.clock.now() + pause_after_failure};
      co_return errored_as(*missed == engine::Missed::turn ? too_late_to_begin(command) : too_late(command));
    }
    auto& found = std::get<core::Result<core::Finding>>(asked);
    if (!found) co_return errored_as(found.error());
    report.finding = std::move(*found);
    co_return core::Event(std::move(report));
  } catch (const std::exception& error) {
    bug = error.what();
  } catch (...) {
    bug = "something that is no std::exception";
  }
  runtime::log_error("gate.failed", {{"gate", command.gate}, {"promotion", command.promotion}, {"error", bug}});
  co_return errored_as({"gate-failed", "the gate ended with an exception: " + bug, command.gate,
                        "report it as a bug of the gate, then retry or reject", false});
}

asio::awaitable<core::Result<sdk::GateRequest>> CheckPerformer::request_for(engine::LaneThen lane,
                                                                            core::RunCheck command) {
  const auto& promotion = *core::find(*lane, command.promotion);
  sdk::GateRequest request;
  request.promotion = promotion.id;
  request.lane = promotion.lane;
  request.candidate_id = promotion.candidate;
  request.gate = command.gate;
  request.attempt = command.attempt;
  request.deadline = command.deadline;
  auto candidate = co_await parts_.engine.candidate(promotion.candidate);
  if (!candidate) co_return candidate.error();
  request.candidate = std::move(*candidate);
  auto live = co_await parts_.engine.live_in(lane);
  if (!live) co_return live.error();
  if (*live) request.live = sdk::LiveCandidate{(*live)->promotion, (*live)->id, (*live)->candidate, (*live)->since};
  co_return request;
}

asio::awaitable<engine::InTurn<core::Result<core::Finding>>> CheckPerformer::ask(ShelvedGate shelved,
                                                                                 sdk::GateRequest request,
                                                                                 std::string key) {
  // Evidence that is kept in a database is waited for elsewhere.
  if (shelved.kind->instant && !parts_.evidence.is_shared()) co_return check(shelved, request);
  engine::Turn turn{parts_.claims, parts_.clock, std::move(key), request.deadline, parts_.winding_up};
  // Named, because GCC 12 destroys a closure inside a co_await expression twice.
  auto work = [this, shelved, request] { return check(shelved, request); };
  co_return co_await engine::in_turn(parts_.pool, std::move(turn), std::move(work));
}

core::Result<core::Finding> CheckPerformer::check(const ShelvedGate& shelved, const sdk::GateRequest& request) {
  const auto lease = parts_.lender.lend(shelved.loan, request.deadline);
  auto answer = shelved.gate->check(request, lease->tools());
  if (!answer) return answer.error();
  const auto again = [&] {
    if (parts_.clock.now() + pause_before_keeping >= request.deadline) return false;
    parts_.pause(pause_before_keeping);
    return true;
  };
  return keep_evidence(std::move(*answer), parts_.clock.now(), parts_.evidence, again);
}

}  // namespace penstock::gating
