#include "daemon/intake/api_stops.hpp"

#include "daemon/intake/api_body.hpp"
#include "daemon/intake/can.hpp"
#include "daemon/runtime/digest.hpp"

namespace penstock::intake {
namespace {

using nlohmann::json;

core::Result<core::Stop> read_stop(const Request& request) {
  const auto document = read_object(request.body, {"model", "environment", "reason"});
  if (!document) return document.error();
  core::Stop stop;
  const auto reason = needed_text(*document, "reason", "say what happened: whoever waits will read it");
  if (!reason) return reason.error();
  stop.reason = *reason;
  for (auto [key, target] : {std::pair{"model", &stop.model}, std::pair{"environment", &stop.environment}}) {
    auto text = text_member(*document, key);
    if (!text) return text.error();
    if (!text->empty()) *target = std::move(*text);
  }
  stop.by = request.caller->name;
  return stop;
}

}  // namespace

asio::awaitable<Response> list_stops(const ApiParts& parts, Request request) {
  const auto lane = co_await parts.engine.lane(core::every_lane);
  if (!lane) co_return problem_response(lane.error());
  const auto world = co_await parts.engine.world(core::every_lane);
  if (!world) co_return problem_response(world.error());
  auto stops = json::array();
  for (const auto& stop : (*lane)->state.stops) {
    stops.push_back(core::to_json(stop));
    stops.back()["can"] = can({*request.caller, *world, parts.clock.now()}, **lane, stop);
  }
  const json document{{"stops", std::move(stops)}};
  co_return json_response(200, document);
}

asio::awaitable<Response> post_stop(const ApiParts& parts, Request request) {
  auto stop = read_stop(request);
  if (!stop) co_return problem_response(stop.error());
  stop->id = runtime::time_ordered_id("stp_", parts.clock.now());
  stop->since = parts.clock.now();
  core::Event event = core::StopSet{core::every_lane, *stop, ""};
  const auto outcome = co_await parts.engine.submit(std::move(event));
  if (!outcome) co_return problem_response(outcome.error());
  co_return json_response(201, core::to_json(*stop));
}

asio::awaitable<Response> post_lift(const ApiParts& parts, Request request) {
  const auto id = request.parameters.at("id");
  core::Event event = core::StopLifted{core::every_lane, id, request.caller->name, ""};
  const auto outcome = co_await parts.engine.submit(std::move(event));
  if (!outcome) co_return problem_response(outcome.error());
  if (!outcome->ignored.empty())
    co_return problem_response(
        404, {"not-found", "there is no stop `" + id + "`", request.path, "list them with GET /v1/stops", false});
  co_return co_await list_stops(parts, std::move(request));
}

}  // namespace penstock::intake
