#include "daemon/policies_in_force.hpp"

namespace penstock {
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
  auto limits = parts_.settings.semaphores;
  auto settings = parts_.settings.digest;
  if (const auto& file = parts_.settings.file; !file.empty()) {
    core::declared::Faults faults;
    limits = read_semaphores(file, faults, settings);
    for (const auto& fault : faults) reloaded.problems.push_back(core::declared::to_text(fault, file));
  }
  if (!reloaded.problems.empty()) {
    reloaded.policies = size();
    return reloaded;
  }
  auto loaded = load_definitions(parts_.settings, limits, parts_.catalog);
  for (const auto& lint : loaded.lints)
    (lint.severity == definitions::Severity::error ? reloaded.problems : reloaded.warnings).push_back(to_text(lint));
  if (loaded.good)
    for (const auto& problem : loaded.policies.verify(parts_.catalog, parts_.lender, parts_.clock))
      reloaded.problems.push_back(core::to_text(problem));
  const auto before = current();
  if (reloaded.problems.empty()) {
    using definitions::difference;
    using definitions::documents_of;
    reloaded.changes = difference(documents_of(before->all()), documents_of(loaded.policies.all()));
    reloaded.gate_changes = difference(documents_of(before->gates()), documents_of(loaded.policies.gates()));
    reloaded.framework_changes =
        difference(documents_of(before->frameworks()), documents_of(loaded.policies.frameworks()));
    reloaded.next = InForce{std::make_shared<const Policies>(std::move(loaded.policies)),
                            std::make_shared<const core::Semaphores>(std::move(limits)), std::move(settings)};
  }
  reloaded.policies = reloaded.next ? reloaded.next->policies->size() : size();
  return reloaded;
}

definitions::Loaded PoliciesInForce::try_out(const std::vector<definitions::File>& files) const {
  return load_beside(current()->gate_files(), files, parts_.settings, *semaphores(), parts_.catalog);
}

void PoliciesInForce::put_in_force(InForce next) {
  const std::lock_guard lock(mutex_);
  current_ = std::move(next);
}

InForce PoliciesInForce::in_force() const {
  const std::lock_guard lock(mutex_);
  return current_;
}

}  // namespace penstock
