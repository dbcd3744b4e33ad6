// Who may approve, and when enough have: distinct people matched to the policy's rules.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "daemon/core/promotion.hpp"

namespace penstock::core {

// How far one rule is: `given` of `rule.count`.
struct RuleProgress {
  const ApprovalRule* rule = nullptr;
  std::vector<std::string> given_by;
  bool met() const { return static_cast<int>(given_by.size()) >= rule->count; }
};

// A largest assignment of approvals to rules in which nobody counts twice: a person in two groups is given to the rule
// that lacks others. One entry per rule, in the policy's order.
std::vector<RuleProgress> progress(const Promotion& promotion);
// Every required one.
bool all_met(std::span<const RuleProgress> rules);
// The group to which the rule escalates has been asked, so its members count as well.
// It stays so for this promotion: who has approved because of it counts when the delivery begins, however long that
// takes.
bool is_escalated(const Promotion& promotion, const ApprovalRule& rule);
// What Promotion::escalated keeps of a rule that escalates: "release-managers to directors after 4h".
std::string escalation_of(const ApprovalRule& rule);

// Why `person` may not approve this promotion; empty when they may.
std::string why_not(const Promotion& promotion, const std::string& person, std::span<const std::string> groups,
                    std::span<const std::string> aliases);

// When the first required rule that is not met expires; nothing when all are met.
std::optional<Time> approval_deadline(const Promotion& promotion, Time since);

}  // namespace penstock::core
