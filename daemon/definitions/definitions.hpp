// Reads a folder of gate definitions: gates, policies and frameworks, or every problem with file, line and column.
//
// Read are the files ending in .yaml or .yml anywhere below `gates/`, `policies/` and `frameworks/` of the folder,
// except those and the folders whose name begins with a dot (a mounted Kubernetes ConfigMap keeps its copies there).
// Each may hold several documents, of any kind. Everything else in the folder (contracts/, programs, schemas/) belongs
// to whoever is told its path; a .yaml file directly in the folder is warned of, because it was most likely meant to be
// read.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/core/place.hpp"
#include "daemon/core/policy.hpp"
#include "daemon/definitions/framework.hpp"
#include "daemon/definitions/kinds.hpp"
#include "daemon/definitions/lint.hpp"

namespace penstock::definitions {

struct GateDefinition {
  std::string name;
  std::string description;
  core::GateSpec gate;  // its `with` alone, which a stage may have to complete
  std::string file;
};

struct File {
  std::string name;  // below the folder, with slashes
  std::string text;
};

struct Loaded {
  std::vector<std::shared_ptr<const core::Policy>> policies;  // by name
  std::vector<GateDefinition> gates;                          // by name
  std::vector<Framework> frameworks;                          // by name and version; those without faults
  std::vector<File> gate_files;                               // those that define gates, for load_beside()
  Lints lints;                                                // by file and line
  // Only then may gates and policies be used: definitions are taken as a whole or not at all.
  bool usable() const { return !has_errors(lints); }
};

struct Options {
  Kinds kinds;
  std::function<core::Digest(std::string_view bytes)> sha256;
  // How many people each group has, when that is known: approvals are then checked for being possible.
  std::optional<std::map<std::string, int>> people_in_group;
  // The endpoints there are, when that is known: gates and deliveries may then name no other.
  std::optional<core::declared::EndpointKinds> endpoints;
  // The semaphores there are, when that is known: policies may then name no other.
  std::optional<core::Semaphores> semaphores{};
  // The sinks and witnesses of the audit log, when that is known: policies may then name no other.
  std::optional<std::vector<std::string>> acknowledgers{};
  // Who edited a file last, as version control knows it; a Problem says why nobody can tell. May be empty.
  std::function<core::Result<std::string>(const File& file)> last_editor{};
  // To tell whether a window's time zone is known; without them none but UTC is.
  std::shared_ptr<const core::TimeZones> zones{};
  // What it is when a policy excludes its editor and nobody can tell who that is. For whoever promotes it is an error:
  // the rule would silently keep nobody away.
  Severity editor_unknown = Severity::warning;
};

Loaded load(const std::filesystem::path& folder, const Options& options);
// The same for texts that are at hand.
Loaded load_files(const std::vector<File>& files, const Options& options);
// Files that somebody has just written, read with the gates that are loaded (`gate_files`, which were good): a gate
// that a file defines anew takes the place of the loaded one. Policies, gates and lints are those of `files` alone.
Loaded load_beside(const std::vector<File>& gate_files, const std::vector<File>& files, const Options& options);
// The files that load() would look at, by name. What cannot be read is added to `lints`.
std::vector<File> read_files(const std::filesystem::path& folder, Lints& lints);

// The policies that cover a model: for each environment the most specific one, by environment. A pattern without `*`
// and
// `?` is the most specific; then the one with more characters before its first `*` or `?`; then the one with more
// characters other than these; then the one that sorts first. `policies` hold no two of equal model and environment.
std::vector<std::shared_ptr<const core::Policy>> policies_for(
    const std::vector<std::shared_ptr<const core::Policy>>& policies, std::string_view model);

}  // namespace penstock::definitions
