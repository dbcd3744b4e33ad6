#include "daemon/intake/explanation_findings.hpp"

namespace penstock::intake {
namespace {

std::optional<bool> met_by(core::Verdict verdict) {
  switch (verdict) {
    case core::Verdict::passed:
    case core::Verdict::waived:
      return true;
    case core::Verdict::failed:
      return false;
    case core::Verdict::inconclusive:
    case core::Verdict::errored:
      break;
  }
  return std::nullopt;
}

}  // namespace

void put_finding(Node& node, const core::Finding& finding) {
  node.state = core::name_of(finding.verdict);
  // No gate sets itself aside: people do.
  node.met = finding.verdict == core::Verdict::waived ? std::nullopt : met_by(finding.verdict);
  node.observed = finding.observed;
  node.needed = finding.needed.empty() ? "an answer that passes" : finding.needed;
  const auto whole = core::to_json(finding);
  for (const auto* key : {"source", "at", "next", "details", "evidence"})
    if (whole.contains(key) && !whole[key].empty()) node.more[key] = whole[key];
}

void put_unanswered(Node& node, const core::Check& check, const core::Promotion& promotion) {
  const bool has_ended = core::is_end(promotion.phase);
  node.state = has_ended ? "called off" : "under way";
  node.observed = "nothing yet: asked at " + core::to_text(check.asked_at);
  node.needed = "an answer that passes";
  node.until = check.deadline;
  if (has_ended) return;
  node.who = {"penstock"};
  node.how = "it answers, or has errored at its deadline";
}

std::vector<Node> rule_nodes(const core::Finding& finding) {
  std::vector<Node> nodes;
  for (const auto& detail : finding.details) {
    Node node{"rules/" + detail.rule, "rule", "rule " + detail.rule};
    node.met = met_by(detail.verdict);
    node.counts = false;
    node.state = core::name_of(detail.verdict);
    node.observed = detail.observed;
    node.needed = detail.needed;
    if (!detail.where.empty()) node.more["where"] = detail.where;
    if (detail.never_waivable) node.more["never_waivable"] = true;
    nodes.push_back(std::move(node));
  }
  return nodes;
}

}  // namespace penstock::intake
