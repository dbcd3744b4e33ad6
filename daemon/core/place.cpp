#include "daemon/core/place.hpp"

#include <nlohmann/json.hpp>
#include <tuple>

namespace penstock::core {

bool is_same(const Place& left, const Place& right) {
  return std::tie(left.semaphore, left.lane, left.number) == std::tie(right.semaphore, right.lane, right.number);
}

PlacesOf places_of(const std::string& semaphore, const std::vector<Place>& places, const Semaphores* semaphores) {
  PlacesOf found;
  if (semaphores != nullptr)
    if (const auto limit = semaphores->find(semaphore); limit != semaphores->end()) found.limit = limit->second;
  for (const auto& place : places)
    if (place.semaphore == semaphore) (place.since ? found.held : found.waiting).push_back(&place);
  return found;
}

std::string to_text(const std::string& semaphore, const PlacesOf& places) {
  if (!places.limit) return "no semaphore " + semaphore + " is declared any more";
  auto text = std::to_string(places.held.size()) + " of " + std::to_string(*places.limit) +
              " places of the semaphore " + semaphore + " are held";
  for (std::size_t n = 0; n < places.held.size(); ++n)
    text += (n == 0 ? ", by " : " and ") + to_text(places.held[n]->lane);
  return text;
}

nlohmann::json to_json(const Place& place) {
  nlohmann::json document{{"semaphore", place.semaphore},          {"model", place.lane.model},
                          {"environment", place.lane.environment}, {"number", place.number},
                          {"promotion", place.promotion},          {"asked_at", to_text(place.asked_at)}};
  if (place.since) document["since"] = to_text(*place.since);
  return document;
}

Place place_from_json(const nlohmann::json& document) {
  Place place{document.at("semaphore"),
              {document.at("model"), document.at("environment")},
              document.at("number"),
              document.value("promotion", ""),
              parse_time(document.at("asked_at").get<std::string>()).value(),
              std::nullopt};
  if (document.contains("since")) place.since = parse_time(document["since"].get<std::string>()).value();
  return place;
}

}  // namespace penstock::core
