// Endpoints that gates and deliveries name are looked up when the definitions are loaded.
#include "tests/catch.hpp"
#include "tests/definitions/kinds_for_tests.hpp"

using namespace penstock;
using namespace penstock::definitions;
using Texts = std::vector<std::string>;

namespace {

constexpr const char* gate = R"(apiVersion: penstock/v1
kind: Gate
metadata: {name: smoke}
spec: {kind: probe, with: {target: "https://a.example", endpoint: stagign}}
)";

constexpr const char* serving_policy = R"(apiVersion: penstock/v1
kind: Policy
metadata: {name: fraud}
spec:
  model: fraud-*
  environment: production
  stages: [{name: all, gates: [{use: smoke}]}]
  deliver:
    - {kind: webhook, with: {receiver: servnig}}
)";

std::string replaced(std::string text, const std::string& old_text, const std::string& new_text) {
  return text.replace(text.find(old_text), old_text.size(), new_text);
}

Loaded load_texts(const std::string& gate_text, const std::string& policy_text, bool endpoints_known = true) {
  auto options = options_for_tests();
  if (endpoints_known) options.endpoints = {{"main", "mlflow"}, {"serving", "webhook"}, {"staging", "http"}};
  return load_files({{"gates/g.yaml", gate_text}, {"policies/p.yaml", policy_text}}, options);
}

}  // namespace

TEST_CASE("an endpoint that nobody configured is told where it is named, and the definitions are not used") {
  const auto loaded = load_texts(gate, serving_policy);
  CHECK(texts(loaded.lints) ==
        Texts{"gates/g.yaml:4:67: error: spec.with.endpoint: there is no endpoint `stagign`, did you mean `staging`?",
              "policies/p.yaml:9:40: error: spec.deliver[0].with.receiver: there is no endpoint `servnig`, did you "
              "mean `serving`?"});
  CHECK_FALSE(loaded.usable());
}

TEST_CASE("a stage's own endpoint is looked up too") {
  const auto right_gate = replaced(gate, "stagign", "staging");
  const auto right_policy = replaced(serving_policy, "servnig", "serving");
  CHECK(load_texts(right_gate, right_policy).lints.empty());
  const auto with_own = replaced(right_policy, "{use: smoke}", "{use: smoke, with: {endpoint: stagin}}");
  CHECK(texts(load_texts(right_gate, with_own).lints) ==
        Texts{"policies/p.yaml:7:62: error: spec.stages[0].gates[0].with.endpoint: there is no endpoint `stagin`, did "
              "you mean `staging`?"});
}

TEST_CASE("a delivery to an endpoint of the wrong kind is refused") {
  CHECK(texts(load_texts(replaced(gate, "stagign", "staging"), replaced(serving_policy, "servnig", "main")).lints) ==
        Texts{"policies/p.yaml:9:40: error: spec.deliver[0].with.receiver: the endpoint `main` is of the kind mlflow, "
              "needed is webhook; there is `serving`"});
}

TEST_CASE("without settings nobody knows which endpoints there are, and none is refused") {
  CHECK(load_texts(gate, serving_policy, false).usable());
}
