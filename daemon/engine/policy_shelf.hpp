// Policies by digest, read from the journal once: promotions keep the policy they were opened under.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <set>

#include "daemon/core/policy.hpp"
#include "daemon/journal/journal.hpp"

namespace penstock::engine {

// Safe from any thread; find() may block on the journal.
class PolicyShelf {
 public:
  explicit PolicyShelf(journal::Journal& journal) : journal_(journal) {}

  // nullptr when the journal has no such policy. Journal problems.
  core::Result<std::shared_ptr<const core::Policy>> find(const core::Digest& digest);
  // Rows to store with a decision that uses this policy: empty once it is known to be journalled.
  std::vector<journal::PolicyRow> to_store(const std::shared_ptr<const core::Policy>& policy);
  void stored(const core::Digest& digest);

 private:
  journal::Journal& journal_;
  std::mutex mutex_;
  std::map<core::Digest, std::shared_ptr<const core::Policy>> policies_;
  std::set<core::Digest> stored_;
};

}  // namespace penstock::engine
