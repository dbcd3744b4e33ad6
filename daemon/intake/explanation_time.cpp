// What the clock decides: windows, how many deliveries one allows, stops, soaking, and how old answers may be.
#include <algorithm>

#include "daemon/intake/delivery_window.hpp"
#include "daemon/intake/explanation_nodes.hpp"

namespace penstock::intake {
namespace {

using nlohmann::json;

// What had to be so until deliveries began was so: what is seen now is shown, and decides nothing any more.
void settle(const Explained& explained, Node& node) {
  if (!has_begun(explained.promotion)) return;
  if (node.met != true) node.observed += "; it was met when deliveries began";
  node.met = true;
  node.who.clear();
  node.how.clear();
}

void wait_for_it(const Explained& explained, Node& node) {
  if (node.met == true || core::is_end(explained.promotion.phase)) return;
  node.who = {"penstock"};
  node.how = node.until ? "deliveries begin by themselves once it is met" : "only a new policy opens it";
}

Node one_window(const Explained& explained, const core::Window& window) {
  const bool allows = window.kind == core::WindowKind::allow;
  Node node{
      window.when, "window",
      (allows ? "now is in the window " : "now is not in the window ") + window.when + " (" + window.timezone + ")"};
  node.needed = allows ? "a time in it" : "a time outside of it";
  node.more["window"] = core::name_of(window.kind);
  node.more["timezone"] = window.timezone;
  if (!window.reason.empty()) node.more["reason"] = window.reason;
  const auto* zones = explained.world.zones;
  if (zones == nullptr) {
    node.observed = "the time zones are not known";
  } else {
    const auto alone = core::opening_at({&window, 1}, explained.now, *zones);
    node.met = alone.open;
    node.state = alone.open ? "open" : "closed";
    node.observed = "it is " + core::to_text(explained.now);
    node.until = alone.next_change;
    node.more["next_open"] = alone.next_open ? json(core::to_text(*alone.next_open)) : json();
    node.more["next_close"] = alone.next_close ? json(core::to_text(*alone.next_close)) : json();
  }
  wait_for_it(explained, node);
  settle(explained, node);
  return node;
}

Node windows_node(const Explained& explained, const core::DeliveryOpening& opening) {
  const auto& promotion = explained.promotion;
  Node node{"windows", "windows", "a window is open", MetBy::all};
  Node allow{"allow", "windows", "now is in one of the windows that allow deliveries", MetBy::any};
  for (const auto& window : promotion.policy->windows)
    (window.kind == core::WindowKind::allow ? allow : node).children.push_back(one_window(explained, window));
  if (!allow.children.empty()) node.children.push_back(std::move(allow));
  node.needed = "inside a window that allows deliveries, if there is one, and outside every one that denies them";
  node.observed = window_json(opening, promotion.lane)["text"];
  if (!promotion.takes_back.empty()) node.observed = "a way back waits for no window";
  go_without(explained, node, "windows");
  return node;
}

Node limit_node(const Explained& explained, const core::DeliveryOpening& opening) {
  const auto most = explained.promotion.policy->most_per_window;
  Node node{"limit", "limit", "the window has room"};
  node.needed = "at most " + std::to_string(most) + " deliveries in one window";
  node.met = !opening.is_full;
  node.counts = !is_gone_without(explained, "windows");
  node.observed = opening.is_full ? opening.reason : "fewer have begun in this window";
  node.until = opening.is_full ? opening.next_open : std::nullopt;
  wait_for_it(explained, node);
  settle(explained, node);
  return node;
}

Node stops_node(const Explained& explained, const core::DeliveryOpening& opening) {
  Node node{"stops", "stops", "no stop holds deliveries back", MetBy::all};
  node.needed = "no stop that names this lane";
  node.observed = opening.stops.empty() ? "there is none" : opening.reason;
  if (!explained.promotion.takes_back.empty()) node.observed = "a way back waits for no stop";
  for (const auto* stop : opening.stops) {
    Node one{stop->id, "stop", "the stop " + stop->id + " is lifted"};
    one.met = false;
    one.needed = "lifted by a person";
    one.observed = "set by " + stop->by + " for " + stop->model + " in " + stop->environment + ": " + stop->reason;
    one.since = stop->since;
    one.who = {"any person"};
    one.how = "penstock lift " + stop->id;
    settle(explained, one);
    node.children.push_back(std::move(one));
  }
  go_without(explained, node, "stops");
  return node;
}

// Waiting for its own moment in the window, or for the next look.
Node begin_node(const Explained& explained, const core::AwaitingWindow& waiting) {
  Node node{"begin", "begin", "its moment has come"};
  node.needed = "its own moment once deliveries are open, so that not all that wait begin at once";
  node.met = false;
  node.observed = waiting.reason;
  node.since = waiting.since;
  node.until = waiting.until;
  node.who = {"penstock"};
  node.how = waiting.opens ? "it begins by itself at " + core::to_text(*waiting.opens)
                           : "it begins by itself within 30 s after deliveries are open";
  if (!opening_for(explained).stops.empty()) {
    node.who.insert(node.who.begin(), "any person");
    node.how = "a person lifts the stop; then it begins by itself within 30 s";
  }
  return node;
}

// The last thing that is needed: asked for when all else is so.
Node place_node(const Explained& explained) {
  const auto& promotion = explained.promotion;
  const auto& semaphore = promotion.policy->semaphore;
  static const std::vector<core::Place> none;
  const auto places = core::places_of(semaphore, explained.world.places != nullptr ? *explained.world.places : none,
                                      explained.world.semaphores.get());
  Node node{"place", "place", "the lane has a place of the semaphore " + semaphore};
  node.needed = "a place, from the beginning of the deliveries to the end of the watch";
  node.met = places.has_room();
  node.observed = core::to_text(semaphore, places);
  for (const auto& place : explained.lane.state.places) {
    if (place.semaphore != semaphore) continue;
    node.met = place.since.has_value();
    node.since = place.since.value_or(place.asked_at);
    node.state = place.since ? "held" : "waited for";
  }
  if (const auto* waiting = std::get_if<core::AwaitingWindow>(&promotion.phase);
      waiting != nullptr && !waiting->semaphore.empty())
    node.until = waiting->until;
  if (node.met != true && !core::is_end(promotion.phase)) {
    node.who = {"the promotions that hold one"};
    node.how = "it is given one by itself, in the order of asking, when one is given back; see penstock semaphores";
  }
  settle(explained, node);
  if (!has_begun(promotion) && is_gone_without(explained, "semaphores")) {
    node.met = true;
    node.state = "gone without";
    node.who.clear();
    node.how.clear();
  }
  return node;
}

Node soak_node(const Explained& explained, const core::AfterSpec& after) {
  Node node{"soak", "soak", "it was live in " + after.environment + " for " + core::to_text(after.soak)};
  node.needed = core::to_text(after.soak) + " live in " + after.environment + " without a break before it comes here";
  node.met = true;
  node.observed = "it came here: " + explained.promotion.trigger;
  return node;
}

Node age_node(const Explained& explained, const core::Stage& stage, const core::GateSpec& gate) {
  Node node{"ages/" + gate.name, "age",
            "the answer of " + gate.name + " is not older than " + core::to_text(*gate.max_age)};
  node.needed = "asked less than " + core::to_text(*gate.max_age) + " before deliveries begin";
  const core::Check* newest = nullptr;
  for (const auto& check : explained.promotion.checks)
    if (check.gate == gate.name && check.stage == stage.name) newest = &check;
  if (newest == nullptr) {
    node.observed = "it was not asked yet";
    return node;
  }
  node.since = newest->asked_at;
  node.until = newest->asked_at + *gate.max_age;
  node.met = *node.until >= explained.now;
  node.observed = "asked at " + core::to_text(newest->asked_at);
  if (!*node.met && !core::is_end(explained.promotion.phase)) {
    node.who = {"penstock"};
    node.how = "it is asked again by itself before deliveries begin";
  }
  settle(explained, node);
  return node;
}

}  // namespace

core::DeliveryOpening opening_for(const Explained& explained) {
  return opening_of(explained.world, explained.lane, explained.promotion, explained.now);
}

Node time_node(const Explained& explained) {
  const auto& promotion = explained.promotion;
  const auto& policy = *promotion.policy;
  const auto opening = opening_for(explained);
  Node node{"time", "time", "deliveries may begin", MetBy::all};
  node.children = {windows_node(explained, opening), stops_node(explained, opening)};
  if (policy.most_per_window > 0 && promotion.takes_back.empty())
    node.children.push_back(limit_node(explained, opening));
  if (!policy.semaphore.empty()) node.children.push_back(place_node(explained));
  if (!policy.audit.acknowledged_by.empty()) node.children.push_back(acknowledgement_node(explained));
  if (const auto* waiting = std::get_if<core::AwaitingWindow>(&promotion.phase);
      waiting != nullptr && waiting->semaphore.empty() && !waiting->acknowledgement)
    node.children.push_back(begin_node(explained, *waiting));
  if (policy.after && promotion.takes_back.empty()) node.children.push_back(soak_node(explained, *policy.after));
  for (const auto& stage : policy.stages)
    for (const auto& gate : stage.gates)
      if (gate.max_age) node.children.push_back(age_node(explained, stage, gate));
  return node;
}

}  // namespace penstock::intake
