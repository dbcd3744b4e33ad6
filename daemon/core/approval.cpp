#include "daemon/core/approval.hpp"

#include <algorithm>

namespace penstock::core {
namespace {

bool contains(std::span<const std::string> names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// "the submitter" or "an author" when the rule excludes this person as such.
std::string excluded_as(const Promotion& promotion, const ApprovalRule& rule, const std::string& person,
                        std::span<const std::string> aliases) {
  const auto is_person = [&](const std::string& name) { return name == person || contains(aliases, name); };
  for (const auto excluded : rule.excluded) {
    if (excluded == Excluded::submitter && is_person(promotion.submitter)) return "the submitter";
    if (excluded == Excluded::author && std::any_of(promotion.authors.begin(), promotion.authors.end(), is_person))
      return "an author";
    if (excluded == Excluded::editor && is_person(promotion.policy->editor)) return "the last editor of the policy";
  }
  return {};
}

// One place per approval that a rule asks for: bipartite matching of places and approvals (Kuhn's augmenting paths).
class Matching {
 public:
  explicit Matching(const Promotion& promotion) : promotion_(promotion) {
    // The required rules are served first: an optional one takes nobody from them.
    for (const bool required : {true, false})
      for (const auto& rule : promotion.policy->approvals)
        for (int i = 0; rule.required == required && i < rule.count; ++i) places_.push_back(&rule);
    taken_by_.assign(promotion.approvals.size(), nothing);
    for (std::size_t place = 0; place < places_.size(); ++place) {
      std::vector<bool> tried(promotion.approvals.size());
      find_place(place, tried);
    }
  }

  std::vector<RuleProgress> result() const {
    std::vector<RuleProgress> rules;
    for (const auto& rule : promotion_.policy->approvals) {
      RuleProgress one{&rule, {}};
      for (std::size_t i = 0; i < taken_by_.size(); ++i)
        if (taken_by_[i] != nothing && places_[taken_by_[i]] == &rule)
          one.given_by.push_back(promotion_.approvals[i].person);
      rules.push_back(std::move(one));
    }
    return rules;
  }

 private:
  static constexpr std::size_t nothing = static_cast<std::size_t>(-1);

  // Gives `place` an approval, moving those that have one to another where that frees it.
  bool find_place(std::size_t place, std::vector<bool>& tried) {
    for (std::size_t i = 0; i < promotion_.approvals.size(); ++i) {
      if (tried[i] || !counts_for(promotion_.approvals[i], *places_[place])) continue;
      tried[i] = true;
      if (taken_by_[i] == nothing || find_place(taken_by_[i], tried)) {
        taken_by_[i] = place;
        return true;
      }
    }
    return false;
  }

  bool counts_for(const Approval& approval, const ApprovalRule& rule) const {
    if (!approval.voided.empty() || !excluded_as(promotion_, rule, approval.person, approval.aliases).empty())
      return false;
    return contains(approval.groups, rule.group) ||
           (is_escalated(promotion_, rule) && contains(approval.groups, rule.escalate->group));
  }

  const Promotion& promotion_;
  std::vector<const ApprovalRule*> places_;
  std::vector<std::size_t> taken_by_;  // by approval: the place it fills
};

}  // namespace

std::vector<RuleProgress> progress(const Promotion& promotion) { return Matching(promotion).result(); }

bool all_met(std::span<const RuleProgress> rules) {
  return std::all_of(rules.begin(), rules.end(),
                     [](const RuleProgress& rule) { return rule.met() || !rule.rule->required; });
}

std::string escalation_of(const ApprovalRule& rule) {
  return rule.group + " to " + rule.escalate->group + " after " + to_text(rule.escalate->after);
}

bool is_escalated(const Promotion& promotion, const ApprovalRule& rule) {
  if (rule.escalate && contains(promotion.escalated, escalation_of(rule))) return true;
  const auto* waiting = std::get_if<AwaitingApproval>(&promotion.phase);
  return rule.escalate && waiting != nullptr && waiting->since + rule.escalate->after <= waiting->told;
}

std::string why_not(const Promotion& promotion, const std::string& person, std::span<const std::string> groups,
                    std::span<const std::string> aliases) {
  std::string wanted;
  std::string excluded;
  for (const auto& rule : promotion.policy->approvals) {
    wanted += (wanted.empty() ? "" : ", ") + rule.group;
    const bool stands_in = is_escalated(promotion, rule) && contains(groups, rule.escalate->group);
    if (!contains(groups, rule.group) && !stands_in) continue;
    const auto as = excluded_as(promotion, rule, person, aliases);
    if (as.empty()) return {};
    excluded = person + " is " + as + " of this candidate, and the policy " + promotion.policy->name +
               " does not let " + as + " approve for " + rule.group;
  }
  if (!excluded.empty()) return excluded;
  return person + " is in none of the groups that approve here (" + wanted + ")";
}

std::optional<Time> approval_deadline(const Promotion& promotion, Time since) {
  std::optional<Time> first;
  for (const auto& rule : progress(promotion))
    if (!rule.met() && rule.rule->required && (!first || since + rule.rule->expires < *first))
      first = since + rule.rule->expires;
  return first;
}

}  // namespace penstock::core
