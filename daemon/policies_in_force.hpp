// The policies in force, and how others come into force while the daemon runs: all of them or none.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "daemon/definitions/difference.hpp"
#include "daemon/loading.hpp"

namespace penstock {

// What is in force, as a whole.
struct InForce {
  std::shared_ptr<const Policies> policies;
  // How many places each semaphore has; they come into force with the policies that name them.
  std::shared_ptr<const core::Semaphores> semaphores;
  core::Digest settings;  // of the file that the semaphores were read from; empty where there was none
};

struct Reloaded {
  // Every problem, as the operator reads it. When there is one, what was in force stays so.
  std::vector<std::string> problems;
  std::vector<std::string> warnings;
  std::size_t policies = 0;  // in force, when `next` is
  // What can come into force: PoliciesInForce::put_in_force(). Nothing when there is a problem.
  std::optional<InForce> next;
  // Against what was in force before.
  definitions::Difference changes;       // of policies
  definitions::Difference gate_changes;  // of the gates that they use by name
  definitions::Difference framework_changes;
};

// Safe from any thread.
class PoliciesInForce {
 public:
  struct Parts {
    // Are not read again, but for the semaphores: the definitions must fit those that the daemon runs with.
    const Settings& settings;
    const sdk::Catalog& catalog;
    sdk::Lender& lender;
    const runtime::Clock& clock;
  };
  PoliciesInForce(Parts parts, Policies first)
      : parts_(parts),
        current_{std::make_shared<const Policies>(std::move(first)),
                 std::make_shared<const core::Semaphores>(parts.settings.semaphores), parts.settings.digest} {}

  // What is asked for a moment before a reload may be of the policies before it. Whatever was opened under a policy
  // holds that policy itself, and keeps it.
  std::vector<std::shared_ptr<const core::Policy>> covering(const std::string& model) const {
    return current()->covering(model);
  }
  std::size_t size() const { return current()->size(); }
  std::vector<std::shared_ptr<const core::Policy>> all() const { return current()->all(); }
  std::shared_ptr<const core::Semaphores> semaphores() const { return in_force().semaphores; }
  // Tries those that are in force; see Policies::verify().
  std::vector<core::Problem> verify() const;

  // Reads the definitions again and tries them, as at the start. Blocks for as long as that takes. Nothing of them is
  // in force before put_in_force(), so that it can be journalled first.
  Reloaded reload();
  void put_in_force(InForce next);

  // What is in force, as a whole: a reload that comes meanwhile does not change it.
  InForce in_force() const;
  std::shared_ptr<const Policies> current() const { return in_force().policies; }
  // Files that somebody has just written, read beside the gates in force. Nothing of them comes into force.
  definitions::Loaded try_out(const std::vector<definitions::File>& files) const;

 private:
  Reloaded read_again();

  Parts parts_;
  std::mutex reloading_;  // one at a time
  mutable std::mutex mutex_;
  InForce current_;
};

}  // namespace penstock
