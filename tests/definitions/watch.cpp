// What policies demand after delivery: the watch, and the way back.
#include "tests/definitions/life_story.hpp"

using namespace penstock;
using namespace penstock::definitions;
using namespace std::chrono_literals;

TEST_CASE("a watch is read with its gates, named apart from those of the stages") {
  const auto policy = LifeStory().policy(
      "  watch:\n    for: 24h\n    every: 5m\n    failures: 2\n    of: 3\n    on_failure: roll-back\n    gates:\n"
      "      - {use: owner, deadline: 20s, with: {require: [labels.team]}}\n      - {use: advice, name: again}\n");
  REQUIRE(policy.watch);
  CHECK(policy.watch->duration == 24h);
  CHECK(policy.watch->every == 5min);
  CHECK(policy.watch->failures == 2);
  CHECK(policy.watch->of == 3);
  CHECK(policy.watch->on_failure == core::OnFailure::roll_back);
  REQUIRE(policy.watch->gates.size() == 2);
  CHECK(policy.watch->gates[0] ==
        core::GateSpec{"watch/owner", "fields", {{"require", {"labels.team"}}}, true, 20s, 1});
  CHECK(policy.watch->gates[1].name == "watch/again");
  CHECK(core::gate_of(policy, "owner")->with.at("require") == nlohmann::json{"labels.owner"});
  CHECK(core::gate_of(policy, "watch/owner")->deadline == 20s);
}

TEST_CASE("a watch that says only which gates alarms at the first failure") {
  const auto policy = LifeStory().policy("  watch: {gates: [{use: owner}]}\n");
  CHECK(policy.watch->duration == 24h);
  CHECK(policy.watch->every == 5min);
  CHECK(policy.watch->failures == 1);
  CHECK(policy.watch->of == 1);
  CHECK(policy.watch->on_failure == core::OnFailure::alarm);
  CHECK(LifeStory().policy("  watch: {failures: 3, gates: [{use: owner}]}\n").watch->of == 3);
}

TEST_CASE("a watch that can never do anything is told") {
  const LifeStory story;
  const auto told = [&story](const std::string& keys) {
    return story.problem("  watch: {" + keys + ", gates: [{use: owner}]}\n");
  };
  CHECK(told("failures: 3, of: 2") ==
        "policies/p.yaml:10:21: error: spec.watch.failures: 3 failures among the last 2 looks cannot be; `of` must be "
        "at least `failures`");
  CHECK(told("for: 1m, every: 2m") ==
        "policies/p.yaml:10:27: error: spec.watch.every: a look every 2m does not fit into a watch for 1m; `for` must "
        "be at least `every`");
  CHECK(told("for: 1m").starts_with("policies/p.yaml:10:16: error: spec.watch.for: a look every 5m"));
  CHECK(told("for: 10m, failures: 3") ==
        "policies/p.yaml:10:31: error: spec.watch.failures: 3 looks never fail when there are only 2, one every 5m "
        "for 10m");
  CHECK(story.read("  watch: {for: 11m, failures: 3, gates: [{use: owner}]}\n").usable());
  CHECK(story.read("  watch: {for: 5m, gates: [{use: owner}]}\n").usable());
  CHECK(story.problem("  watch: {gates: [{use: advice}]}\n") ==
        "policies/p.yaml:10:25: warning: spec.watch.gates[0].use: no gate of the watch is blocking: none of them can "
        "make it fail");
}

TEST_CASE("a watch keeps its bounds") {
  const LifeStory story;
  CHECK(story.problem("  watch: {every: 9s, gates: [{use: owner}]}\n") ==
        "policies/p.yaml:10:18: error: spec.watch.every: is 9s, needs at least 10s");
  CHECK(story.problem("  watch: {failures: 0, gates: [{use: owner}]}\n") ==
        "policies/p.yaml:10:21: error: spec.watch.failures: is 0, needs at least 1");
  CHECK(story.problem("  watch: {gates: []}\n") ==
        "policies/p.yaml:10:18: error: spec.watch.gates: has 0 items, needs at least 1");
  CHECK(story.problem("  watch: {for: 24h}\n").find("spec.watch: missing key `gates`") != std::string::npos);
  CHECK(story.problem("  watch: {on_failure: rollback, gates: [{use: owner}]}\n")
            .find("spec.watch.on_failure: expected one of `alarm`, `roll-back`") != std::string::npos);
}

TEST_CASE("a gate of the watch is checked as one of a stage is") {
  LifeStory story;
  CHECK(story.problem("  watch: {gates: [{use: ownr}]}\n") ==
        "policies/p.yaml:10:25: error: spec.watch.gates[0].use: no gate is named `ownr`, did you mean `owner`?");
  CHECK(story.problem("  watch: {gates: [{use: owner, with: {requier: [a]}}]}\n") ==
        "policies/p.yaml:10:39: error: spec.watch.gates[0].with: unknown key `requier`, did you mean `require`?");
  CHECK(story.problem("  watch: {gates: [{use: owner}, {use: owner}]}\n") ==
        "policies/p.yaml:10:39: error: spec.watch.gates[1].use: the gate of the watch `owner` is there already, at "
        "policies/p.yaml:10:25; give this one a `name` of its own");
  CHECK(story.problem("  watch: {gates: [{use: owner, attempts: 3}]}\n")
            .find("spec.watch.gates[0].use: `attempts` means nothing in a watch") != std::string::npos);
}

TEST_CASE("the endpoints of the watch and of the way back are looked up") {
  LifeStory story;
  story.options.endpoints = core::declared::EndpointKinds{{"staging", "http"}, {"serving", "webhook"}};
  const std::string probe =
      "\n---\napiVersion: penstock/v1\nkind: Gate\nmetadata: {name: errors}\nspec: {kind: probe, with: {target: x}}\n";
  CHECK(story.problem("  watch: {gates: [{use: errors, with: {endpoint: stagign}}]}" + probe) ==
        "policies/p.yaml:10:50: error: spec.watch.gates[0].with.endpoint: there is no endpoint `stagign`, did you "
        "mean `staging`?");
  CHECK(story.problem("  rollback: {stages: [{name: a, gates: [{use: errors, with: {endpoint: stagign}}]}]}" + probe)
            .find("spec.rollback.stages[0].gates[0].with.endpoint: there is no endpoint `stagign`") !=
        std::string::npos);
}

TEST_CASE("the way back has stages and approvals of its own, over the same deliveries") {
  const LifeStory story;
  const auto policy = story.policy(
      "  rollback:\n    stages: [{name: checks, gates: [{use: owner}]}]\n    approvals: [{group: on-call, expires: "
      "1h}]\n  deliver: [{kind: webhook, with: {receiver: serving}}]\n");
  REQUIRE(policy.rollback.stages.size() == 1);
  CHECK(policy.rollback.stages[0].gates[0].name == "owner");
  const auto back = core::rollback_policy(policy);
  CHECK(back.stages == policy.rollback.stages);
  CHECK(back.approvals.at(0).group == "on-call");
  CHECK(back.deliveries == policy.deliveries);
  CHECK(story.policy("").rollback == core::RollbackSpec{});
}

TEST_CASE("gates of the way back have names of their own") {
  CHECK(LifeStory().problem(
            "  rollback: {stages: [{name: a, gates: [{use: owner}]}, {name: b, gates: [{use: owner}]}]}\n") ==
        "policies/p.yaml:10:81: error: spec.rollback.stages[1].gates[0].use: the gate `owner` is there already, at "
        "policies/p.yaml:10:47; give this one a `name` of its own");
}

TEST_CASE("a gate that only the watch or the way back uses is used") {
  const LifeStory story;
  const std::string more =
      "\n---\napiVersion: penstock/v1\nkind: Gate\nmetadata: {name: errors}\nspec: {kind: fields}\n";
  CHECK(story.read("  watch: {gates: [{use: errors}]}" + more).lints.empty());
  CHECK(story.read("  rollback: {stages: [{name: a, gates: [{use: errors}]}]}" + more).lints.empty());
  CHECK(story.problem(more).find("no policy uses the gate `errors`") != std::string::npos);
}

TEST_CASE("what is read is what the journal gives back") {
  LifeStory story;
  story.options.last_editor = [](const File&) { return core::Result<std::string>("eve@bank.example"); };
  auto policy = story.policy(
      "  approvals: [{group: a, not: [editor], remind: 90m, escalate: {after: 36h, group: b}, required: false}]\n"
      "  watch: {for: 36h, every: 90s, failures: 2, of: 5, on_failure: roll-back, gates: [{use: owner}]}\n"
      "  rollback: {stages: [{name: a, gates: [{use: owner}]}], approvals: [{group: c}]}\n");
  policy.digest = {};
  const auto back = core::policy_from_json(nlohmann::json::parse(core::canonical_bytes(policy)));
  REQUIRE(back);
  CHECK(*back == policy);
}
