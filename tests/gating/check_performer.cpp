// Whatever a gate does, its check ends, and nothing but its own "passed" counts as a pass.
#include "daemon/gating/check_performer.hpp"

#include "tests/daemon/performing_world.hpp"

using namespace penstock;
using core::Verdict;

namespace {

void one_gate(PerformingWorld& world, const std::string& kind = "one", int attempts = 1) {
  world.policy.stages = {{"all", {gate_spec("gate", kind, attempts)}}};
}

core::Held held(const core::Promotion& promotion) { return std::get<core::Held>(promotion.phase); }

Check answers(Verdict verdict) {
  return [verdict](const sdk::GateRequest&, sdk::Tools&) -> core::Result<sdk::GateAnswer> { return answer(verdict); };
}

}  // namespace

TEST_CASE("a gate is asked about the candidate, and its pass lets the promotion on") {
  std::optional<sdk::GateRequest> asked;
  PerformingWorld world({gate_kind("one", [&](const sdk::GateRequest& request, sdk::Tools&) {
    asked = request;
    return core::Result<sdk::GateAnswer>(answer(Verdict::passed));
  })});
  one_gate(world);
  const auto promotion = world.promote("live");
  CHECK(world.finding(promotion).verdict == Verdict::passed);
  CHECK(world.finding(promotion).at == world.clock.now());
  REQUIRE(asked);
  CHECK(asked->promotion == promotion.id);
  CHECK(asked->lane == core::LaneKey{"fraud", "production"});
  CHECK(asked->candidate_id == promotion.candidate);
  CHECK(asked->candidate.version == "7");
  CHECK(asked->gate == "gate");
  CHECK(asked->attempt == 1);
  CHECK(asked->deadline == world.clock.now() + core::GateSpec{}.deadline);
  CHECK_FALSE(asked->live);
  world.promote("live", "8");
  REQUIRE(asked->live);
  CHECK(asked->live->candidate.version == "7");
  CHECK(asked->live->promotion == promotion.id);
}

TEST_CASE("a gate that fails rejects, with what it observed") {
  PerformingWorld world({gate_kind("one", answers(Verdict::failed))});
  one_gate(world);
  const auto promotion = world.promote("rejected");
  CHECK(std::get<core::Rejected>(promotion.phase).reason == "gate failed: looked");
}

TEST_CASE("an inconclusive gate holds the promotion for a person") {
  PerformingWorld world({gate_kind("one", answers(Verdict::inconclusive))});
  one_gate(world);
  CHECK(held(world.promote("held")).reason == "gate inconclusive: looked");
}

TEST_CASE("a gate that throws is errored, which holds the promotion, and a retry asks it again") {
  bool throws = true;
  PerformingWorld world({gate_kind("one", [&](const sdk::GateRequest&, sdk::Tools&) -> core::Result<sdk::GateAnswer> {
    if (throws) throw std::runtime_error("index out of range");
    return answer(Verdict::passed);
  })});
  one_gate(world);
  const auto promotion = world.promote("held");
  CHECK(world.finding(promotion).verdict == Verdict::errored);
  CHECK(held(promotion).reason == "gate errored: no answer: the gate ended with an exception: index out of range");
  CHECK(held(promotion).next == "report it as a bug of the gate, then retry or reject");
  throws = false;
  REQUIRE(world.submit(core::RetryAsked{promotion.id, "ann"}));
  world.run_until_phase(promotion.id, "live");
  CHECK(core::newest_check(world.promotion(promotion.id), "gate")->attempt == 2);
}

TEST_CASE("a gate that throws what is no exception is errored too, on a thread or not") {
  const bool instant = GENERATE(false, true);
  auto kind = gate_kind("one", [](const sdk::GateRequest&, sdk::Tools&) -> core::Result<sdk::GateAnswer> { throw 42; });
  kind.instant = instant;
  PerformingWorld world({kind});
  one_gate(world);
  CHECK(world.finding(world.promote("held")).observed ==
        "no answer: the gate ended with an exception: something that is no std::exception");
}

TEST_CASE("a gate that could not find out is errored, with the reason and what to do next") {
  PerformingWorld world({gate_kind("one", [](const sdk::GateRequest&, sdk::Tools&) -> core::Result<sdk::GateAnswer> {
    return core::Problem{"unreachable", "nobody answers", "https://staging.example", "is it running?", true};
  })});
  one_gate(world);
  const auto finding = world.finding(world.promote("held"));
  CHECK(finding.verdict == Verdict::errored);
  CHECK(finding.observed == "no answer: nobody answers");
  CHECK(finding.needed == "an answer");
  CHECK(finding.source == "https://staging.example");
  CHECK(finding.next == "is it running?");
}

TEST_CASE("an errored check is repeated as often as the policy says, and may pass then") {
  int asked = 0;
  PerformingWorld world({gate_kind("one", [&](const sdk::GateRequest& request, sdk::Tools&) {
    CHECK(request.attempt == ++asked);
    if (asked == 1) throw std::runtime_error("once");
    return core::Result<sdk::GateAnswer>(answer(Verdict::passed));
  })});
  one_gate(world, "one", 2);
  world.start();
  const auto id = world.see();
  world.run_until([&] { return world.promotion(id).checks.size() == 2; });
  CHECK(world.phase(id) == "checking");
  world.clock.advance(6s);
  world.run_until_phase(id, "live");
  CHECK(world.promotion(id).checks[0].finding->verdict == Verdict::errored);
}

TEST_CASE("a gate that has not answered by its deadline is errored, and its late answer changes nothing") {
  std::promise<void> release;
  auto released = release.get_future().share();
  PerformingWorld world({gate_kind("one", [released](const sdk::GateRequest&, sdk::Tools&) {
    released.wait();
    return core::Result<sdk::GateAnswer>(answer(Verdict::passed));
  })});
  one_gate(world);
  world.policy.stages[0].gates[0].deadline = 10ms;
  const auto promotion = world.promote("held");
  release.set_value();
  CHECK(world.finding(promotion).verdict == Verdict::errored);
  CHECK(world.finding(promotion).observed ==
        "no answer: the gate had not answered by its deadline " + core::to_text(world.clock.now() + 10ms));
  world.context.restart();
  world.context.run_for(20ms);
  CHECK(world.phase(promotion.id) == "held");
  CHECK(world.finding(world.promotion(promotion.id)).verdict == Verdict::errored);
}

TEST_CASE("a check whose deadline passed while no daemon ran is errored without asking the gate") {
  int asked = 0;
  PerformingWorld world({gate_kind("one", [&](const sdk::GateRequest&, sdk::Tools&) {
    ++asked;
    return core::Result<sdk::GateAnswer>(answer(Verdict::passed));
  })});
  one_gate(world);
  const auto id = world.see();
  const auto deadline = world.clock.now() + core::GateSpec().deadline;
  world.clock.advance(11min);
  world.start();
  world.run_until_phase(id, "held");
  CHECK(asked == 0);
  CHECK(world.finding(world.promotion(id)).observed == "no answer: the gate had not answered by its deadline " +
                                                           core::to_text(deadline) + ", and is not begun any more");
}

TEST_CASE("a check that nobody waits for any more is not carried out") {
  int asked = 0;
  PerformingWorld world({gate_kind("one", [&](const sdk::GateRequest&, sdk::Tools&) {
    ++asked;
    return core::Result<sdk::GateAnswer>(answer(Verdict::passed));
  })});
  one_gate(world);
  const auto id = world.see();
  const core::RunCheck command{id, "gate", 1, world.clock.now(), world.clock.now() + 1min};
  auto other = command;
  other.attempt = 2;
  CHECK(std::holds_alternative<engine::NothingToDo>(world.perform(world.checks, other)));
  other = command;
  other.gate = "another";
  CHECK(std::holds_alternative<engine::NothingToDo>(world.perform(world.checks, other)));
  other = command;
  other.promotion = "prm_unknown";
  CHECK(std::holds_alternative<engine::NothingToDo>(world.perform(world.checks, other)));
  REQUIRE(world.submit(core::WithdrawalAsked{id, "ann", "not wanted"}));
  CHECK(std::holds_alternative<engine::NothingToDo>(world.perform(world.checks, command)));
  CHECK(asked == 0);
}

TEST_CASE("the gates of a stage run side by side, and all of their answers are there when one fails") {
  std::promise<void> second_began;
  auto began = second_began.get_future().share();
  PerformingWorld world({gate_kind("first",
                                   [began](const sdk::GateRequest&, sdk::Tools&) {
                                     const bool beside = began.wait_for(5s) == std::future_status::ready;
                                     return core::Result<sdk::GateAnswer>(
                                         answer(beside ? Verdict::passed : Verdict::errored));
                                   }),
                         gate_kind("second", [&](const sdk::GateRequest&, sdk::Tools&) {
                           second_began.set_value();
                           return core::Result<sdk::GateAnswer>(answer(Verdict::failed));
                         })});
  world.policy.stages = {{"all", {gate_spec("a", "first"), gate_spec("b", "second")}}};
  const auto promotion = world.promote("rejected");
  CHECK(world.finding(promotion, "a").verdict == Verdict::passed);
  CHECK(world.finding(promotion, "b").verdict == Verdict::failed);
}
