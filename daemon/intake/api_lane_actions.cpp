#include "daemon/intake/api_lane_actions.hpp"

#include "daemon/intake/api_body.hpp"
#include "daemon/intake/api_decisions.hpp"
#include "daemon/intake/api_lanes.hpp"
#include "daemon/intake/api_promotions.hpp"
#include "daemon/intake/rollback_plan.hpp"
#include "daemon/runtime/digest.hpp"

namespace penstock::intake {
namespace {

using nlohmann::json;

core::Problem conflict(std::string message, std::string hint) {
  return {"conflict", std::move(message), "", std::move(hint), false};
}

// Among those that can be gone back to. A digest is the core's to judge.
core::Result<core::CandidateId> target_of(const core::Lane& lane, const std::string& text) {
  if (text.empty()) return core::CandidateId();
  if (const auto digest = core::Digest::parse(text)) return *digest;
  core::CandidateId found;
  std::string known;
  for (const auto& former : lane.state.former) {
    known += (known.empty() ? "" : ", ") + former.version + " (" + former.candidate.brief() + ")";
    if (former.version != text) continue;
    if (!found.empty())
      return conflict("several candidates of version `" + text + "` were live in " + core::to_text(lane.key),
                      "name one by its digest");
    found = former.candidate;
  }
  if (!found.empty()) return found;
  return conflict("no version `" + text.substr(0, 200) + "` was live in " + core::to_text(lane.key) + " before",
                  known.empty() ? "promote another candidate instead" : "those that were: " + known);
}

// Nothing when the request does not say what it saw, or it is still so.
std::optional<core::Problem> taken_by_surprise(const Request& request, const core::Lane& lane) {
  auto tag = request.header("if-match");
  if (tag.empty()) return std::nullopt;
  if (tag.size() >= 2 && tag.front() == '"' && tag.back() == '"') tag = tag.substr(1, tag.size() - 2);
  const auto* live = core::live_in(lane);
  const auto current = live == nullptr ? std::string("nothing") : engine::Engine::decision_digest(*live).text();
  if (tag == current) return std::nullopt;
  return core::Problem{
      "stale-decision",
      "If-Match is not what is live in " + core::to_text(lane.key) + ": that is decided on by " + current, request.path,
      "read the lane again and take back what it shows", false};
}

asio::awaitable<Response> submit_to_lane(const ApiParts& parts, Caller caller, core::LaneKey key,
                                         core::Result<core::Event> event) {
  if (!event) co_return problem_response(event.error());
  if (const auto seen = co_await seen_lane(parts, key); !seen) co_return problem_response(seen.error());
  const auto outcome = co_await parts.engine.submit(std::move(*event));
  if (!outcome) co_return problem_response(outcome.error());
  const auto lane = co_await parts.engine.lane(key);
  if (!lane) co_return problem_response(lane.error());
  auto document = co_await lane_json(parts, caller, **lane);
  if (!document) co_return problem_response(document.error());
  if (!outcome->ignored.empty()) (*document)["ignored"] = outcome->ignored;
  co_return json_response(200, *document);
}

asio::awaitable<Response> planned_rollback(const ApiParts& parts, engine::LaneThen lane, core::Event event) {
  const auto decision = co_await parts.engine.plan(*lane, event);
  if (!decision) co_return problem_response(decision.error());
  if (decision->refused) co_return problem_response(*decision->refused);
  const auto world = co_await parts.engine.world(lane->key);
  if (!world) co_return problem_response(world.error());
  co_return json_response(200, rollback_plan(*lane, *decision, core::promotion_of(event), *world, parts.clock.now()));
}

// The one that takes back already what is to be taken back.
asio::awaitable<Response> under_way_already(const ApiParts& parts, core::LaneKey key, std::string ignored) {
  const auto lane = co_await parts.engine.lane(key);
  if (!lane) co_return problem_response(lane.error());
  const auto* under_way = core::under_way_in(**lane);
  if (under_way == nullptr) co_return problem_response(conflict(ignored, "read the lane again"));
  co_return co_await changed_response(parts, *under_way, ignored);
}

}  // namespace

core::Result<core::Event> pin_event(const Caller& by, const core::LaneKey& lane, std::string reason) {
  if (const auto person = needs_person(by, "hold a lane"); !person) return person.error();
  return core::Event(core::PinSet{lane, by.name, std::move(reason), ""});
}

core::Result<core::Event> release_event(const Caller& by, const core::LaneKey& lane) {
  if (const auto person = needs_person(by, "release a lane"); !person) return person.error();
  return core::Event(core::PinReleased{lane, by.name, ""});
}

core::Result<core::Event> rollback_event(const Caller& by, const core::Lane& lane, const RollbackWish& wish,
                                         core::Time now) {
  if (const auto person = needs_person(by, "roll back"); !person) return person.error();
  const auto target = target_of(lane, wish.candidate);
  if (!target) return target.error();
  return core::Event(
      core::RollbackAsked{lane.key, runtime::time_ordered_id("prm_", now), by.name, by.groups, wish.reason, *target});
}

core::Result<core::Event> review_event(const Caller& by, const core::LaneKey& lane, std::string text) {
  if (const auto person = needs_person(by, "file a review"); !person) return person.error();
  return core::Event(core::ReviewFiled{lane, by.name, by.groups, std::move(text), ""});
}

asio::awaitable<Response> post_review(const ApiParts& parts, Request request) {
  const auto document = read_object(request.body, {"text"});
  if (!document) co_return problem_response(document.error());
  const auto text = needed_text(*document, "text", "say what was found, and what follows from it");
  if (!text) co_return problem_response(text.error());
  const auto key = lane_in_path(request);
  auto event = review_event(*request.caller, key, *text);
  co_return co_await submit_to_lane(parts, *request.caller, key, std::move(event));
}

asio::awaitable<Response> post_pin(const ApiParts& parts, Request request) {
  const auto document = read_object(request.body, {"reason"});
  if (!document) co_return problem_response(document.error());
  const auto reason = needed_text(*document, "reason", "say why nothing may be taken up until it is released");
  if (!reason) co_return problem_response(reason.error());
  const auto key = lane_in_path(request);
  auto event = pin_event(*request.caller, key, *reason);
  co_return co_await submit_to_lane(parts, *request.caller, key, std::move(event));
}

asio::awaitable<Response> post_release(const ApiParts& parts, Request request) {
  if (const auto body = read_object(request.body, {}); !body) co_return problem_response(body.error());
  const auto key = lane_in_path(request);
  auto event = release_event(*request.caller, key);
  co_return co_await submit_to_lane(parts, *request.caller, key, std::move(event));
}

asio::awaitable<Response> post_rollback(const ApiParts& parts, Request request) {
  const auto document = read_object(request.body, {"reason", "candidate", "plan"});
  if (!document) co_return problem_response(document.error());
  const auto reason = needed_text(*document, "reason", "say what is wrong with what is live");
  if (!reason) co_return problem_response(reason.error());
  const auto candidate = text_member(*document, "candidate");
  if (!candidate) co_return problem_response(candidate.error());
  const auto plan = document->value("plan", json(false));
  if (!plan.is_boolean()) co_return problem_response(invalid("`plan` must be true or false"));
  const auto key = lane_in_path(request);
  auto lane = co_await seen_lane(parts, key);
  if (!lane) co_return problem_response(lane.error());
  if (const auto surprise = taken_by_surprise(request, **lane)) co_return problem_response(*surprise);
  const RollbackWish wish{*reason, *candidate};
  auto event = rollback_event(*request.caller, **lane, wish, parts.clock.now());
  if (!event) co_return problem_response(event.error());
  if (plan.get<bool>()) co_return co_await planned_rollback(parts, *lane, std::move(*event));
  const auto outcome = co_await parts.engine.submit(std::move(*event));
  if (!outcome) co_return problem_response(outcome.error());
  if (!outcome->ignored.empty()) co_return co_await under_way_already(parts, key, outcome->ignored);
  co_return co_await created_response(parts, outcome->promotion);
}

}  // namespace penstock::intake
