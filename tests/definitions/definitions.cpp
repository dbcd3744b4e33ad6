#include "daemon/definitions/definitions.hpp"

#include <algorithm>

#include "tests/catch.hpp"
#include "tests/definitions/kinds_for_tests.hpp"

using namespace penstock;
using namespace penstock::definitions;
using Texts = std::vector<std::string>;

namespace {

constexpr const char* two_gates = R"(apiVersion: penstock/v1
kind: Gate
metadata: {name: smoke}
spec:
  kind: probe
  deadline: 2m
  with:
    target: https://staging.example.com
    requests: [{path: /score}]
---
apiVersion: penstock/v1
kind: Gate
metadata: {name: owner}
spec: {kind: fields, blocking: false, attempts: 3, with: {require: [labels.owner]}}
)";

constexpr const char* fraud_policy = R"(apiVersion: penstock/v1
kind: Policy
metadata: {name: fraud-production}
spec:
  model: fraud-*
  environment: production
  queue: supersede-waiting
  queue_for: 3d
  stages:
    - name: fields
      gates: [{use: owner}]
    - name: integration
      gates:
        - {use: smoke, with: {target: "https://live.example.com"}, deadline: 30s}
        - {use: smoke, name: smoke-again, blocking: false}
  approvals:
    - {group: release-managers, count: 2, not: [submitter]}
  deliver:
    - {kind: webhook, with: {receiver: serving}}
)";

Loaded load_texts(const std::string& gate_text, const std::string& policy_text,
                  const Options& options = options_for_tests()) {
  return load_files({{"gates/g.yaml", gate_text}, {"policies/p.yaml", policy_text}}, options);
}

// The policy above with one line of its spec replaced.
std::string with_line(const std::string& old_line, const std::string& new_line) {
  std::string text = fraud_policy;
  const auto at = text.find(old_line);
  REQUIRE(at != std::string::npos);
  return text.replace(at, old_line.size(), new_line);
}

}  // namespace

TEST_CASE("gates and policies are read into what the core understands") {
  const auto loaded = load_texts(two_gates, fraud_policy);
  REQUIRE(texts(loaded.lints).empty());
  REQUIRE(loaded.policies.size() == 1);
  const auto& read = *loaded.policies[0];
  CHECK(read.name == "fraud-production");
  CHECK(read.model == "fraud-*");
  CHECK(read.environment == "production");
  CHECK(read.queue == core::QueueMode::supersede_waiting);
  CHECK(read.queue_for == std::chrono::hours(72));
  CHECK(read.hold_for == core::Policy{}.hold_for);
  REQUIRE(read.stages.size() == 2);
  CHECK(read.stages[0].gates[0] ==
        core::GateSpec{"owner", "fields", {{"require", {"labels.owner"}}}, false, std::chrono::minutes(10), 3});
  CHECK(read.approvals ==
        std::vector<core::ApprovalRule>{{"release-managers", 2, std::chrono::hours(72), {core::Excluded::submitter}}});
  CHECK(read.deliveries == std::vector<core::DeliverySpec>{
                               {"webhook", "webhook", {{"receiver", "serving"}}, core::DeliverySpec{}.deadline}});
}

TEST_CASE("a stage's settings lie over the definition's, key by key") {
  const auto loaded = load_texts(two_gates, fraud_policy);
  REQUIRE(loaded.usable());
  const auto& stage = loaded.policies[0]->stages[1];
  const nlohmann::json requests{{{"path", "/score"}}};
  CHECK(stage.gates[0].with == nlohmann::json{{"target", "https://live.example.com"}, {"requests", requests}});
  CHECK(stage.gates[0].deadline == std::chrono::seconds(30));
  CHECK(stage.gates[1].name == "smoke-again");
  CHECK(stage.gates[1].with.at("target") == "https://staging.example.com");
  CHECK(stage.gates[1].deadline == std::chrono::minutes(2));
  CHECK_FALSE(stage.gates[1].blocking);
}

TEST_CASE("the digest is of the content: the order of keys and comments do not change it") {
  const auto digest = load_texts(two_gates, fraud_policy).policies.at(0)->digest;
  CHECK_FALSE(digest.empty());
  CHECK(load_texts(two_gates, with_line("  model: fraud-*\n  environment: production\n",
                                        "  environment: production # live\n  model: \"fraud-*\"\n"))
            .policies.at(0)
            ->digest == digest);
  CHECK(load_texts(two_gates, with_line("count: 2", "count: 1")).policies.at(0)->digest != digest);
}

TEST_CASE("gates are given with their definitions") {
  const auto loaded = load_texts(two_gates, fraud_policy);
  REQUIRE(loaded.gates.size() == 2);
  CHECK(loaded.gates[0].name == "owner");
  CHECK(loaded.gates[1].gate.kind == "probe");
  CHECK(loaded.gates[1].file == "gates/g.yaml");
}

TEST_CASE("a gate that nobody defined is told with the one that was probably meant") {
  const auto loaded = load_texts(two_gates, with_line("{use: owner}", "{use: ownr}"));
  CHECK(
      texts(loaded.lints) ==
      Texts{
          "gates/g.yaml:13:18: warning: metadata.name: no policy uses the gate `owner`",
          "policies/p.yaml:11:21: error: spec.stages[0].gates[0].use: no gate is named `ownr`, did you mean `owner`?"});
  CHECK_FALSE(loaded.usable());
  CHECK(loaded.policies.empty());
}

TEST_CASE("an unknown kind of gate or delivery is told with the nearest") {
  CHECK(texts(load_texts("apiVersion: penstock/v1\nkind: Gate\nmetadata: {name: owner}\nspec: {kind: feilds}\n",
                         with_line("kind: webhook", "kind: webhok"))
                  .lints) ==
        Texts{"gates/g.yaml:4:14: error: spec.kind: unknown kind of gate `feilds`, did you mean `fields`?",
              "policies/p.yaml:14:17: error: spec.stages[1].gates[0].use: no gate is named `smoke`; there is `owner`",
              "policies/p.yaml:15:17: error: spec.stages[1].gates[1].use: no gate is named `smoke`; there is `owner`",
              "policies/p.yaml:19:14: error: spec.deliver[0].kind: unknown kind of delivery `webhok`, did you mean "
              "`webhook`?"});
}

TEST_CASE("what is wrong under a definition's `with` is told once, in the definition") {
  std::string text = two_gates;
  text.replace(text.find("target:"), 7, "taget: ");
  const auto loaded = load_texts(text, with_line("with: {target: \"https://live.example.com\"}, ", ""));
  CHECK(texts(loaded.lints) ==
        Texts{"gates/g.yaml:8:5: error: spec.with: unknown key `taget`, did you mean `target`?",
              "policies/p.yaml:14:17: error: spec.stages[1].gates[0].with: missing key `target`: The address. (neither "
              "here nor in the gate `smoke`)",
              "policies/p.yaml:15:17: error: spec.stages[1].gates[1].with: missing key `target`: The address. (neither "
              "here nor in the gate `smoke`)"});
}

TEST_CASE("what is wrong under a stage's `with` is told in the stage") {
  const auto loaded = load_texts(
      two_gates, with_line("{target: \"https://live.example.com\"}", "{requests: [{status: 1}], tagret: x}"));
  CHECK(
      texts(loaded.lints) ==
      Texts{
          "policies/p.yaml:14:42: error: spec.stages[1].gates[0].with.requests[0]: missing key `path`: Where to.",
          "policies/p.yaml:14:51: error: spec.stages[1].gates[0].with.requests[0].status: is 1, needs at least 100",
          "policies/p.yaml:14:56: error: spec.stages[1].gates[0].with: unknown key `tagret`, did you mean `target`?"});
}

TEST_CASE("a definition may leave to its stages what its kind requires") {
  std::string text = two_gates;
  text.erase(text.find("    target:"), std::string("    target: https://staging.example.com\n").size());
  CHECK(texts(load_texts(text, with_line("        - {use: smoke, name: smoke-again, blocking: false}\n", "")).lints)
            .empty());
}

TEST_CASE("what only the plugin can see is told where it was written") {
  CHECK(texts(load_texts(two_gates, with_line("https://live.example.com", "nowhere")).lints) ==
        Texts{"policies/p.yaml:14:30: error: spec.stages[1].gates[0].with: `target` is no address"});
  std::string text = two_gates;
  text.replace(text.find("https://staging.example.com"), 27, "nowhere");
  CHECK(texts(load_texts(text, fraud_policy).lints) ==
        Texts{"gates/g.yaml:8:5: error: spec.with: `target` is no address"});
  // Nobody uses the definition as it stands, so a stage may still make it good.
  CHECK(load_texts(text, with_line("        - {use: smoke, name: smoke-again, blocking: false}\n", "")).lints.empty());
}

TEST_CASE("keys that nobody knows are told with their place, and with those that are known") {
  const auto loaded = load_texts(two_gates, with_line("  queue_for: 3d\n", "  canary: {steps: 3}\n  traffic: 10%\n"));
  const auto lints = texts(loaded.lints);
  REQUIRE(lints.size() == 2);
  CHECK(lints[0] ==
        "policies/p.yaml:8:3: error: spec: unknown key `canary`; known here are `model`, `environment`, `queue`, "
        "`queue_for`, `hold_for`, `stages`, `approvals`, `deliver`, `windows`, `window_jitter`, `most_per_window`, "
        "`window_for`, `semaphore`, `audit`, `order`, `after`, `watch`, `drift`, `rollback`, `break_glass`");
  CHECK(lints[1].find("policies/p.yaml:9:3: error: spec: unknown key `traffic`") == 0);
}

TEST_CASE("names given twice are told with the place of the first") {
  const auto second = std::string(fraud_policy) + "---\n" + fraud_policy;
  auto doubled = load_files({{"gates/a.yaml", two_gates}, {"gates/b.yaml", two_gates}, {"policies/p.yaml", second}},
                            options_for_tests());
  CHECK(texts(doubled.lints) ==
        Texts{"gates/b.yaml:3:18: error: metadata.name: the gate `smoke` is there already, at gates/a.yaml:3:18",
              "gates/b.yaml:13:18: error: metadata.name: the gate `owner` is there already, at gates/a.yaml:13:18",
              "policies/p.yaml:23:18: error: metadata.name: the policy `fraud-production` is there already, at "
              "policies/p.yaml:3:18",
              "policies/p.yaml:25:10: error: spec.model: the policy for `fraud-* in production` is there already, at "
              "policies/p.yaml:5:10"});
}

TEST_CASE("stages, gates and deliveries of a policy have names of their own") {
  CHECK(texts(load_texts(two_gates, with_line("name: smoke-again, ", "")).lints) ==
        Texts{"policies/p.yaml:15:17: error: spec.stages[1].gates[1].use: the gate `smoke` is there already, at "
              "policies/p.yaml:14:17; give this one a `name` of its own"});
  CHECK(texts(load_texts(two_gates, with_line("name: integration", "name: fields")).lints) ==
        Texts{"policies/p.yaml:12:13: error: spec.stages[1].name: the stage `fields` is there already, at "
              "policies/p.yaml:10:13"});
  CHECK(texts(load_texts(two_gates, std::string(fraud_policy) + "    - {kind: webhook, with: {receiver: other}}\n")
                  .lints) ==
        Texts{"policies/p.yaml:20:14: error: spec.deliver[1].kind: the delivery `webhook` is there already, at "
              "policies/p.yaml:19:14; give this one a `name` of its own"});
}

TEST_CASE("names have one spelling") {
  CHECK(texts(load_texts(two_gates, with_line("name: fraud-production", "name: Fraud Production")).lints) ==
        Texts{"policies/p.yaml:3:18: error: metadata.name: `Fraud Production` is no name: it takes the letters a-z, "
              "digits, `-`, `_` and `.`, begins and ends with a letter or digit, and has 63 characters at most"});
}

TEST_CASE("an approval that nobody can give is an error once the people are known") {
  auto options = options_for_tests();
  options.people_in_group = {{"release-manager", 3}};
  CHECK(
      texts(load_texts(two_gates, fraud_policy, options).lints) ==
      Texts{"policies/p.yaml:17:15: error: spec.approvals[0].group: no person is in the group `release-managers`, did "
            "you mean `release-manager`?"});
  options.people_in_group = {{"release-managers", 1}};
  CHECK(texts(load_texts(two_gates, fraud_policy, options).lints) ==
        Texts{"policies/p.yaml:17:40: error: spec.approvals[0].count: 2 approvals are needed of the group "
              "`release-managers`, which has 1 person"});
  options.people_in_group = {{"release-managers", 2}};
  CHECK(load_texts(two_gates, fraud_policy, options).lints.empty());
}

TEST_CASE("a policy that demands nothing, and a folder without one, are warned of") {
  const auto loaded = load_texts(
      "", "apiVersion: penstock/v1\nkind: Policy\nmetadata: {name: open}\nspec: {model: '*', environment: dev}\n");
  CHECK(texts(loaded.lints) ==
        Texts{"gates/g.yaml: warning: holds no document",
              "policies/p.yaml:3:18: warning: metadata.name: the policy `open` demands nothing: every candidate is "
              "promoted at once"});
  CHECK(loaded.usable());
  CHECK(loaded.policies.size() == 1);
  CHECK(texts(load_files({}, options_for_tests()).lints) ==
        Texts{"policies: warning: there is no policy: no model can be promoted"});
}

TEST_CASE("a policy that only watches is told as what it is") {
  const std::string watching =
      "apiVersion: penstock/v1\nkind: Policy\nmetadata: {name: open}\nspec: {model: '*', environment: dev, watch: "
      "{gates: [{use: owner}]}}\n";
  const auto told = texts(load_texts(two_gates, watching).lints);
  CHECK(std::count(told.begin(), told.end(),
                   "policies/p.yaml:3:18: warning: metadata.name: the policy `open` has no gate and no approval before "
                   "delivery: every candidate is delivered at once, and only watched afterwards") == 1);
}

TEST_CASE("a stage without gates is an error") {
  CHECK(texts(load_texts(two_gates, with_line("gates: [{use: owner}]", "gates: []")).lints) ==
        Texts{"gates/g.yaml:13:18: warning: metadata.name: no policy uses the gate `owner`",
              "policies/p.yaml:11:14: error: spec.stages[0].gates: has 0 items, needs at least 1"});
}

TEST_CASE("all problems of all files are told at once, in the order of the files") {
  const auto loaded = load_files(
      {{"policies/p.yaml", with_line("  model: fraud-*\n", "  modell: fraud-*\n")},
       {"gates/g.yaml", two_gates},
       {"gates/broken.yaml", "a: [1"},
       {"policies/empty.yaml", "apiVersion: penstock/v1\nkind: Policy\nmetadata: {}\nspec: {queue: lifo}\n"}},
      options_for_tests());
  const auto lints = texts(loaded.lints);
  for (const auto& lint : lints) UNSCOPED_INFO(lint);
  REQUIRE(lints.size() == 7);
  CHECK(lints[0].find("gates/broken.yaml:2:1: error: not YAML") == 0);
  CHECK(lints[1] ==
        "policies/empty.yaml:3:11: error: metadata: missing key `name`: Unique among the documents of this kind.");
  CHECK(lints[2].find("policies/empty.yaml:4:7: error: spec: missing key `model`") == 0);
  CHECK(lints[3].find("policies/empty.yaml:4:7: error: spec: missing key `environment`") == 0);
  CHECK(lints[4].find("policies/empty.yaml:4:15: error: spec.queue: expected one of `queue`") == 0);
  CHECK(lints[5] == "policies/p.yaml:5:3: error: spec: unknown key `modell`, did you mean `model`?");
  CHECK(lints[6].find("policies/p.yaml:5:3: error: spec: missing key `model`") == 0);
}
