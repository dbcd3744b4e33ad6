// Who lends tools to plugins: one lease per call, holding only what the kind's row in the catalog asks for and only the
// endpoints that the plugin's configuration names.
#pragma once

#include <memory>
#include <vector>

#include "plugins/sdk/kinds.hpp"
#include "plugins/sdk/tools.hpp"

namespace penstock::sdk {

// The tools of one call; scratch folders go with it.
class Lease {
 public:
  virtual ~Lease() = default;
  virtual Tools& tools() = 0;
};

// Safe from any thread.
class Lender {
 public:
  virtual ~Lender() = default;
  // A tool that is not in `loan.needs`, and an endpoint that is not in `loan.endpoints`, answers every call with the
  // Problem "not-lent". No call outlives `deadline`.
  virtual std::unique_ptr<Lease> lend(const Loan& loan, core::Time deadline) = 0;
};

}  // namespace penstock::sdk
