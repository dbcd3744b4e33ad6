// What two sets of definitions differ in, in words: what a reload brought, and what is not yet loaded.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "daemon/definitions/definitions.hpp"

namespace penstock::definitions {

// One value that changed. `field` is a path in which what has a name is named, and the rest is counted from 1:
// "stages[data].gates[contract].deadline", "windows[2].when".
struct Change {
  std::string field;
  std::string before;  // in words; empty: it was not said
  std::string after;   // in words; empty: it is no longer said
  bool operator==(const Change&) const = default;
};
struct Changed {
  std::string name;
  std::vector<Change> fields;
  bool operator==(const Changed&) const = default;
};
struct Difference {
  std::vector<std::string> added, removed;
  std::vector<Changed> changed;
  bool empty() const { return added.empty() && removed.empty() && changed.empty(); }
  bool operator==(const Difference&) const = default;
};

// Definitions by name, each as the document that says everything about it.
using DocumentsByName = std::map<std::string, nlohmann::json>;
// A policy's is what its digest is made of.
DocumentsByName documents_of(const std::vector<std::shared_ptr<const core::Policy>>& policies);
DocumentsByName documents_of(const std::vector<GateDefinition>& gates);
// By name and version, which together tell one from another: "nist-ai-rmf 1.0".
DocumentsByName documents_of(const std::vector<Framework>& frameworks);

Difference difference(const DocumentsByName& before, const DocumentsByName& after);

// "queue_for: 30d -> 2d", "watch.every: 5m, was not said", "after: no longer said, was staging".
std::string to_text(const Change& change);
// Names of the changed, in their order.
std::vector<std::string> names_of(const std::vector<Changed>& changed);

}  // namespace penstock::definitions
