// One policy whose lines are varied, for what it says of people and of the time after delivery.
#pragma once

#include "tests/catch.hpp"
#include "tests/definitions/kinds_for_tests.hpp"

namespace penstock::definitions {

class LifeStory {
 public:
  // Reads a policy with `keys` at the end of its spec, from line 10 on.
  Loaded read(const std::string& keys) const {
    return load_files(
        {{"gates/g.yaml",
          "apiVersion: penstock/v1\nkind: Gate\nmetadata: {name: owner}\nspec: {kind: fields, deadline: 1m, with: "
          "{require: [labels.owner]}}\n---\napiVersion: penstock/v1\nkind: Gate\nmetadata: {name: advice}\nspec: "
          "{kind: fields, blocking: false}\n"},
         {"policies/p.yaml",
          "apiVersion: penstock/v1\nkind: Policy\nmetadata: {name: fraud}\nspec:\n  model: fraud-*\n"
          "  environment: production\n  stages:\n    - name: checks\n      gates: [{use: owner}, {use: advice}]\n" +
              keys}},
        options);
  }
  // The one problem of the policy.
  std::string problem(const std::string& keys) const {
    const auto loaded = read(keys);
    for (const auto& text : texts(loaded.lints)) UNSCOPED_INFO(text);
    REQUIRE(loaded.lints.size() == 1);
    CHECK(loaded.usable() == (loaded.lints[0].severity == Severity::warning));
    return to_text(loaded.lints[0]);
  }
  core::Policy policy(const std::string& keys) const {
    const auto loaded = read(keys);
    for (const auto& text : texts(loaded.lints)) UNSCOPED_INFO(text);
    REQUIRE(loaded.lints.empty());
    return *loaded.policies.at(0);
  }

  Options options = options_for_tests();
};

}  // namespace penstock::definitions
