// What the definitions must know of plugins: which kinds there are, and what each wants under `with`. Handed in by
// whoever knows the catalog.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "daemon/core/declared.hpp"

namespace penstock::definitions {

struct Kind {
  std::string description;
  core::declared::AnyShape with;
  // Tries out a `with` that fits the shape: what only the plugin can see (a bad regular expression). May be empty.
  std::function<core::Result<void>(const nlohmann::json& with)> probe;
  // Of gates: no policy may let anybody go without it.
  bool proves_integrity = false;
};

struct Kinds {
  std::map<std::string, Kind> gates;
  std::map<std::string, Kind> deliveries;
};

}  // namespace penstock::definitions
