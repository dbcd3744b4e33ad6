// The candidate itself, its place in the lane, and what a person or an end has made of it.
#include <algorithm>

#include "daemon/engine/engine.hpp"
#include "daemon/intake/explanation_nodes.hpp"
#include "daemon/intake/kept_policy.hpp"

namespace penstock::intake {
namespace {

using core::to_text;

Node turn_node(const Explained& explained) {
  const auto& promotion = explained.promotion;
  Node node{"turn", "turn", "it was taken up"};
  node.needed = "its turn: one promotion of the lane is under way at a time";
  const auto* queued = std::get_if<core::Queued>(&promotion.phase);
  node.met = queued == nullptr;
  node.observed = queued == nullptr ? "it was taken up" : "it waits in the lane";
  if (queued == nullptr) return node;
  node.since = promotion.opened_at;
  node.until = queued->until;
  const auto* under_way = core::under_way_in(explained.lane);
  if (under_way == nullptr) return node;
  node.observed = "it waits behind " + under_way->id + " (version " + under_way->version + ", " +
                  std::string(core::phase_name(under_way->phase)) + ")";
  node.who = {"the promotion under way"};
  node.how = "it ends, goes live or is withdrawn: penstock explain " + under_way->id;
  return node;
}

Node pin_node(const Explained& explained) {
  Node node{"pin", "pin", "nobody holds the lane"};
  node.needed = "no pin when it is taken up";
  const auto& pin = explained.lane.state.pin;
  node.met = !pin || !std::holds_alternative<core::Queued>(explained.promotion.phase);
  node.observed = pin ? "held by " + pin->by + ": " + pin->reason : "nobody holds it";
  if (pin) node.since = pin->since;
  if (*node.met && pin) node.observed += "; it was taken up all the same";
  if (*node.met) return node;
  node.who = {"any person"};
  node.how = "penstock release " + lane_words(explained.promotion.lane);
  return node;
}

Node review_node(const Explained& explained, const core::Review& review) {
  const auto& lane = explained.promotion.lane;
  Node node{"review", "review", "no review is owed"};
  node.needed = "a review by " + review.group + " before the lane takes up anything more";
  node.met = !std::holds_alternative<core::Queued>(explained.promotion.phase);
  node.observed = "owed for the glass that was broken for " + review.promotion + " (" + review.reason + "), by " +
                  core::to_text(review.due);
  node.since = review.since;
  if (*node.met) return node;
  node.who = {"group:" + review.group};
  node.how = "penstock review " + lane_words(lane) + " --text WHAT";
  return node;
}

// Broken, or about to be: shown, and decides nothing by itself.
Node broken_node(const core::Promotion& promotion, core::Time now) {
  const auto& glass = *promotion.glass;
  const auto& group = promotion.policy->break_glass->group;
  Node node{"glass", "glass", "two people have broken the glass"};
  node.counts = false;
  node.met = !glass.confirmed_by.empty();
  node.needed = "two members of " + group;
  node.observed = "asked for by " + glass.asked_by + (*node.met ? ", joined by " + glass.confirmed_by : "") + " (" +
                  glass.reason + ")";
  node.since = glass.asked_at;
  node.until = glass.until;
  if (*node.met || now >= glass.until || core::is_end(promotion.phase)) return node;
  node.who = {"group:" + group};
  node.how = decision_for(promotion, "break-glass") + " --note WHY, by a second person";
  return node;
}

Node veto_node(const Explained& explained) {
  Node node{"veto", "veto", "the candidate was not vetoed here"};
  node.needed = "no veto";
  node.met = true;
  node.observed = "nobody has vetoed it";
  for (const auto& veto : explained.lane.state.vetoes) {
    if (veto.candidate != explained.promotion.candidate) continue;
    node.met = false;
    node.since = veto.at;
    node.observed = "vetoed by " + veto.by + ": " + veto.reason;
  }
  return node;
}

// Shown where another policy covers the lane by now; decides nothing.
Node kept_node(const core::Promotion& promotion, const std::string& now) {
  Node node{"policy", "policy", "it keeps the policy it was opened under"};
  node.counts = false;
  node.met = true;
  node.needed = "policy " + promotion.policy->name + " (" + promotion.policy->digest.text() + ")";
  node.observed = "it keeps that one; " + now + " covers the lane now, and what comes later";
  return node;
}

bool needs_quotes(const std::string& word) {
  return word.empty() || !std::all_of(word.begin(), word.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' ||
                  c == '.' || c == '/';
         });
}

// By what a waiver helps against; not by a delivery, or by what comes after the stages.
bool is_held_by_gates(const core::Promotion& promotion, const core::Held& held) {
  const auto* checking = std::get_if<core::Checking>(&held.from);
  return checking != nullptr && checking->stage < promotion.policy->stages.size();
}

}  // namespace

std::string shell_word(const std::string& word) {
  if (!needs_quotes(word)) return word;
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

std::string lane_words(const core::LaneKey& lane) {
  return shell_word(lane.model) + " " + shell_word(lane.environment);
}

std::string command_for(const core::Promotion& promotion, const std::string& verb) {
  return "penstock " + verb + " " + promotion.id;
}

std::string decision_for(const core::Promotion& promotion, const std::string& verb) {
  return command_for(promotion, verb) + " --digest " + engine::Engine::decision_digest(promotion).text();
}

bool has_begun(const core::Promotion& promotion) {
  const auto& phase = promotion.phase;
  return !promotion.deliveries.empty() || core::is_live(phase) || std::holds_alternative<core::Replaced>(phase) ||
         std::holds_alternative<core::RolledBack>(phase);
}

std::vector<std::string> deciders(const core::Promotion& promotion) {
  if (core::is_end(promotion.phase)) return {};
  std::vector<std::string> who;
  for (const auto& rule : promotion.policy->approvals) {
    auto group = "group:" + rule.group;
    if (std::find(who.begin(), who.end(), group) == who.end()) who.push_back(std::move(group));
  }
  if (who.empty()) who.push_back("any person");
  return who;
}

Node candidate_node(const Explained& explained) {
  const auto& promotion = explained.promotion;
  Node node{"candidate", "candidate", "it is the candidate that was seen", MetBy::all};
  Node content{"content", "content", "its content is what its id says"};
  content.needed = promotion.candidate.text();
  content.observed = explained.content ? explained.content->text() : "the candidate could not be read";
  if (explained.content) content.met = *explained.content == promotion.candidate;
  if (content.met != true) content.how = "compare the journal with a backup: a candidate never changes";
  node.children.push_back(std::move(content));
  return node;
}

Node lane_node(const Explained& explained) {
  Node node{"lane", "lane", "the lane lets it through", MetBy::all};
  node.children = {turn_node(explained), pin_node(explained), veto_node(explained)};
  const auto& promotion = explained.promotion;
  if (const auto& review = explained.lane.state.review) node.children.push_back(review_node(explained, *review));
  if (const auto now = covered_now_by(promotion, explained.world)) node.children.push_back(kept_node(promotion, *now));
  if (promotion.glass && promotion.policy->break_glass) node.children.push_back(broken_node(promotion, explained.now));
  return node;
}

Node hold_node(const Explained& explained, const core::Held& held) {
  const auto& promotion = explained.promotion;
  Node node{"hold", "hold", "nobody has to say how it goes on", MetBy::all};
  Node person{"decision", "decision", "a person has said how it goes on"};
  person.met = false;
  person.needed = "a retry, a rejection" + std::string(is_held_by_gates(promotion, held) ? ", or a waiver" : "");
  person.observed = "held: " + held.reason;
  person.since = promotion.changed_at;
  person.until = held.until;
  person.who = deciders(promotion);
  person.how = command_for(promotion, "retry") + " once it is put right, or " + decision_for(promotion, "reject") +
               " --note WHY";
  if (!held.next.empty()) person.more["next"] = held.next;
  node.children.push_back(std::move(person));
  return node;
}

Node end_node(const Explained& explained) {
  const auto& promotion = explained.promotion;
  Node node{"end", "end", "it has not ended", MetBy::all};
  Node ended{"ended", "ended", "it goes on"};
  ended.met = false;
  ended.needed = "a promotion that has not ended";
  ended.observed = "it has ended: " + std::string(core::phase_name(promotion.phase));
  ended.since = promotion.changed_at;
  const bool was_replaced = std::holds_alternative<core::Replaced>(promotion.phase);
  const bool is_vetoed = std::any_of(explained.lane.state.vetoes.begin(), explained.lane.state.vetoes.end(),
                                     [&](const core::Veto& veto) { return veto.candidate == promotion.candidate; });
  if (!was_replaced && !is_vetoed && promotion.takes_back.empty()) {
    ended.who = {"any person"};
    ended.how = command_for(promotion, "retry") + " promotes the same candidate anew";
  }
  node.children.push_back(std::move(ended));
  return node;
}

}  // namespace penstock::intake
