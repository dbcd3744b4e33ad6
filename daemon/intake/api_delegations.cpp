#include "daemon/intake/api_delegations.hpp"

#include "daemon/intake/api_body.hpp"
#include "daemon/intake/can.hpp"
#include "daemon/runtime/digest.hpp"

namespace penstock::intake {
namespace {

using nlohmann::json;

core::Result<core::Delegation> read_delegation(const Request& request, core::Time now) {
  const auto document = read_object(request.body, {"to", "group", "reason", "ends", "for"});
  if (!document) return document.error();
  const auto to = needed_text(*document, "to", "name the person who stands in for you");
  if (!to) return to.error();
  const auto reason = needed_text(*document, "reason", "say why");
  if (!reason) return reason.error();
  const auto group = text_member(*document, "group");
  if (!group) return group.error();
  const auto ends = end_of(*document, "a delegation", now);
  if (!ends) return ends.error();
  const auto& from = *request.caller;
  return core::Delegation{
      runtime::time_ordered_id("dlg_", now), from.name, from.aliases, *to, *group, *reason, now, *ends};
}

json shown(const core::Delegation& delegation) {
  auto document = core::to_json(delegation);
  document.erase("aliases");
  return document;
}

}  // namespace

asio::awaitable<Response> list_delegations(const ApiParts& parts, Request request) {
  const auto lane = co_await parts.engine.lane(core::every_lane);
  if (!lane) co_return problem_response(lane.error());
  const auto world = co_await parts.engine.world(core::every_lane);
  if (!world) co_return problem_response(world.error());
  const auto now = parts.clock.now();
  auto delegations = json::array();
  for (const auto& delegation : (*lane)->state.delegations) {
    if (delegation.until <= now) continue;
    delegations.push_back(shown(delegation));
    delegations.back()["can"] = can({*request.caller, *world, now}, **lane, delegation);
  }
  const json document{{"delegations", std::move(delegations)}};
  co_return json_response(200, document);
}

asio::awaitable<Response> post_delegation(const ApiParts& parts, Request request) {
  const auto delegation = read_delegation(request, parts.clock.now());
  if (!delegation) co_return problem_response(delegation.error());
  core::Event event = core::DelegationGiven{core::every_lane, *delegation, ""};
  const auto outcome = co_await parts.engine.submit(std::move(event));
  if (!outcome) co_return problem_response(outcome.error());
  co_return json_response(201, shown(*delegation));
}

asio::awaitable<Response> post_delegation_end(const ApiParts& parts, Request request) {
  const auto id = request.parameters.at("id");
  core::Event event = core::DelegationEnded{core::every_lane, id, request.caller->name, ""};
  const auto outcome = co_await parts.engine.submit(std::move(event));
  if (!outcome) co_return problem_response(outcome.error());
  if (!outcome->ignored.empty())
    co_return problem_response(404, {"not-found", "there is no delegation `" + id + "`", request.path,
                                     "list them with GET /v1/delegations", false});
  co_return co_await list_delegations(parts, std::move(request));
}

}  // namespace penstock::intake
