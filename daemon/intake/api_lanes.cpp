#include "daemon/intake/api_lanes.hpp"

#include <algorithm>

#include "daemon/intake/api_page.hpp"
#include "daemon/intake/api_promotions.hpp"

namespace penstock::intake {
namespace {

using nlohmann::json;

std::string lane_href(const core::LaneKey& key) {
  return "/v1/lanes/" + percent_encoded(key.model) + "/" + percent_encoded(key.environment);
}

// Enough for a list: what it is and how it is.
json brief_json(const core::Promotion& promotion) {
  return {{"id", promotion.id},
          {"candidate", promotion.candidate.text()},
          {"version", promotion.version},
          {"phase", core::phase_name(promotion.phase)},
          {"changed_at", core::to_text(promotion.changed_at)},
          {"href", "/v1/promotions/" + promotion.id}};
}

json summary_json(const core::Lane& lane) {
  json document{{"model", lane.key.model},
                {"environment", lane.key.environment},
                {"href", lane_href(lane.key)},
                {"live", nullptr},
                {"under_way", nullptr}};
  if (const auto* live = core::live_in(lane)) document["live"] = brief_json(*live);
  if (const auto* under_way = core::under_way_in(lane)) document["under_way"] = brief_json(*under_way);
  document["waiting"] = std::count_if(
      lane.promotions.begin(), lane.promotions.end(),
      [](const core::Promotion& promotion) { return std::holds_alternative<core::Queued>(promotion.phase); });
  return document;
}

// Where a page ends: environments cannot be told from models by any one character, so the length says where one stops.
std::string after_of(const core::LaneKey& key) {
  return std::to_string(key.model.size()) + ":" + key.model + key.environment;
}

}  // namespace

asio::awaitable<Response> list_lanes(const ApiParts& parts, Request request) {
  const auto page = read_page(request, "lanes");
  if (!page) co_return problem_response(page.error());
  auto* journal = &parts.journal;
  auto lanes = co_await parts.pool.run([journal] { return journal->lanes(); });
  if (!lanes) co_return problem_response(lanes.error());
  std::sort(lanes->begin(), lanes->end(), [](const auto& left, const auto& right) { return left.key < right.key; });
  const auto model = query_value(request, "model");
  const auto environment = query_value(request, "environment");
  std::erase_if(*lanes, [&](const journal::LaneSummary& lane) {
    return (!model.empty() && lane.key.model != model) || (!environment.empty() && lane.key.environment != environment);
  });
  auto from = lanes->begin();
  if (!page->after.empty()) {
    from =
        std::find_if(lanes->begin(), lanes->end(), [&](const auto& lane) { return after_of(lane.key) == page->after; });
    if (from == lanes->end())
      co_return problem_response(
          {"invalid-request", "the cursor is not one of this list", "", "leave it out to start anew", false});
    ++from;
  }
  json document{{"lanes", json::array()}};
  Response linked;
  for (auto lane = from; lane != lanes->end(); ++lane) {
    if (lane - from == page->limit) {
      add_next(linked, document, request, "lanes", after_of(std::prev(lane)->key));
      break;
    }
    const auto current = co_await parts.engine.lane(lane->key);
    if (!current) co_return problem_response(current.error());
    document["lanes"].push_back(summary_json(*current));
  }
  auto response = json_response(200, document);
  response.headers = std::move(linked.headers);
  co_return response;
}

asio::awaitable<Response> get_lane(const ApiParts& parts, Request request) {
  core::LaneKey key{request.parameters.at("model"), request.parameters.at("environment")};
  const auto lane = co_await parts.engine.lane(key);
  if (!lane) co_return problem_response(lane.error());
  if (lane->version == 0)
    co_return problem_response(404, {"unknown-lane", "nothing was ever seen of " + core::to_text(key), "",
                                     "list the lanes with GET /v1/lanes", false});
  json document{{"model", key.model}, {"environment", key.environment}, {"version", lane->version},
                {"live", nullptr},    {"under_way", nullptr},           {"waiting", json::array()}};
  if (const auto* live = core::live_in(*lane)) document["live"] = promotion_json(*live);
  if (const auto* under_way = core::under_way_in(*lane)) document["under_way"] = promotion_json(*under_way);
  for (const auto& promotion : lane->promotions)
    if (std::holds_alternative<core::Queued>(promotion.phase)) document["waiting"].push_back(promotion_json(promotion));
  co_return json_response(200, document);
}

}  // namespace penstock::intake
