// What changed between two sets of definitions, in the words that people read.
#include "daemon/definitions/difference.hpp"

#include "tests/definitions/life_story.hpp"

using namespace penstock::definitions;
using Texts = std::vector<std::string>;

namespace {

Texts changes(const Loaded& before, const Loaded& after) {
  Texts told;
  for (const auto& changed : difference(documents_of(before.policies), documents_of(after.policies)).changed)
    for (const auto& field : changed.fields) told.push_back(to_text(field));
  return told;
}

Texts changes(const std::string& before, const std::string& after) {
  return changes(LifeStory().read(before), LifeStory().read(after));
}

}  // namespace

TEST_CASE("what is the same differs in nothing") {
  const auto loaded = LifeStory().read("  approvals: [{group: a}]\n");
  CHECK(difference(documents_of(loaded.policies), documents_of(loaded.policies)).empty());
  CHECK(difference({}, {}).empty());
}

TEST_CASE("a value that changed is told with what it was and what it is") {
  CHECK(changes("  queue_for: 30d\n", "  queue_for: 2d\n") == Texts{"queue_for: 30d -> 2d"});
  CHECK(changes("  approvals: [{group: a}]\n", "  approvals: [{group: a, count: 2}]\n") ==
        Texts{"approvals[a].count: 1 -> 2"});
  CHECK(changes("  windows: [{deny: 12-24, reason: x}]\n", "  windows: [{deny: 12-25, reason: x}]\n") ==
        Texts{"window.windows[1].when: 12-24 -> 12-25"});
}

TEST_CASE("a key that is new, and one that is gone, are told as such") {
  CHECK(changes("", "  order: newest-first\n") == Texts{"order: newest-first, was not said"});
  CHECK(changes("  after: {environment: dev, soak: 1h}\n", "") ==
        Texts{R"(after: no longer said, was {"environment":"dev","soak":"1h"})"});
}

TEST_CASE("elements are known by their names, wherever they stand, and their order is told") {
  const auto rules = [](const std::string& list) { return "  approvals: [" + list + "]\n"; };
  CHECK(changes(rules("{group: a}, {group: b, count: 2}"), rules("{group: b, count: 3}, {group: a}")) ==
        Texts{"approvals[b].count: 2 -> 3", "approvals (order): a, b -> b, a"});
  const auto told = changes(rules("{group: a}"), rules("{group: b}"));
  REQUIRE(told.size() == 2);
  CHECK(told[0].starts_with("approvals[b]: {"));
  CHECK(told[0].ends_with(", was not said"));
  CHECK(told[1].starts_with("approvals[a]: no longer said, was {"));
}

TEST_CASE("two rules for one group are compared by their place") {
  CHECK(changes("  approvals: [{group: a}, {group: a}]\n", "  approvals: [{group: a}, {group: a, count: 3}]\n") ==
        Texts{"approvals[2].count: 1 -> 3"});
}

TEST_CASE("a gate's settings are compared where the policy uses them, and where they are defined") {
  const LifeStory story;
  auto before = story.read("");
  auto files = before.gate_files;
  REQUIRE(files.size() == 1);
  files[0].text.replace(files[0].text.find("labels.owner"), 12, "labels.team");
  const auto gates = load_beside({}, files, options_for_tests()).gates;
  const auto found = difference(documents_of(before.gates), documents_of(gates));
  REQUIRE(found.changed.size() == 1);
  CHECK(found.changed[0].name == "owner");
  CHECK(to_text(found.changed[0].fields.at(0)) == R"(with.require: ["labels.owner"] -> ["labels.team"])");
}

TEST_CASE("long values are cut between two characters") {
  std::string before(99, 'x');
  for (int i = 0; i < 100; ++i) before += "ü";
  const auto found = difference({{"p", {{"a", before}}}}, {{"p", {{"a", "short"}}}});
  const auto& change = found.changed.at(0).fields.at(0);
  CHECK(change.before.size() == 199 + std::string("…").size());
  CHECK(nlohmann::json(change.before).dump().size() > 0);  // throws for half a character
  CHECK(change.after == "short");
}

TEST_CASE("policies come and go by their names") {
  const DocumentsByName before{{"a", 1}, {"b", 2}};
  const DocumentsByName after{{"b", 2}, {"c", 3}};
  CHECK(difference(before, after) == Difference{{"c"}, {"a"}, {}});
}

TEST_CASE("a file that was just written is read with the gates that are loaded, or with its own") {
  const LifeStory story;
  const auto loaded = story.read("");
  const auto policy = [](const std::string& gate) {
    return File{"new.yaml",
                "apiVersion: penstock/v1\nkind: Policy\nmetadata: {name: new}\nspec:\n  model: fraud-*\n  environment: "
                "production\n  stages: [{name: all, gates: [{use: " +
                    gate + "}]}]\n"};
  };
  const auto read = load_beside(loaded.gate_files, {policy("owner")}, options_for_tests());
  REQUIRE(read.lints.empty());
  REQUIRE(read.policies.size() == 1);
  CHECK(read.policies[0]->stages[0].gates[0].with == nlohmann::json{{"require", {"labels.owner"}}});
  CHECK(read.gates.empty());

  auto own = policy("owner");
  own.text +=
      "---\napiVersion: penstock/v1\nkind: Gate\nmetadata: {name: owner}\nspec: {kind: fields, with: {require: "
      "[labels.team]}}\n";
  const auto anew = load_beside(loaded.gate_files, {own}, options_for_tests());
  REQUIRE(anew.lints.empty());
  CHECK(anew.policies.at(0)->stages[0].gates[0].with == nlohmann::json{{"require", {"labels.team"}}});
  CHECK(anew.gates.at(0).name == "owner");

  const auto wrong = load_beside(loaded.gate_files, {policy("onwer")}, options_for_tests());
  CHECK_FALSE(wrong.usable());
  CHECK(wrong.policies.empty());
  CHECK(texts(wrong.lints) == Texts{"new.yaml:7:38: error: spec.stages[0].gates[0].use: no gate is named `onwer`, did "
                                    "you mean `owner`?"});
}
