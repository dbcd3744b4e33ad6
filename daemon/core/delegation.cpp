#include "daemon/core/delegation.hpp"

#include <nlohmann/json.hpp>

namespace penstock::core {

using nlohmann::json;

json to_json(const Delegation& delegation) {
  json document{{"id", delegation.id},
                {"from", delegation.from},
                {"to", delegation.to},
                {"reason", delegation.reason},
                {"since", to_text(delegation.since)},
                {"until", to_text(delegation.until)}};
  if (!delegation.group.empty()) document["group"] = delegation.group;
  if (!delegation.aliases.empty()) document["aliases"] = delegation.aliases;
  return document;
}

Delegation delegation_from_json(const json& document) {
  return {document.at("id"),
          document.at("from"),
          document.value("aliases", std::vector<std::string>{}),
          document.at("to"),
          document.value("group", ""),
          document.at("reason"),
          parse_time(document.at("since").get<std::string>()).value(),
          parse_time(document.at("until").get<std::string>()).value()};
}

}  // namespace penstock::core
