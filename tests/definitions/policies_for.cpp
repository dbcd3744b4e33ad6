#include "daemon/definitions/definitions.hpp"
#include "tests/catch.hpp"

using namespace penstock;
using Names = std::vector<std::string>;

namespace {

using Policies = std::vector<std::shared_ptr<const core::Policy>>;

void add(Policies& policies, const std::string& model, const std::string& environment) {
  auto policy = std::make_shared<core::Policy>();
  policy->name = model + " " + environment;
  policy->model = model;
  policy->environment = environment;
  policies.push_back(std::move(policy));
}

Names names_for(const Policies& policies, const std::string& model) {
  Names names;
  for (const auto& policy : definitions::policies_for(policies, model)) names.push_back(policy->name);
  return names;
}

}  // namespace

TEST_CASE("each environment has the most specific policy that covers the model") {
  Policies policies;
  add(policies, "*", "production");
  add(policies, "fraud-*", "production");
  add(policies, "fraud-eu", "production");
  add(policies, "fraud-*", "staging");
  CHECK(names_for(policies, "fraud-eu") == Names{"fraud-eu production", "fraud-* staging"});
  CHECK(names_for(policies, "fraud-us") == Names{"fraud-* production", "fraud-* staging"});
  CHECK(names_for(policies, "churn") == Names{"* production"});
}

TEST_CASE("a model that no policy covers has none") {
  Policies policies;
  add(policies, "fraud-?", "production");
  CHECK(names_for(policies, "fraud-eu").empty());
  CHECK(names_for({}, "fraud-eu").empty());
}

TEST_CASE("the choice does not depend on the order of the files") {
  Policies policies;
  add(policies, "f*-eu", "production");
  add(policies, "fr*", "production");
  add(policies, "fr*-eu", "production");
  add(policies, "fr?*", "production");
  for (int i = 0; i < 24; ++i) {
    // More characters before the wildcard first, more characters in all second.
    CHECK(names_for(policies, "fraud-eu") == Names{"fr*-eu production"});
    CHECK(names_for(policies, "fraud") == Names{"fr* production"});
    std::next_permutation(policies.begin(), policies.end(),
                          [](const auto& left, const auto& right) { return left->name < right->name; });
  }
}
