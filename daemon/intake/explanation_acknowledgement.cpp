// That the audit log is kept elsewhere before anything is delivered: by whom it is, and what keeps the others from it.
#include <algorithm>

#include "daemon/intake/explanation_nodes.hpp"

namespace penstock::intake {
namespace {

// One sink or witness. Whether it has what this promotion needs is decided for all of them at once; here it is shown.
Node one_of(const Explained& explained, const std::string& name, bool given) {
  const auto& promotion = explained.promotion;
  Node node{"by/" + name, "acknowledger", name + " has the entries"};
  node.needed = "every entry about the promotion until it was asked for";
  const auto& all = explained.acknowledgers;
  const auto state =
      std::find_if(all.begin(), all.end(), [&](const core::AcknowledgerState& one) { return one.name == name; });
  if (state == all.end()) {
    node.observed = "the daemon has no sink or witness of this name";
    node.how = "declare it under `audit` of penstock.yaml, or promote anew under the policy in force";
  } else {
    node.state = state->kind;
    node.observed = "it has " + std::to_string(state->entries) + " entries";
    if (!state->at) node.observed = "it has not answered since the daemon started";
    node.since = state->failing_since;
    if (!state->problem.code.empty()) {
      node.observed += "; it cannot be reached now: " + state->problem.message;
      node.how = state->problem.hint.empty() ? "see /readyz and the daemon's log" : state->problem.hint;
      node.more["problem"] = state->problem.code;
    }
  }
  if (given) {
    node.met = true;
    node.how.clear();
  } else if (state == all.end() || !state->at || !state->problem.code.empty()) {
    node.met = false;
    if (!core::is_end(promotion.phase)) node.who = {"whoever runs " + name};
  }
  if (node.who.empty()) node.how.clear();
  return node;
}

}  // namespace

Node acknowledgement_node(const Explained& explained) {
  const auto& promotion = explained.promotion;
  const auto& spec = promotion.policy->audit;
  Node node{"acknowledgement", "acknowledgement", "the audit log's entries about it are kept elsewhere"};
  node.needed = "acknowledged by all that the policy names, before deliveries begin";
  const auto& asked = promotion.acknowledgement;
  // What was asked for before something else was found or decided is asked for again; what a watch finds is later.
  const bool is_asked = asked && (has_begun(promotion) || asked->facts == core::facts_of(promotion));
  const bool given = is_asked && asked->given_at;
  node.met = given;
  if (!is_asked) {
    node.met = std::nullopt;
    node.state = "not asked yet";
    node.observed = "it is asked for once all else is so";
  } else if (given) {
    node.observed = std::to_string(asked->entries) + " entries were acknowledged";
    node.since = asked->given_at;
  } else {
    node.observed = "asked for; it was not given yet";
    node.since = asked->asked_at;
    node.until = asked->until;
    if (std::holds_alternative<core::AwaitingWindow>(promotion.phase)) {
      node.who = {"penstock"};
      node.how = "it goes on by itself once they have them; after that time it is held";
    }
  }
  for (const auto& name : spec.acknowledged_by) node.children.push_back(one_of(explained, name, given));
  if (has_begun(promotion)) {
    if (node.met != true) node.observed = "deliveries began without it";
    node.met = true;
    node.who.clear();
    node.how.clear();
    for (auto& child : node.children) {
      child.met = true;
      child.who.clear();
      child.how.clear();
    }
  }
  if (is_gone_without(explained, "acknowledgements")) {
    node.met = true;
    node.state = "gone without";
    node.who.clear();
    node.how.clear();
    for (auto& child : node.children) child.counts = false;
  }
  return node;
}

}  // namespace penstock::intake
