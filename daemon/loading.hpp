// From files to what the daemon starts with: settings, definitions, journal. Used by penstockd and by `penstock lint`.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "daemon/core/world.hpp"
#include "daemon/definitions/definitions.hpp"
#include "daemon/journal/journal.hpp"
#include "daemon/lending.hpp"
#include "daemon/settings.hpp"

namespace penstock {

// The policies in force.
class Policies {
 public:
  Policies() = default;
  explicit Policies(std::vector<std::shared_ptr<const core::Policy>> policies) : policies_(std::move(policies)) {}
  explicit Policies(definitions::Loaded loaded)
      : policies_(std::move(loaded.policies)),
        gates_(std::move(loaded.gates)),
        gate_files_(std::move(loaded.gate_files)),
        frameworks_(std::move(loaded.frameworks)) {}
  // For each environment the policy that covers the model, most specific first where several would.
  std::vector<std::shared_ptr<const core::Policy>> covering(const std::string& model) const;
  std::size_t size() const { return policies_.size(); }
  const std::vector<std::shared_ptr<const core::Policy>>& all() const { return policies_; }
  // The gates that policies use by name, and the files that define them.
  const std::vector<definitions::GateDefinition>& gates() const { return gates_; }
  const std::vector<definitions::File>& gate_files() const { return gate_files_; }
  // What promotions are held against in their dossiers.
  const std::vector<definitions::Framework>& frameworks() const { return frameworks_; }
  // Tries what only trying shows: gates whose kind has a `verify`. Blocks. Each Problem names policy and gate.
  std::vector<core::Problem> verify(const sdk::Catalog& catalog, sdk::Lender& lender,
                                    const runtime::Clock& clock) const;

 private:
  std::vector<std::shared_ptr<const core::Policy>> policies_;
  std::vector<definitions::GateDefinition> gates_;
  std::vector<definitions::File> gate_files_;
  std::vector<definitions::Framework> frameworks_;
};

struct LoadedAll {
  Settings settings;
  Policies policies;
  definitions::Lints lints;  // errors and warnings; files are named as the settings file was
  bool good = false;         // no error among them
};

// Only to be used when it is good: definitions are taken as a whole or not at all.
struct LoadedDefinitions {
  Policies policies;
  definitions::Lints lints;
  bool good = false;
};

// The folder that the settings name, for a daemon that runs with these settings and has these semaphores.
LoadedDefinitions load_definitions(const Settings& settings, const core::Semaphores& semaphores,
                                   const sdk::Catalog& catalog);
// Files that somebody has just written, for the same daemon, beside the gates that it has loaded. Nobody knows who
// edited such files.
definitions::Loaded load_beside(const std::vector<definitions::File>& gate_files,
                                const std::vector<definitions::File>& files, const Settings& settings,
                                const core::Semaphores& semaphores, const sdk::Catalog& catalog);
// Both.
LoadedAll load(const std::string& settings_file, const sdk::Catalog& catalog);

// What the definitions' reader is told of the catalog.
definitions::Kinds kinds_of(const sdk::Catalog& catalog);
// How a folder of definitions is read by whoever knows no settings: the command line.
definitions::Options options_for(const std::string& folder, const sdk::Catalog& catalog);
// How many people are in each group.
std::map<std::string, int> people_in_groups(const Settings& settings);

// `fenced`: where the journal is shared, this daemon has been declared dead (journal/shared.hpp). `closed`: where it is
// a file, nothing more is accepted (journal/journal.hpp). Both from another thread.
core::Result<std::unique_ptr<journal::Journal>> open_journal(const Settings& settings, journal::Post post,
                                                             std::function<void(const core::Problem&)> fenced,
                                                             std::function<void(const core::Problem&)> closed);
LendingParts lending_parts(const Settings& settings, runtime::Clock& clock, runtime::ContentStore& store,
                           const Sources& sources, const sdk::Catalog& catalog);

}  // namespace penstock
