#include "daemon/intake/can.hpp"

#include "daemon/engine/plan.hpp"
#include "daemon/intake/api_decisions.hpp"
#include "daemon/intake/api_lane_actions.hpp"

namespace penstock::intake {
namespace {

using nlohmann::json;

constexpr auto some_reason = "-";

json may_not(const std::string& why, const std::string& next = "") {
  json answer{{"may", false}, {"why", why}};
  if (!next.empty()) answer["next"] = next;
  return answer;
}

using Wish = std::pair<std::string, core::Result<core::Event>>;

json answers_to(const Asking& asking, const core::Lane& lane, std::vector<Wish> wishes) {
  json answers = json::object();
  for (auto& [verb, event] : wishes) {
    if (!event) {
      answers[verb] = may_not(event.error().message, event.error().hint);
      continue;
    }
    const auto decision = engine::plan_in(asking.world, lane, std::move(*event), asking.now);
    if (!decision)
      answers[verb] = may_not(decision.error().message, decision.error().hint);
    else if (decision->refused)
      answers[verb] = may_not(decision->refused->message, decision->refused->hint);
    else if (!decision->ignored.empty())
      answers[verb] = may_not(decision->ignored);
    else
      answers[verb] = {{"may", true}};
  }
  return answers;
}

Wish by_person(const Caller& caller, std::string verb, const std::string& what, core::Event event) {
  if (const auto person = needs_person(caller, what); !person) return {std::move(verb), person.error()};
  return {std::move(verb), std::move(event)};
}

Wish rollback(const Caller& caller, const core::Lane& lane, core::Time now) {
  return {"rollback", rollback_event(caller, lane, {some_reason, ""}, now)};
}

}  // namespace

json can(const Asking& asking, const core::Promotion& promotion, const core::Lane& lane) {
  const auto& caller = asking.caller;
  const auto decide_on = engine::Engine::decision_digest(promotion);
  std::vector<Wish> wishes;
  for (const auto& [decision, name] : core::EnumNames<Decision>::names) {
    const PersonalDecision wish{promotion.id, decision, decide_on, some_reason, "", "", caller};
    wishes.emplace_back(name, event_of(wish, promotion));
  }
  wishes.emplace_back("retry", retry_event(caller, promotion, asking.now));
  wishes.emplace_back("withdraw", withdrawal_event(caller, promotion, some_reason));
  if (core::is_live(promotion.phase)) wishes.push_back(rollback(caller, lane, asking.now));
  return answers_to(asking, lane, std::move(wishes));
}

json can(const Asking& asking, const core::Lane& lane) {
  std::vector<Wish> wishes;
  wishes.emplace_back("pin", pin_event(asking.caller, lane.key, some_reason));
  wishes.emplace_back("release", release_event(asking.caller, lane.key));
  wishes.emplace_back("review", review_event(asking.caller, lane.key, some_reason));
  wishes.push_back(rollback(asking.caller, lane, asking.now));
  return answers_to(asking, lane, std::move(wishes));
}

json can(const Asking& asking, const core::Lane& lane, const core::Waiver& waiver) {
  std::vector<Wish> wishes;
  wishes.push_back(by_person(asking.caller, "grant", "grant waivers",
                             core::WaiverGranted{lane.key, waiver.id, asking.caller.name, asking.caller.groups, ""}));
  wishes.push_back(by_person(asking.caller, "revoke", "take waivers back",
                             core::WaiverRevoked{lane.key, waiver.id, asking.caller.name, some_reason, ""}));
  return answers_to(asking, lane, std::move(wishes));
}

json can(const Asking& asking, const core::Lane& lane, const core::Stop& stop) {
  std::vector<Wish> wishes;
  wishes.push_back(
      by_person(asking.caller, "lift", "lift stops", core::StopLifted{lane.key, stop.id, asking.caller.name, ""}));
  return answers_to(asking, lane, std::move(wishes));
}

json can(const Asking& asking, const core::Lane& lane, const core::Delegation& delegation) {
  std::vector<Wish> wishes;
  wishes.push_back(by_person(asking.caller, "end", "end delegations",
                             core::DelegationEnded{lane.key, delegation.id, asking.caller.name, ""}));
  return answers_to(asking, lane, std::move(wishes));
}

}  // namespace penstock::intake
