#include "daemon/policies_in_force.hpp"

namespace penstock {
namespace {

void compare(const Policies& before, const Policies& after, Reloaded& reloaded) {
  const auto digests_of = [](const Policies& policies) {
    std::map<std::string, core::Digest> digests;
    for (const auto& policy : policies.all()) digests[policy->name] = policy->digest;
    return digests;
  };
  const auto former = digests_of(before);
  const auto now = digests_of(after);
  for (const auto& [name, digest] : now) {
    const auto found = former.find(name);
    if (found == former.end())
      reloaded.added.push_back(name);
    else if (found->second != digest)
      reloaded.changed.push_back(name);
  }
  for (const auto& [name, digest] : former)
    if (!now.contains(name)) reloaded.removed.push_back(name);
}

}  // namespace

std::vector<core::Problem> PoliciesInForce::verify() const {
  return current()->verify(parts_.catalog, parts_.lender, parts_.clock);
}

Reloaded PoliciesInForce::reload() {
  const std::lock_guard one(reloading_);
  try {
    return read_again();
  } catch (const std::exception& error) {
    Reloaded refused;
    refused.problems.push_back(std::string("a bug: ") + error.what());
    refused.policies = size();
    return refused;
  }
}

Reloaded PoliciesInForce::read_again() {
  Reloaded reloaded;
  auto loaded = load_definitions(parts_.settings, parts_.catalog);
  for (const auto& lint : loaded.lints)
    (lint.severity == definitions::Severity::error ? reloaded.problems : reloaded.warnings).push_back(to_text(lint));
  if (loaded.good)
    for (const auto& problem : loaded.policies.verify(parts_.catalog, parts_.lender, parts_.clock))
      reloaded.problems.push_back(core::to_text(problem));
  const auto before = current();
  if (reloaded.problems.empty()) {
    compare(*before, loaded.policies, reloaded);
    const std::lock_guard lock(mutex_);
    current_ = std::make_shared<const Policies>(std::move(loaded.policies));
  }
  reloaded.policies = size();
  return reloaded;
}

std::shared_ptr<const Policies> PoliciesInForce::current() const {
  const std::lock_guard lock(mutex_);
  return current_;
}

}  // namespace penstock
