#include "daemon/core/declared_endpoints.hpp"

#include <algorithm>

namespace penstock::core::declared {
namespace {

std::string listed(const std::vector<std::string>& words, const char* last) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) text += (i == 0 ? "" : i + 1 == words.size() ? last : ", ") + words[i];
  return text;
}

// The near one of the right kind, or all of the right kind.
std::string suggestion(const EndpointUse& use, const EndpointKinds& known) {
  std::vector<std::string> fitting;
  for (const auto& [name, kind] : known)
    if (use.kinds.empty() || std::find(use.kinds.begin(), use.kinds.end(), kind) != use.kinds.end())
      fitting.push_back(name);
  if (const auto near = nearest(use.name, fitting); !near.empty()) return ", did you mean `" + near + "`?";
  if (!fitting.empty()) {
    for (auto& name : fitting) name.insert(0, 1, '`').push_back('`');
    return "; there " + std::string(fitting.size() == 1 ? "is " : "are ") + listed(fitting, ", ");
  }
  return "; configure one" + (use.kinds.empty() ? "" : " of the kind " + listed(use.kinds, " or ")) +
         " under `endpoints` of penstock.yaml";
}

}  // namespace

EndpointName Type<EndpointName>::read(const Value& value, const std::string& path, const Bounds&, Faults& faults) {
  Bounds bounds;
  bounds.min_length = 1;
  return {Type<std::string>::read(value, path, bounds, faults)};
}

void check_endpoints(const EndpointUses& uses, const EndpointKinds& known, Faults& faults) {
  for (const auto& use : uses) {
    if (use.name.empty()) continue;
    const auto found = known.find(use.name);
    if (found == known.end()) {
      faults.push_back({use.mark, use.path, "there is no endpoint " + quote(use.name) + suggestion(use, known)});
    } else if (!use.kinds.empty() && std::find(use.kinds.begin(), use.kinds.end(), found->second) == use.kinds.end()) {
      faults.push_back({use.mark, use.path,
                        "the endpoint " + quote(use.name) + " is of the kind " + found->second + ", needed is " +
                            listed(use.kinds, " or ") + suggestion(use, known)});
    }
  }
}

}  // namespace penstock::core::declared
