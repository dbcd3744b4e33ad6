// What is seen of it once it is live. It is no condition of being live.
#include <algorithm>

#include "daemon/intake/explanation_findings.hpp"
#include "daemon/intake/explanation_nodes.hpp"

namespace penstock::intake {
namespace {

// The newest answer: while a round is under way the one before is what is known.
Node watch_gate_node(const core::Promotion& promotion, const core::GateSpec& gate) {
  Node node{gate.name, "gate", "gate " + gate.name + " (" + gate.kind + ") passes in every look"};
  node.counts = gate.blocking;
  node.state = "not reached";
  node.observed = "nothing yet";
  node.needed = "an answer that passes";
  for (const auto& check : promotion.checks) {
    if (check.gate != gate.name || check.stage != "watch") continue;
    if (check.finding) {
      put_finding(node, *check.finding);
      node.children = rule_nodes(*check.finding);
      node.more["attempt"] = check.attempt;
    } else if (node.state == "not reached") {
      put_unanswered(node, check, promotion);
    }
  }
  node.more["uses"] = gate.kind;
  node.more["blocking"] = gate.blocking;
  return node;
}

// The looks that still count, oldest first. The newest of them is the round before the one that is under way, or that
// one when it has answered already.
std::vector<Node> round_nodes(const core::Promotion& promotion, const core::Watching& watching) {
  const bool answered = std::none_of(promotion.checks.begin(), promotion.checks.end(), [&](const core::Check& check) {
    return check.stage == "watch" && check.attempt == watching.round && !check.finding;
  });
  std::vector<Node> nodes;
  const auto newest = watching.round - (answered ? 0 : 1);
  const auto first = newest - static_cast<int>(watching.failed.size()) + 1;
  for (std::size_t n = 0; n < watching.failed.size(); ++n) {
    const auto round = std::to_string(first + static_cast<int>(n));
    Node node{"round-" + round, "round", "look " + round + " finds nothing wrong"};
    node.met = !watching.failed[n];
    node.observed = watching.failed[n] ? "a gate failed" : "no gate failed";
    node.needed = "no gate that fails";
    nodes.push_back(std::move(node));
  }
  return nodes;
}

}  // namespace

Node watch_node(const Explained& explained, const core::WatchSpec& watch) {
  const auto& promotion = explained.promotion;
  Node node{"watch", "watch", "it does well once it is live"};
  node.counts = false;
  node.state = "not reached";
  node.observed = "nothing yet";
  node.needed = "fewer than " + std::to_string(watch.failures) + " of the last " + std::to_string(watch.of) +
                " looks fail, for " + core::to_text(watch.duration);
  node.more["on_failure"] = core::name_of(watch.on_failure);
  if (const auto* watching = std::get_if<core::Watching>(&promotion.phase)) {
    const auto failed = std::count(watching->failed.begin(), watching->failed.end(), true);
    const auto looks = watching->failed.size();
    node.state = "under way";
    node.since = watching->since;
    node.until = watching->until;
    node.observed = std::to_string(failed) + " of the last " + std::to_string(looks) + " looks failed" +
                    (watching->blind ? "; the newest could not find out" : "");
    if (looks > 0 && !watching->blind) node.met = failed < watch.failures;
    node.who = {"penstock"};
    node.how = "it looks again every " + core::to_text(watch.every);
    node.more["round"] = watching->round;
    node.more["looks"] = looks;
    node.more["failed"] = failed;
    node.more["blind"] = watching->blind;
    node.children = round_nodes(promotion, *watching);
  } else if (core::is_live(promotion.phase)) {
    node.state = "over";
    node.observed = "it was watched to the end";
    node.met = true;
  }
  for (const auto& gate : watch.gates) node.children.push_back(watch_gate_node(promotion, gate));
  return node;
}

}  // namespace penstock::intake
