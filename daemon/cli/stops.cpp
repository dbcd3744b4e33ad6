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

std::string line_of_place(const json& place, const char* how, const char* since) {
  return "  " + place.value("model", "") + " in " + place.value("environment", "") + "  " + how + " since " +
         place.value(since, "") + "  " + place.value("promotion", "") + "\n";
}

std::string text_of_semaphores(const json& document) {
  std::string text;
  for (const auto& semaphore : document.value("semaphores", json::array())) {
    const auto held = semaphore.value("held", json::array());
    const auto& limit = semaphore["limit"];
    text += semaphore.value("name", "") + ": " + std::to_string(held.size()) + " of " +
            (limit.is_null() ? "no" : limit.dump()) + " places are held" +
            (limit.is_null() ? "; it is declared no more" : "") + "\n";
    for (const auto& place : held) text += line_of_place(place, "holds one", "since");
    for (const auto& place : semaphore.value("waiting", json::array()))
      text += line_of_place(place, "waits", "asked_at");
  }
  return text.empty() ? "there are no semaphores\n" : text;
}

}  // namespace

Exit stop(Client& client, const StopOptions& options, Output output) {
  json body{{"reason", options.reason}};
  if (!options.model.empty()) body["model"] = options.model;
  if (!options.environment.empty()) body["environment"] = options.environment;
  return show(client.post("/v1/stops", body), output, line_of_stop);
}

Exit stops(Client& client, Output output) { return show(client.get("/v1/stops"), output, text_of_stops); }

Exit semaphores(Client& client, Output output) {
  return show(client.get("/v1/semaphores"), output, text_of_semaphores);
}

Exit lift(Client& client, const std::string& id, Output output) {
  return show(client.post("/v1/stops/" + escaped(id) + "/lift", json::object()), output, text_of_stops);
}

}  // namespace penstock::cli
