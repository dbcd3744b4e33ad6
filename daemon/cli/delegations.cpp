// The commands about people who stand in for others.
#include "daemon/cli/client.hpp"
#include "daemon/cli/lanes.hpp"

namespace penstock::cli {
namespace {

using nlohmann::json;

std::string line_of_delegation(const json& delegation) {
  const auto group = text_of(delegation, "group");
  return text_of(delegation, "id") + "  " + text_of(delegation, "to") + " stands in for " +
         text_of(delegation, "from") + (group.empty() ? " in all groups" : " in " + group) + " until " +
         text_of(delegation, "until") + ": " + text_of(delegation, "reason") + "\n";
}

std::string text_of_delegations(const json& document) {
  std::string text;
  for (const auto& delegation : list_of(document, "delegations")) text += line_of_delegation(delegation);
  return text.empty() ? "nobody stands in for anybody\n" : text;
}

}  // namespace

Exit give_delegation(Client& client, const DelegationOptions& options, Output output) {
  json body{{"to", options.to}, {"reason", options.reason}};
  if (!options.group.empty()) body["group"] = options.group;
  if (!options.ends.empty()) body["ends"] = options.ends;
  if (!options.length.empty()) body["for"] = options.length;
  return show(client.post("/v1/delegations", body), output, line_of_delegation);
}

Exit list_delegations(Client& client, Output output) {
  return show(client.get("/v1/delegations"), output, text_of_delegations);
}

Exit end_delegation(Client& client, const std::string& id, Output output) {
  return show(client.post("/v1/delegations/" + escaped(id) + "/end", json::object()), output, text_of_delegations);
}

}  // namespace penstock::cli
