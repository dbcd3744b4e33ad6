// Gates that are configured once, and policies from before a change of what there is.
#include "daemon/gating/gate_shelf.hpp"

#include "tests/daemon/performing_world.hpp"

using namespace penstock;
using core::Verdict;

namespace {

Check passes() {
  return [](const sdk::GateRequest&, sdk::Tools&) -> core::Result<sdk::GateAnswer> { return answer(Verdict::passed); };
}

}  // namespace

TEST_CASE("a gate is made once for each kind and configuration") {
  int made = 0;
  auto kind = gate_kind("one", passes());
  const auto make = kind.make;
  kind.make = [&made, make](const nlohmann::json& with) {
    ++made;
    return make(with);
  };
  const std::vector<sdk::GateKind> kinds{kind};
  gating::GateShelf shelf(kinds);
  auto spec = gate_spec("gate", "one");
  const auto first = shelf.find(spec);
  REQUIRE(first);
  spec.name = "again";
  spec.deadline = 1s;
  CHECK(shelf.find(spec).value().gate == first->gate);
  spec.with = {{"text", "other"}};
  CHECK(shelf.find(spec).value().gate != first->gate);
  CHECK(made == 2);
}

TEST_CASE("a gate is lent the tools of its kind and the endpoints of its configuration") {
  const std::vector<sdk::GateKind> kinds{
      gate_kind("one", passes(), {sdk::Capability::http, sdk::Capability::endpoints})};
  gating::GateShelf shelf(kinds);
  auto spec = gate_spec("gate", "one");
  spec.with = {{"endpoint", "staging"}, {"text", "serving"}};
  const auto loan = shelf.find(spec).value().loan;
  CHECK(loan.needs == kinds[0].needs);
  CHECK(loan.endpoints == std::vector<std::string>{"staging"});
}

TEST_CASE("a gate reaches the endpoint that its configuration names, and no other") {
  std::string found, other, tool;
  PerformingWorld world({gate_kind("one",
                                   [&](const sdk::GateRequest&, sdk::Tools& tools) {
                                     found = tools.endpoints.find("staging").value().bearer_token;
                                     other = tools.endpoints.find("main").error().code;
                                     tool = tools.http.send({}).error().code;
                                     return core::Result<sdk::GateAnswer>(answer(Verdict::passed));
                                   },
                                   {sdk::Capability::endpoints})});
  world.policy.stages = {{"all", {gate_spec("gate", "one")}}};
  world.policy.stages[0].gates[0].with = {{"endpoint", "staging"}};
  world.promote("live");
  CHECK(found == LendingWorld::token);
  CHECK(other == "not-lent");
  CHECK(tool == "not-lent");
}

TEST_CASE("a policy from before its kind of gate was removed holds, and says how to go on") {
  PerformingWorld world({gate_kind("one", passes())});
  world.policy.stages = {{"all", {gate_spec("gate", "removed")}}};
  const auto promotion = world.promote("held");
  const auto finding = world.finding(promotion);
  CHECK(finding.verdict == Verdict::errored);
  CHECK(finding.observed == "no answer: this Penstock has no gate of the kind `removed`");
  CHECK(finding.next == "withdraw the promotion and submit it again under the policy that is loaded now");
}

TEST_CASE("a configuration that the gate does not take any more holds, with what the gate says of it") {
  auto kind = gate_kind("one", passes());
  kind.make = [](const nlohmann::json&) -> core::Result<std::unique_ptr<sdk::Gate>> {
    return core::Problem{"invalid-document", "`text` is no pattern", "gate", "correct it", false};
  };
  PerformingWorld world({kind});
  world.policy.stages = {{"all", {gate_spec("gate", "one")}}};
  const auto finding = world.finding(world.promote("held"));
  CHECK(finding.verdict == Verdict::errored);
  CHECK(finding.observed == "no answer: `text` is no pattern");
}
