// The paragraph of an explanation.
#include <algorithm>

#include "daemon/core/approval.hpp"
#include "daemon/intake/explanation_nodes.hpp"
#include "daemon/intake/explanation_words.hpp"

namespace penstock::intake {
namespace {

// "fraud 7 is …", by phase.
struct Standing {
  const core::Promotion& promotion;
  std::string in() const { return " in " + promotion.lane.environment; }

  std::string operator()(const core::Queued&) const { return "waits" + in() + " for its turn"; }
  std::string operator()(const core::Checking& phase) const {
    return "is being checked" + in() + ", stage " + promotion.policy->stages[phase.stage].name;
  }
  std::string operator()(const core::AwaitingApproval&) const { return "is awaiting approval" + in(); }
  std::string operator()(const core::AwaitingWindow& phase) const {
    if (phase.acknowledgement) return "is ready" + in() + " and waits for " + phase.reason;
    return "is ready" + in() + " and waits for deliveries to be open (" + phase.reason + ")";
  }
  std::string operator()(const core::Delivering&) const {
    return "is being delivered to " + promotion.lane.environment;
  }
  std::string operator()(const core::Watching& phase) const {
    return "is live" + in() + " since " + clock_text(phase.since) + " and watched until " + clock_text(phase.until);
  }
  std::string operator()(const core::Live& phase) const {
    return "is live" + in() + " since " + clock_text(phase.since);
  }
  std::string operator()(const core::Held& phase) const { return "is held" + in() + " because " + phase.reason; }
  std::string operator()(const core::Rejected& phase) const {
    return "was rejected" + in() + " by " + phase.by + " (" + phase.reason + ")";
  }
  std::string operator()(const core::Expired& phase) const { return "expired" + in() + ": " + phase.what; }
  std::string operator()(const core::Superseded& phase) const { return "was superseded" + in() + " by " + phase.by; }
  std::string operator()(const core::Withdrawn& phase) const {
    return "was withdrawn" + in() + " by " + phase.by + " (" + phase.reason + ")";
  }
  std::string operator()(const core::Vetoed& phase) const {
    return "was vetoed" + in() + " by " + phase.by + " (" + phase.reason + ")";
  }
  std::string operator()(const core::RolledBack& phase) const {
    return "was live" + in() + " and has been rolled back by " + phase.by;
  }
  std::string operator()(const core::Replaced& phase) const {
    return "was live" + in() + " and has been replaced by " + phase.by;
  }
};

// "1 more approval by release-managers", for each rule that waits.
std::string approvals_wanted(const core::Promotion& promotion) {
  std::vector<std::string> wanted;
  for (const auto& rule : core::progress(promotion)) {
    if (rule.met() || !rule.rule->required) continue;
    const auto missing = rule.rule->count - static_cast<int>(rule.given_by.size());
    wanted.push_back(std::to_string(missing) + (missing == 1 ? " more approval by " : " more approvals by ") +
                     rule.rule->group +
                     (core::is_escalated(promotion, *rule.rule) ? " or " + rule.rule->escalate->group : ""));
  }
  return joined(wanted, " and ");
}

// What comes next, by whom, and until when.
std::string next_words(const Explained& explained) {
  const auto& promotion = explained.promotion;
  if (core::is_end(promotion.phase)) return "; it has ended, and nothing more comes of it by itself";
  const auto wait = core::wait_in(explained.lane, promotion);
  if (!wait) return "; nothing is needed";
  const auto until = " until " + clock_text(wait->until) + " (" + distance_text(wait->until, explained.now) + ")";
  if (std::holds_alternative<core::AwaitingApproval>(promotion.phase))
    return "; needed next: " + approvals_wanted(promotion) + until;
  if (std::holds_alternative<core::Watching>(promotion.phase)) return "; nothing is needed while the looks are good";
  auto what = wait->what;
  if (std::holds_alternative<core::Held>(promotion.phase)) what = "a retry, a waiver or a rejection";
  if (const auto* waiting = std::get_if<core::AwaitingWindow>(&promotion.phase))
    what = waiting->acknowledgement ? "them to be reached"
           : waiting->opens         ? "to wait for " + clock_text(*waiting->opens) + ", when they open"
                                    : "them to be opened";
  auto who = wait->who;
  if (const auto opening = opening_for(explained);
      std::holds_alternative<core::AwaitingWindow>(promotion.phase) && !opening.stops.empty()) {
    what = "the stop to be lifted";
    who = {"any person"};
  }
  return "; needed next: " + what + ", by " + who_text(who) + until;
}

// The first thing that somebody can do.
const Node* first_to_do(const Node& node) {
  if (!node.counts || node.met == true) return nullptr;
  if (!node.who.empty() && !node.how.empty()) return &node;
  for (const auto& child : node.children)
    if (const auto* found = first_to_do(child)) return found;
  return nullptr;
}

std::string branch_name(const Node& branch) {
  return branch.kind == "stage" ? "stage " + branch.name.substr(7) : branch.kind;
}

bool was_reached(const Node& branch) {
  return branch.children.empty() || std::any_of(branch.children.begin(), branch.children.end(), [](const Node& node) {
           return node.state != "not asked yet" && node.state != "never asked" && node.state != "not reached";
         });
}

// Everything that is not met, or was found; what was not reached is only named.
std::string conditions_text(const Node& root) {
  std::string open;
  std::string unknown;
  std::string met;
  std::string ahead;
  for (const auto& branch : root.children) {
    if (branch.kind == "candidate" && branch.met == true) continue;
    if (branch.kind == "hold" || branch.kind == "end" || branch.kind == "watch") continue;
    if (!was_reached(branch)) {
      ahead += (ahead.empty() ? "" : ", ") + branch_name(branch);
      continue;
    }
    for (const auto& condition : branch.children) {
      const auto text = condition_text(condition);
      if (text.empty()) continue;
      auto& list = condition.met == true || !condition.counts ? met : condition.met ? open : unknown;
      list += (list.empty() ? "" : "; ") + text;
    }
  }
  return (open.empty() ? "" : " Not met: " + open + ".") + (unknown.empty() ? "" : " Not known yet: " + unknown + ".") +
         (met.empty() ? "" : " So far: " + met + ".") + (ahead.empty() ? "" : " Not reached: " + ahead + ".");
}

std::string watch_sentence(const Node& root) {
  for (const auto& branch : root.children) {
    if (branch.kind != "watch" || branch.state != "under way") continue;
    std::vector<std::string> gates;
    for (const auto& gate : branch.children)
      if (gate.kind == "gate") gates.push_back(condition_text(gate));
    return " The watch is in round " + std::to_string(branch.more["round"].get<int>()) + ", " + branch.observed + ": " +
           joined(gates, "; ") + ".";
  }
  return {};
}

}  // namespace

std::string paragraph(const Explained& explained, const Node& root) {
  const auto& promotion = explained.promotion;
  const auto count = count_of(root);
  auto text = promotion.lane.model + " " + promotion.version + " " + std::visit(Standing{promotion}, promotion.phase) +
              next_words(explained) + ".";
  if (const auto* node = first_to_do(root); node != nullptr && node->who.front() != "penstock")
    text += " How: " + node->how + ".";
  if (const auto* held = std::get_if<core::Held>(&promotion.phase); held != nullptr && !held->next.empty())
    text += " Next: " + held->next + ".";
  text += " " + std::to_string(count.met) + " of " + std::to_string(count.all) + " conditions of policy " +
          promotion.policy->name + " are met.";
  if (!promotion.takes_back.empty()) text += " It takes back " + promotion.takes_back + " (" + promotion.trigger + ").";
  text += conditions_text(root) + watch_sentence(root);
  if (core::is_end(promotion.phase)) return text;
  return text + " " + window_sentence(explained);
}

}  // namespace penstock::intake
