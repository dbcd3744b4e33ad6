#include "daemon/engine/policy_shelf.hpp"

namespace penstock::engine {

core::Result<std::shared_ptr<const core::Policy>> PolicyShelf::find(const core::Digest& digest) {
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = policies_.find(digest); found != policies_.end()) return found->second;
  }
  const auto row = journal_.policy(digest);
  if (!row) return row.error();
  if (!*row) return nullptr;
  const auto document = nlohmann::json::parse((*row)->document, nullptr, false);
  auto policy = core::policy_from_json(document);
  if (!policy)
    return core::Problem{"journal-damaged", "a stored policy cannot be read: " + policy.error().message, digest.text(),
                         "restore the journal from a backup", false};
  policy->digest = digest;
  auto shared = std::make_shared<const core::Policy>(std::move(*policy));
  const std::lock_guard lock(mutex_);
  stored_.insert(digest);
  return policies_.emplace(digest, std::move(shared)).first->second;
}

std::vector<journal::PolicyRow> PolicyShelf::to_store(const std::shared_ptr<const core::Policy>& policy) {
  const std::lock_guard lock(mutex_);
  policies_.emplace(policy->digest, policy);
  if (stored_.contains(policy->digest)) return {};
  return {{policy->digest, core::canonical_bytes(*policy)}};
}

void PolicyShelf::stored(const core::Digest& digest) {
  const std::lock_guard lock(mutex_);
  stored_.insert(digest);
}

}  // namespace penstock::engine
