// People who stand in for others: what they may do for them, and until when.
#include <algorithm>

#include "daemon/core/approval.hpp"
#include "daemon/core/deciding.hpp"

namespace penstock::core {
namespace {

constexpr Duration longest_delegation = std::chrono::hours(24 * 90);
constexpr auto timer = "delegations/*/*";

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

const std::string& holder_of(const Approval& approval) {
  return approval.on_behalf_of.empty() ? approval.person : approval.on_behalf_of;
}

std::string about(const Delegation& delegation) {
  return delegation.to + " stands in for " + delegation.from +
         (delegation.group.empty() ? "" : " in " + delegation.group) + " until " + to_text(delegation.until);
}

}  // namespace

// The principal's groups that the delegation hands on now.
std::vector<std::string> Deciding::groups_by(const Delegation& delegation) const {
  if (delegation.until <= now_ || world_.people == nullptr) return {};
  const auto principal = world_.people->find(delegation.from);
  if (principal == world_.people->end()) return {};
  if (delegation.group.empty()) return principal->second;
  if (contains(principal->second, delegation.group)) return {delegation.group};
  return {};
}

// All groups for which the person may speak: their own, and those of whom they stand in for.
std::vector<std::string> Deciding::groups_of(const std::string& person, std::vector<std::string> own) const {
  if (world_.delegations == nullptr) return own;
  for (const auto& delegation : *world_.delegations)
    if (delegation.to == person)
      for (auto& group : groups_by(delegation)) own.push_back(std::move(group));
  return own;
}

// The approval as one in the principal's stead: of whoever is named, or of the first for whom it counts.
bool Deciding::stand_in(const Promotion& promotion, Approval& approval) const {
  if (world_.delegations == nullptr) return false;
  for (const auto& delegation : *world_.delegations) {
    const bool is_wanted = approval.on_behalf_of.empty() || approval.on_behalf_of == delegation.from;
    if (delegation.to != approval.person || !is_wanted) continue;
    auto aliases = approval.aliases;
    aliases.push_back(delegation.from);
    aliases.insert(aliases.end(), delegation.aliases.begin(), delegation.aliases.end());
    auto groups = groups_by(delegation);
    if (!why_not(promotion, approval.person, groups, aliases).empty()) continue;
    approval.on_behalf_of = delegation.from;
    approval.groups = std::move(groups);
    approval.aliases = std::move(aliases);
    return true;
  }
  return false;
}

// One vote is given once, by whoever holds it or by whoever stands in for them.
bool Deciding::is_given_already(const Promotion& promotion, const Approval& wanted) {
  for (const auto& approval : promotion.approvals) {
    if (!approval.voided.empty()) continue;
    if (approval.person == wanted.person) {
      ignore(wanted.person + " has approved already");
      return true;
    }
    if (holder_of(approval) != holder_of(wanted)) continue;
    refuse("conflict", approval.person + " has approved for " + holder_of(approval) + " already",
           "the vote of one person counts once");
    return true;
  }
  return false;
}

// Why the approval no longer speaks for the group; empty while it does.
std::string Deciding::why_not_for(const Approval& approval, const std::string& group) const {
  const auto& holder = holder_of(approval);
  const auto known = world_.people->find(holder);
  if (known == world_.people->end()) return holder + " is not known any more";
  if (!contains(known->second, group)) return holder + " is no longer in " + group;
  if (approval.on_behalf_of.empty()) return "";
  if (world_.delegations != nullptr)
    for (const auto& delegation : *world_.delegations)
      if (delegation.from == holder && delegation.to == approval.person && contains(groups_by(delegation), group))
        return "";
  return "nobody lets " + approval.person + " stand in for " + holder + " in " + group + " any more";
}

void Deciding::on(const DelegationGiven& event) {
  auto delegation = event.delegation;
  for (const auto& other : state().delegations)
    if (other.id == delegation.id) return ignore("this delegation is given already");
  if (delegation.reason.empty() || delegation.to.empty() || delegation.to == delegation.from)
    return refuse("invalid-request", "a delegation needs somebody else to stand in, and a reason",
                  "name the person, and say why");
  if (delegation.until <= now_ || delegation.until > now_ + longest_delegation)
    return refuse("invalid-request",
                  "the delegation ends at " + to_text(delegation.until) + ", needed a time after now and within " +
                      to_text(longest_delegation),
                  "give a shorter one, and another one when it ends");
  if (world_.people != nullptr) {
    if (!world_.people->contains(delegation.to))
      return refuse("invalid-request", "nobody is known as " + delegation.to,
                    "name somebody of penstock.yaml's people");
    if (groups_by(delegation).empty())
      return refuse("invalid-request",
                    delegation.from + " is in no group" +
                        (delegation.group.empty() ? std::string() : " `" + delegation.group + "`") + " to hand on",
                    "delegate a group that you are in");
  }
  delegation.since = now_;
  tell("", NoticeKind::delegation, {"person:" + delegation.to, "person:" + delegation.from},
       about(delegation) + ": " + delegation.reason);
  state().delegations.push_back(std::move(delegation));
  set_delegations_timer();
}

void Deciding::on(const DelegationEnded& event) {
  auto& delegations = state().delegations;
  const auto ended = std::find_if(delegations.begin(), delegations.end(),
                                  [&](const Delegation& one) { return one.id == event.delegation; });
  if (ended == delegations.end()) return ignore("there is no delegation " + event.delegation);
  if (event.person != ended->from && event.person != ended->to)
    return refuse("not-allowed", event.person + " is neither " + ended->from + " nor " + ended->to,
                  "one of the two must end it");
  tell("", NoticeKind::delegation, {"person:" + ended->to, "person:" + ended->from},
       event.person + " has ended it: " + about(*ended));
  delegations.erase(ended);
}

void Deciding::set_delegations_timer() {
  const auto& delegations = state().delegations;
  const auto first = std::min_element(delegations.begin(), delegations.end(),
                                      [](const Delegation& a, const Delegation& b) { return a.until < b.until; });
  if (first != delegations.end()) command(SetTimer{"", timer, first->until});
}

void Deciding::expire_delegations() {
  auto& delegations = state().delegations;
  const auto any =
      std::any_of(delegations.begin(), delegations.end(), [&](const Delegation& one) { return one.until <= now_; });
  if (!any && delegations.empty()) return ignore("no delegation is left");
  for (const auto& delegation : delegations)
    if (delegation.until <= now_)
      tell("", NoticeKind::delegation, {"person:" + delegation.to, "person:" + delegation.from},
           "it has ended: " + about(delegation));
  std::erase_if(delegations, [&](const Delegation& one) { return one.until <= now_; });
  set_delegations_timer();
}

}  // namespace penstock::core
