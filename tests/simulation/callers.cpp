#include "tests/simulation/callers.hpp"

namespace penstock::simulation {

using namespace std::chrono_literals;

void Callers::submit(core::Event event, std::function<void()> then) {
  parts_.ledger.sent(event);
  auto call = std::make_shared<Call>();
  call->told = std::string(core::event_name(event)) + " of " + core::promotion_of(event);
  if (const auto* approval = std::get_if<core::ApprovalGiven>(&event)) call->told += " by " + approval->person;
  call->what = std::move(event);
  call->then = std::move(then);
  begin(std::move(call));
}

void Callers::see(engine::SeenCandidate seen) {
  auto call = std::make_shared<Call>();
  call->told = "candidate " + seen.candidate.model + " " + seen.candidate.version;
  call->what = std::move(seen);
  begin(std::move(call));
}

void Callers::begin(Shared call) {
  call->number = ++given_;
  ++waiting_;
  send(call);
}

void Callers::send(const Shared& call) {
  if (call->answered) return;
  auto& world = parts_.world;
  if (auto* daemon = parts_.a_daemon()) {
    const bool slow = world.faults && world.chance.percent(10);
    const auto way = slow ? world.between(100ms, 20s) : world.between(100us, 30ms);
    const auto at = daemon->owner();
    world.schedule.after(way, the_world, [this, call, at] { arrive(call, at); });
    if (world.faults && world.chance.percent(10))
      world.schedule.after(way + world.between(0us, 10s), the_world, [this, call, at] { arrive(call, at); });
  }
  world.schedule.after(world.between(5s, 20s), the_world, [this, call] { send(call); });
}

void Callers::arrive(const Shared& call, Owner at) {
  auto* daemon = parts_.daemon(at);
  if (daemon == nullptr) return;
  auto& world = parts_.world;
  // When the daemon stands still, it waits there.
  world.schedule.after(0us, at, [this, call, at] {
    auto* there = parts_.daemon(at);
    auto& schedule = parts_.world.schedule;
    parts_.world.history.tell("call " + std::to_string(call->number), call->told + " reaches " + there->name());
    const auto back = parts_.world.between(100us, 30ms);
    if (const auto* event = std::get_if<core::Event>(&call->what)) {
      there->submit(*event, [this, call, &schedule, back](const core::Result<engine::Outcome>& outcome) {
        const auto* event_sent = std::get_if<core::Event>(&call->what);
        if (outcome) parts_.ledger.acknowledged(*event_sent, *outcome);
        std::optional<core::Problem> problem;
        if (!outcome) problem = outcome.error();
        schedule.after(back, the_world, [this, call, problem] { answer(call, problem ? &*problem : nullptr); });
      });
      return;
    }
    there->see(std::get<engine::SeenCandidate>(call->what), [this, call, &schedule,
                                                             back](const core::Result<engine::SeenOutcome>& outcome) {
      if (outcome) parts_.ledger.acknowledged(*outcome);
      std::optional<core::Problem> problem;
      if (!outcome) problem = outcome.error();
      schedule.after(back, the_world, [this, call, problem] { answer(call, problem ? &*problem : nullptr); });
    });
  });
}

void Callers::answer(const Shared& call, const core::Problem* problem) {
  const auto number = "call " + std::to_string(call->number);
  if (call->answered) return;
  if (problem != nullptr && (problem->transient || problem->code.starts_with("journal"))) {
    parts_.world.history.tell(number, "is told to come again: " + problem->code);
    return;
  }
  parts_.world.history.tell(number, problem == nullptr ? "is done" : "is refused: " + problem->code);
  call->answered = true;
  --waiting_;
  if (problem == nullptr && call->then) call->then();
}

}  // namespace penstock::simulation
