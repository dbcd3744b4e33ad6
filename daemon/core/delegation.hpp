// A person stands in for another one, for a time.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "daemon/core/words.hpp"

namespace penstock::core {

// Of every_lane's state. It hands on what the principal may do as a member of groups, and is never handed on further.
struct Delegation {
  std::string id;    // "dlg_…"
  std::string from;  // the principal
  // The principal's other names: whoever stands in for an author counts as one.
  std::vector<std::string> aliases;
  std::string to;
  std::string group;  // one of the principal's groups; empty: all of them
  std::string reason;
  Time since{};
  Time until{};
  bool operator==(const Delegation&) const = default;
};

nlohmann::json to_json(const Delegation& delegation);
// Of what to_json() wrote; throws for anything else, inside a reader of stored documents.
Delegation delegation_from_json(const nlohmann::json& document);

}  // namespace penstock::core
