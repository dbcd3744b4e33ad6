#include "daemon/intake/api_lanes.hpp"

#include <algorithm>
#include <charconv>

#include "daemon/intake/api_page.hpp"
#include "daemon/intake/api_promotions.hpp"
#include "daemon/intake/can.hpp"
#include "daemon/intake/delivery_window.hpp"

namespace penstock::intake {
namespace {

using nlohmann::json;

std::string lane_href(const core::LaneKey& key) {
  return "/v1/lanes/" + percent_encoded(key.model) + "/" + percent_encoded(key.environment);
}

json span_json(const journal::LiveSpan& span) {
  json document{{"promotion", span.promotion},
                {"candidate", span.candidate.text()},
                {"version", span.version},
                {"since", core::to_text(span.since)},
                {"until", nullptr},
                {"href", "/v1/promotions/" + span.promotion}};
  if (span.until) document["until"] = core::to_text(*span.until);
  return document;
}

asio::awaitable<core::Result<std::vector<journal::LiveSpan>>> spans(const ApiParts& parts, core::LaneKey key,
                                                                    std::optional<core::Time> at, int limit,
                                                                    std::optional<std::int64_t> before) {
  auto* journal = &parts.journal;
  auto read = [journal, key, at, limit, before] { return journal->live_spans(key, at, limit, before); };
  co_return co_await parts.pool.run(std::move(read));
}

core::Result<core::Time> read_past(const ApiParts& parts, const std::string& text) {
  const auto at = core::parse_time(text);
  if (!at)
    return core::Problem{"invalid-request", "at is `" + text.substr(0, 40) + "`, needed a time", "",
                         "write it as 2026-11-21T04:05:06Z (RFC 3339)", false};
  if (*at > parts.clock.now())
    return core::Problem{"invalid-request", "at is " + core::to_text(*at) + ", which is still to come", "",
                         "ask for a time that has passed", false};
  return *at;
}

// Where a page of the history begins; nothing for the first.
core::Result<std::optional<std::int64_t>> read_number(const std::string& text) {
  std::optional<std::int64_t> number;
  if (text.empty()) return number;
  const auto* end = text.data() + text.size();
  const auto [read, error] = std::from_chars(text.data(), end, number.emplace());
  if (error == std::errc() && read == end) return number;
  return core::Problem{"invalid-request", "the cursor is not one of this list", "", "leave it out to start anew",
                       false};
}

asio::awaitable<Response> lane_at(const ApiParts& parts, core::LaneKey key, std::string text) {
  const auto at = read_past(parts, text);
  if (!at) co_return problem_response(at.error());
  const auto found = co_await spans(parts, key, *at, 1, std::nullopt);
  if (!found) co_return problem_response(found.error());
  json document{{"model", key.model}, {"environment", key.environment}, {"at", core::to_text(*at)}, {"live", nullptr}};
  if (!found->empty()) document["live"] = span_json(found->front());
  co_return json_response(200, document);
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
    return lane.key == core::every_lane || (!model.empty() && lane.key.model != model) ||
           (!environment.empty() && lane.key.environment != environment);
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
    document["lanes"].push_back(summary_json(**current));
    const auto world = co_await parts.engine.world(lane->key);
    if (!world) co_return problem_response(world.error());
    document["lanes"].back()["window"] = window_json(*world, **current, parts.clock.now());
  }
  auto response = json_response(200, document);
  response.headers = std::move(linked.headers);
  co_return response;
}

json brief_json(const core::Promotion& promotion) {
  return {{"id", promotion.id},
          {"candidate", promotion.candidate.text()},
          {"version", promotion.version},
          {"phase", core::phase_name(promotion.phase)},
          {"changed_at", core::to_text(promotion.changed_at)},
          {"href", "/v1/promotions/" + promotion.id}};
}

core::LaneKey lane_in_path(const Request& request) {
  return {request.parameters.at("model"), request.parameters.at("environment")};
}

asio::awaitable<core::Result<engine::LaneThen>> seen_lane(const ApiParts& parts, core::LaneKey key) {
  auto lane = co_await parts.engine.lane(key);
  if (lane && ((*lane)->version == 0 || key == core::every_lane))
    co_return core::Problem{"unknown-lane", "nothing was ever seen of " + core::to_text(key), "",
                            "list the lanes with GET /v1/lanes", false};
  co_return lane;
}

asio::awaitable<core::Result<json>> lane_json(const ApiParts& parts, const Caller& caller, const core::Lane& lane) {
  const auto world = co_await parts.engine.world(lane.key);
  if (!world) co_return world.error();
  const auto now = parts.clock.now();
  const Asking asking{caller, *world, now};
  json document{{"model", lane.key.model}, {"environment", lane.key.environment},
                {"version", lane.version}, {"live", nullptr},
                {"under_way", nullptr},    {"waiting", json::array()},
                {"can", can(asking, lane)}};
  document["window"] = window_json(*world, lane, now);
  const auto shown = [&](const core::Promotion& promotion) {
    auto one = promotion_json(promotion);
    one["window"] = window_json(opening_of(*world, lane, promotion, now), lane.key);
    return one;
  };
  if (const auto* live = core::live_in(lane)) document["live"] = shown(*live);
  if (const auto* under_way = core::under_way_in(lane)) document["under_way"] = shown(*under_way);
  for (const auto& promotion : lane.promotions) {
    if (!std::holds_alternative<core::Queued>(promotion.phase)) continue;
    document["waiting"].push_back(shown(promotion));
    document["waiting"].back()["wait"] = wait_json(lane, promotion);
  }
  const auto state = core::to_json(lane.state);
  for (const auto* key : {"pin", "review"}) document[key] = state.value(key, json());
  for (const auto* key : {"vetoes", "waivers", "former"}) document[key] = state.value(key, json::array());
  for (std::size_t i = 0; i < lane.state.waivers.size(); ++i)
    document["waivers"][i]["can"] = can(asking, lane, lane.state.waivers[i]);
  co_return document;
}

asio::awaitable<Response> get_lane(const ApiParts& parts, Request request) {
  const auto lane = co_await seen_lane(parts, lane_in_path(request));
  if (!lane) co_return problem_response(lane.error());
  if (auto at = query_value(request, "at"); !at.empty()) co_return co_await lane_at(parts, (*lane)->key, std::move(at));
  const auto document = co_await lane_json(parts, *request.caller, **lane);
  if (!document) co_return problem_response(document.error());
  co_return json_response(200, *document);
}

asio::awaitable<Response> get_history(const ApiParts& parts, Request request) {
  const auto page = read_page(request, "history");
  if (!page) co_return problem_response(page.error());
  const auto lane = co_await seen_lane(parts, lane_in_path(request));
  if (!lane) co_return problem_response(lane.error());
  const auto before = read_number(page->after);
  if (!before) co_return problem_response(before.error());
  // One more than a page tells whether there is another.
  auto found = co_await spans(parts, (*lane)->key, std::nullopt, page->limit + 1, *before);
  if (!found) co_return problem_response(found.error());
  const bool more = found->size() > static_cast<std::size_t>(page->limit);
  if (more) found->pop_back();
  json document{{"model", (*lane)->key.model}, {"environment", (*lane)->key.environment}, {"history", json::array()}};
  for (const auto& span : *found) document["history"].push_back(span_json(span));
  Response linked;
  if (more) add_next(linked, document, request, "history", std::to_string(found->back().number));
  auto response = json_response(200, document);
  response.headers = std::move(linked.headers);
  co_return response;
}

}  // namespace penstock::intake
