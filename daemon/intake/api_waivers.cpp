#include "daemon/intake/api_waivers.hpp"

#include <algorithm>

#include "daemon/intake/api_body.hpp"
#include "daemon/intake/api_decisions.hpp"
#include "daemon/intake/api_lanes.hpp"
#include "daemon/runtime/digest.hpp"

namespace penstock::intake {
namespace {

using nlohmann::json;

core::Result<core::Waiver> read_waiver(const json& document, const Caller& requester, core::Time now) {
  core::Waiver waiver;
  struct Member {
    const char* key;
    std::string& text;
    const char* hint;  // nullptr: may be left out
  };
  std::string candidate;
  for (const auto& [key, text, hint] :
       {Member{"gate", waiver.gate, "name the gate that is not passed"},
        Member{"reason", waiver.reason, "say why it cannot be passed"},
        Member{"control", waiver.control, "say what is done instead"}, Member{"rule", waiver.rule, nullptr},
        Member{"versions", waiver.versions, nullptr}, Member{"candidate", candidate, nullptr}}) {
    auto read = hint == nullptr ? text_member(document, key) : needed_text(document, key, hint);
    if (!read) return read.error();
    text = std::move(*read);
  }
  if (!candidate.empty()) {
    const auto digest = core::Digest::parse(candidate);
    if (!digest) return invalid("`candidate` is not \"sha256:\" and 64 lower-case hex digits");
    waiver.candidate = *digest;
  }
  const auto ends = end_of(document, "a waiver", now);
  if (!ends) return ends.error();
  waiver.ends = *ends;
  waiver.id = runtime::time_ordered_id("wvr_", now);
  waiver.requester = requester.name;
  waiver.asked_at = now;
  return waiver;
}

json waiver_json(const core::LaneKey& lane, const core::Waiver& waiver) {
  auto document = core::to_json(waiver);
  document["model"] = lane.model;
  document["environment"] = lane.environment;
  return document;
}

core::Result<core::Waiver> find_waiver(const core::Lane& lane, const std::string& id) {
  const auto& waivers = lane.state.waivers;
  const auto found = std::find_if(waivers.begin(), waivers.end(), [&](const auto& one) { return one.id == id; });
  if (found != waivers.end()) return *found;
  return core::Problem{"not-found", "there is no waiver `" + id.substr(0, 60) + "` in " + core::to_text(lane.key), "",
                       "list them with the lane; those that ended are gone", false};
}

// Where a waiver that exists is spoken of.
struct Named {
  core::LaneKey lane;
  core::Waiver waiver;
};

asio::awaitable<core::Result<Named>> named_in(const ApiParts& parts, const Request& request) {
  const auto lane = co_await seen_lane(parts, lane_in_path(request));
  if (!lane) co_return lane.error();
  auto waiver = find_waiver(**lane, request.parameters.at("id"));
  if (!waiver) co_return waiver.error();
  co_return Named{(*lane)->key, std::move(*waiver)};
}

Response waiver_response(int status, const core::LaneKey& lane, const core::Waiver& waiver,
                         const std::string& ignored = "") {
  auto document = waiver_json(lane, waiver);
  if (!ignored.empty()) document["ignored"] = ignored;
  return json_response(status, document);
}

}  // namespace

asio::awaitable<Response> post_waiver(const ApiParts& parts, Request request) {
  if (const auto person = needs_person(*request.caller, "ask for waivers"); !person)
    co_return problem_response(person.error());
  const auto document =
      read_object(request.body, {"gate", "rule", "candidate", "versions", "reason", "control", "ends", "for"});
  if (!document) co_return problem_response(document.error());
  const auto waiver = read_waiver(*document, *request.caller, parts.clock.now());
  if (!waiver) co_return problem_response(waiver.error());
  const auto lane = co_await seen_lane(parts, lane_in_path(request));
  if (!lane) co_return problem_response(lane.error());
  core::Event event = core::WaiverAsked{(*lane)->key, *waiver, ""};
  const auto outcome = co_await parts.engine.submit(std::move(event));
  if (!outcome) co_return problem_response(outcome.error());
  co_return waiver_response(201, (*lane)->key, *waiver, outcome->ignored);
}

asio::awaitable<Response> post_grant(const ApiParts& parts, Request request) {
  const auto& caller = *request.caller;
  if (const auto person = needs_person(caller, "grant waivers"); !person) co_return problem_response(person.error());
  if (const auto body = read_object(request.body, {}); !body) co_return problem_response(body.error());
  auto named = co_await named_in(parts, request);
  if (!named) co_return problem_response(named.error());
  core::Event event = core::WaiverGranted{named->lane, named->waiver.id, caller.name, caller.groups, ""};
  const auto outcome = co_await parts.engine.submit(std::move(event));
  if (!outcome) co_return problem_response(outcome.error());
  if (outcome->ignored.empty()) named->waiver.granter = caller.name;
  co_return waiver_response(200, named->lane, named->waiver, outcome->ignored);
}

asio::awaitable<Response> post_revocation(const ApiParts& parts, Request request) {
  const auto& caller = *request.caller;
  if (const auto person = needs_person(caller, "take waivers back"); !person)
    co_return problem_response(person.error());
  const auto document = read_object(request.body, {"reason"});
  if (!document) co_return problem_response(document.error());
  const auto reason = needed_text(*document, "reason", "say why it must not be used any more");
  if (!reason) co_return problem_response(reason.error());
  const auto named = co_await named_in(parts, request);
  if (!named) co_return problem_response(named.error());
  core::Event event = core::WaiverRevoked{named->lane, named->waiver.id, caller.name, *reason, ""};
  const auto outcome = co_await parts.engine.submit(std::move(event));
  if (!outcome) co_return problem_response(outcome.error());
  co_return waiver_response(200, named->lane, named->waiver, outcome->ignored);
}

}  // namespace penstock::intake
