#include "daemon/intake/api_semaphores.hpp"

#include <nlohmann/json.hpp>
#include <set>

namespace penstock::intake {
namespace {

using nlohmann::json;

json place_json(const core::Place& place) {
  json document{{"model", place.lane.model},
                {"environment", place.lane.environment},
                {"promotion", place.promotion},
                {"asked_at", core::to_text(place.asked_at)},
                {"href", "/v1/promotions/" + place.promotion}};
  if (place.since) document["since"] = core::to_text(*place.since);
  return document;
}

json semaphore_json(const std::string& name, const core::PlacesOf& places) {
  json document{{"name", name}, {"limit", nullptr}, {"held", json::array()}, {"waiting", json::array()}};
  if (places.limit) document["limit"] = *places.limit;
  for (const auto* place : places.held) document["held"].push_back(place_json(*place));
  for (const auto* place : places.waiting) document["waiting"].push_back(place_json(*place));
  return document;
}

}  // namespace

asio::awaitable<Response> list_semaphores(const ApiParts& parts, Request) {
  const auto lane = co_await parts.engine.lane(core::every_lane);
  if (!lane) co_return problem_response(lane.error());
  const auto limits = parts.engine.semaphores();
  std::set<std::string> names;
  for (const auto& [name, limit] : *limits) names.insert(name);
  for (const auto& place : (*lane)->state.places) names.insert(place.semaphore);
  json document{{"semaphores", json::array()}};
  for (const auto& name : names)
    document["semaphores"].push_back(semaphore_json(name, core::places_of(name, (*lane)->state.places, limits.get())));
  co_return json_response(200, document);
}

asio::awaitable<void> tell_places(const ApiParts& parts, const core::Promotion& promotion, json& document) {
  const auto* waiting = std::get_if<core::AwaitingWindow>(&promotion.phase);
  if (waiting == nullptr || waiting->semaphore.empty()) co_return;
  const auto lane = co_await parts.engine.lane(core::every_lane);
  if (!lane) co_return;  // what was so when it asked is there already
  const auto limits = parts.engine.semaphores();
  const auto places = core::places_of(waiting->semaphore, (*lane)->state.places, limits.get());
  auto now = promotion;
  std::get<core::AwaitingWindow>(now.phase).reason = core::to_text(waiting->semaphore, places);
  const auto wait = core::wait_of(now);
  document["reason"] = std::get<core::AwaitingWindow>(now.phase).reason;
  document["wait"]["what"] = wait->what;
  document["semaphore"] = semaphore_json(waiting->semaphore, places);
}

}  // namespace penstock::intake
