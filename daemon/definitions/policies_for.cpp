#include <algorithm>
#include <tuple>

#include "daemon/definitions/definitions.hpp"

namespace penstock::definitions {
namespace {

// Greater is more specific.
auto specificity(const std::string& pattern) {
  const auto literal = std::min(pattern.find_first_of("*?"), pattern.size());
  const auto wild = std::count_if(pattern.begin(), pattern.end(), [](char c) { return c == '*' || c == '?'; });
  return std::tuple(wild == 0, literal, pattern.size() - static_cast<std::size_t>(wild));
}

bool more_specific(const core::Policy& left, const core::Policy& right) {
  const auto of_left = specificity(left.model);
  const auto of_right = specificity(right.model);
  return of_left != of_right ? of_left > of_right : left.model < right.model;
}

}  // namespace

std::vector<std::shared_ptr<const core::Policy>> policies_for(
    const std::vector<std::shared_ptr<const core::Policy>>& policies, std::string_view model) {
  std::map<std::string, std::shared_ptr<const core::Policy>> by_environment;
  for (const auto& policy : policies) {
    if (!core::glob_match(policy->model, model)) continue;
    auto& chosen = by_environment[policy->environment];
    if (!chosen || more_specific(*policy, *chosen)) chosen = policy;
  }
  std::vector<std::shared_ptr<const core::Policy>> result;
  for (auto& [environment, policy] : by_environment) result.push_back(std::move(policy));
  return result;
}

}  // namespace penstock::definitions
