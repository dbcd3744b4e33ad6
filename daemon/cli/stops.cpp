// The commands about emergency stops.
#include "daemon/cli/client.hpp"
#include "daemon/cli/lanes.hpp"

namespace penstock::cli {
namespace {

using nlohmann::json;

std::string line_of_stop(const json& stop) {
  return stop.value("id", "") + "  " + stop.value("model", "") + " in " + stop.value("environment", "") + "  by " +
         stop.value("by", "") + " since " + stop.value("since", "") + ": " + stop.value("reason", "") + "\n";
}

std::string text_of_stops(const json& document) {
  std::string text;
  for (const auto& stop : document.value("stops", json::array())) text += line_of_stop(stop);
  return text.empty() ? "nothing is stopped\n" : text;
}

}  // namespace

Exit stop(Client& client, const StopOptions& options, Output output) {
  json body{{"reason", options.reason}};
  if (!options.model.empty()) body["model"] = options.model;
  if (!options.environment.empty()) body["environment"] = options.environment;
  return show(client.post("/v1/stops", body), output, line_of_stop);
}

Exit stops(Client& client, Output output) { return show(client.get("/v1/stops"), output, text_of_stops); }

Exit lift(Client& client, const std::string& id, Output output) {
  return show(client.post("/v1/stops/" + escaped(id) + "/lift", json::object()), output, text_of_stops);
}

}  // namespace penstock::cli
