#include "daemon/intake/api_plan.hpp"

#include "daemon/core/waiver.hpp"
#include "daemon/intake/api_lanes.hpp"
#include "daemon/intake/api_page.hpp"
#include "daemon/intake/delivery_window.hpp"
#include "daemon/intake/policy_json.hpp"

namespace penstock::intake {
namespace {

using nlohmann::json;

// The id that the promotion would have, which nothing ever gets.
constexpr auto planned_id = "prm_plan";

// Who asks for promotion: a candidate that was seen, or the name of a version of which nothing is known.
struct Asking {
  core::CandidateSeen event;
  bool is_known = false;
  int others = 0;  // candidates of the same version, seen before this one
};

asio::awaitable<core::Result<Asking>> asking_for(const ApiParts& parts, core::LaneKey key, std::string version) {
  auto* journal = &parts.journal;
  journal::CandidateQuery query;
  query.model = key.model;
  query.version = version;
  auto read = [journal, query] { return journal->candidates(query); };
  const auto rows = co_await parts.pool.run(std::move(read));
  if (!rows) co_return rows.error();
  Asking asking;
  asking.event.promotion = planned_id;
  asking.event.version = version;
  asking.event.trigger = "plan";
  if (rows->empty()) co_return asking;
  const auto& newest = rows->front();
  const auto candidate = co_await parts.engine.candidate(newest.id);
  if (!candidate) co_return candidate.error();
  asking.event.candidate = newest.id;
  asking.event.authors = candidate->authors;
  asking.event.submitter = newest.submitter;
  asking.is_known = true;
  asking.others = static_cast<int>(rows->size()) - 1;
  co_return asking;
}

// The names behind "submitter", "author" and "editor".
json excluded_people(const core::CandidateSeen& event, const core::Policy& policy) {
  json people = json::object();
  if (!event.submitter.empty()) people["submitter"] = json::array({event.submitter});
  if (!event.authors.empty()) people["author"] = event.authors;
  if (!policy.editor.empty()) people["editor"] = json::array({policy.editor});
  return people;
}

json windows_json(const core::Policy& policy) {
  auto windows = json::array();
  for (const auto& window : policy.windows)
    windows.push_back({{std::string(core::name_of(window.kind)), window.when},
                       {"timezone", window.timezone},
                       {"reason", window.reason}});
  return windows;
}

// The waivers by which it would go on although the gate had failed as a whole.
void add_waivers(json& stages, const core::Lane& lane, const core::CandidateSeen& event, core::Time now) {
  core::Promotion promotion;
  promotion.candidate = event.candidate;
  promotion.version = event.version;
  core::Finding failed;
  failed.verdict = core::Verdict::failed;
  for (auto& stage : stages)
    for (auto& gate : stage["gates"]) {
      core::Check check;
      check.gate = gate["name"];
      check.finding = failed;
      for (const auto* waiver : core::waivers_of(lane.state, promotion, check, now))
        gate["waived_by"].push_back(waiver->id);
    }
}

// What it would wait for before it is taken up, and who would give way to it.
json queue_json(const core::Lane& lane, const core::Decision& decision, const core::Policy& policy) {
  auto behind = json::array();
  auto supersedes = json::array();
  const auto* opened = core::find(decision.lane, planned_id);
  const bool waits = opened != nullptr && std::holds_alternative<core::Queued>(opened->phase);
  for (const auto& promotion : decision.lane.promotions) {
    if (promotion.id == planned_id) continue;
    const auto* superseded = std::get_if<core::Superseded>(&promotion.phase);
    if (superseded != nullptr && superseded->by == planned_id)
      supersedes.push_back(brief_json(*core::find(lane, promotion.id)));
    else if (waits && !core::is_live(promotion.phase) && !core::is_end(promotion.phase))
      behind.push_back(brief_json(promotion));
  }
  return {{"mode", core::name_of(policy.queue)},
          {"order", core::name_of(policy.order)},
          {"behind", std::move(behind)},
          {"supersedes", std::move(supersedes)}};
}

// Where it must have been live before; null when that is nowhere.
asio::awaitable<core::Result<json>> after_json(const ApiParts& parts, core::LaneKey key,
                                               std::shared_ptr<const core::Policy> policy,
                                               core::CandidateId candidate) {
  json document;
  if (!policy->after) co_return document;
  document = {{"environment", policy->after->environment},
              {"soak", core::to_text(policy->after->soak)},
              {"live_there_since", nullptr},
              {"comes_at", nullptr}};
  core::LaneKey before{key.model, policy->after->environment};
  const auto lane = co_await parts.engine.lane(std::move(before));
  if (!lane) co_return lane.error();
  const auto live = co_await parts.engine.live_in(*lane);
  if (!live) co_return live.error();
  if (!*live || (*live)->id != candidate || candidate.empty()) co_return document;
  document["live_there_since"] = core::to_text((*live)->since);
  document["comes_at"] = core::to_text((*live)->since + policy->after->soak);
  co_return document;
}

json plan_json(const core::Lane& lane, const Asking& asking, const core::Decision& decision, const core::Policy& policy,
               core::Time now) {
  const auto& event = asking.event;
  json document{{"model", lane.key.model},
                {"environment", lane.key.environment},
                {"version", event.version},
                {"known", asking.is_known},
                {"candidate", nullptr},
                {"policy", {{"name", policy.name}, {"digest", policy.digest.text()}}},
                {"ignored", decision.ignored},
                {"phase", nullptr},
                {"stages", stages_json(policy)},
                {"approvals", approvals_json(policy)},
                {"excluded", excluded_people(event, policy)},
                {"deliveries", deliveries_json(policy)},
                {"windows", windows_json(policy)},
                {"queue", queue_json(lane, decision, policy)},
                {"pin", core::to_json(lane.state).value("pin", json())},
                {"veto", nullptr}};
  if (asking.is_known) document["candidate"] = event.candidate.text();
  if (asking.others > 0) document["others_of_this_version"] = asking.others;
  if (const auto* opened = core::find(decision.lane, planned_id)) document["phase"] = core::phase_name(opened->phase);
  add_waivers(document["stages"], lane, event, now);
  for (const auto& veto : lane.state.vetoes)
    if (asking.is_known && veto.candidate == event.candidate)
      document["veto"] = {{"by", veto.by}, {"reason", veto.reason}, {"at", core::to_text(veto.at)}};
  if (!policy.audit.acknowledged_by.empty())
    document["audit"] = {{"acknowledged_by", policy.audit.acknowledged_by},
                         {"within", core::to_text(policy.audit.within)}};
  if (policy.most_per_window > 0) document["most_per_window"] = policy.most_per_window;
  if (policy.watch) {
    document["watch"] = {{"for", core::to_text(policy.watch->duration)},
                         {"on_failure", core::name_of(policy.watch->on_failure)},
                         {"gates", json::array()}};
    for (const auto& gate : policy.watch->gates) document["watch"]["gates"].push_back(gate.name);
  }
  return document;
}

}  // namespace

asio::awaitable<Response> get_plan(const ApiParts& parts, Request request) {
  const auto version = query_value(request, "version");
  if (version.empty() || version.size() > 200)
    co_return problem_response({"invalid-request", "version is missing, or longer than 200 characters", request.path,
                                "say which version of the model is meant", false});
  const auto lane = co_await parts.engine.lane(lane_in_path(request));
  if (!lane) co_return problem_response(lane.error());
  const auto asking = co_await asking_for(parts, (*lane)->key, version);
  if (!asking) co_return problem_response(asking.error());
  core::Event event = asking->event;
  const auto decision = co_await parts.engine.plan(**lane, std::move(event));
  if (!decision) co_return problem_response(decision.error());
  const auto world = co_await parts.engine.world((*lane)->key);
  if (!world) co_return problem_response(world.error());
  const auto policy = world->policy;
  if (!policy)
    co_return problem_response({"no-policy", "no policy covers " + core::to_text((*lane)->key), "", "", false});
  const auto now = parts.clock.now();
  auto document = plan_json(**lane, *asking, *decision, *policy, now);
  document["window"] = window_json(*world, **lane, now);
  auto after = co_await after_json(parts, (*lane)->key, policy, asking->event.candidate);
  if (!after) co_return problem_response(after.error());
  document["after"] = std::move(*after);
  co_return json_response(200, document);
}

}  // namespace penstock::intake
