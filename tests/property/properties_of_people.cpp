// What people may do, and what is left to them.
#include <algorithm>

#include "tests/property/properties.hpp"

namespace penstock::property {
namespace {

using Broken = std::optional<std::string>;

bool is_accepted(const Instant& i) { return !i.decision.refused && i.decision.ignored.empty(); }

Broken approval_of_something_else(const Instant& i) {
  const auto* approval = std::get_if<ApprovalGiven>(&i.event);
  if (approval == nullptr || !is_accepted(i)) return std::nullopt;
  const auto* promotion = find(i.before, approval->promotion);
  if (promotion == nullptr) return "an approval of a promotion that is not there is taken";
  const auto by = "the approval of " + promotion->id + " by " + approval->person + " is taken, and was given for ";
  if (approval->candidate != promotion->candidate) return by + "another candidate";
  if (approval->policy != promotion->policy->digest) return by + "another policy";
  if (approval->findings != findings_digest(*promotion, i.world)) return by + "other findings";
  return std::nullopt;
}

bool has_a_say(const Policy* policy, const std::vector<std::string>& groups) {
  if (policy == nullptr) return false;
  const auto& rules = policy->approvals;
  return rules.empty() || std::any_of(rules.begin(), rules.end(), [&](const ApprovalRule& rule) {
           return std::find(groups.begin(), groups.end(), rule.group) != groups.end();
         });
}

Broken waiver_by_the_wrong_one(const Instant& i) {
  for (const auto& waiver : i.after().state.waivers) {
    const auto& earlier = i.before.state.waivers;
    const auto was =
        std::find_if(earlier.begin(), earlier.end(), [&](const Waiver& one) { return one.id == waiver.id; });
    if (waiver.ends > waiver.asked_at + std::chrono::hours(24 * 90)) return waiver.id + " lasts longer than 90 days";
    if (waiver.granter.empty() || (was != earlier.end() && !was->granter.empty())) continue;
    const auto* granted = std::get_if<WaiverGranted>(&i.event);
    if (granted == nullptr || granted->waiver != waiver.id || granted->person != waiver.granter)
      return waiver.id + " is granted, and nobody did";
    if (granted->person == waiver.requester) return waiver.id + " is granted by " + waiver.requester + ", who asked";
    if (!has_a_say(i.world.policy.get(), granted->groups))
      return waiver.id + " is granted by " + granted->person + ", who has no say here";
  }
  return std::nullopt;
}

Broken stopped_by_a_stranger(const Instant& i) {
  const auto check = [&](const auto* event) -> Broken {
    if (event == nullptr || !is_accepted(i)) return std::nullopt;
    const auto* was = find(i.before, event->promotion);
    if (was == nullptr || !has_a_say(was->policy.get(), event->groups))
      return event->promotion + " is stopped by " + event->person + ", who has no say in it";
    if (event->candidate != was->candidate || event->policy != was->policy->digest)
      return event->promotion + " is stopped for another candidate or policy";
    return std::nullopt;
  };
  if (auto broken = check(std::get_if<RejectionGiven>(&i.event))) return broken;
  return check(std::get_if<VetoGiven>(&i.event));
}

Broken held_is_left_by_itself(const Instant& i) {
  if (std::holds_alternative<RetryAsked>(i.event) || std::holds_alternative<WaiverGranted>(i.event) ||
      std::holds_alternative<BreakGlassAsked>(i.event))
    return std::nullopt;
  for (const auto& promotion : i.before.promotions) {
    if (!std::holds_alternative<Held>(promotion.phase)) continue;
    const auto* is = find(i.after(), promotion.id);
    if (is != nullptr && !is_end(is->phase) && !std::holds_alternative<Held>(is->phase))
      return promotion.id + " was held and is " + std::string(phase_name(is->phase)) + ", and no person said so";
  }
  return std::nullopt;
}

// What two people did is looked at by a third one.
Broken review_by_the_wrong_one(const Instant& i) {
  for (const auto& promotion : i.after().promotions)
    if (promotion.glass && !promotion.glass->confirmed_by.empty()) {
      if (promotion.glass->confirmed_by == promotion.glass->asked_by)
        return promotion.id + " has its glass broken by " + promotion.glass->asked_by + " alone";
      const auto* was = find(i.before, promotion.id);
      const bool is_new = was == nullptr || !was->glass || was->glass->confirmed_by.empty();
      if (is_new && !i.after().state.review) return promotion.id + " has broken glass, and no review is owed";
    }
  const auto& owed = i.before.state.review;
  if (!owed || i.after().state.review) return std::nullopt;
  const auto* filed = std::get_if<ReviewFiled>(&i.event);
  if (filed == nullptr) return "the review is owed no more, and nobody filed it";
  const auto& groups = filed->groups;
  if (std::find(owed->broken_by.begin(), owed->broken_by.end(), filed->person) != owed->broken_by.end())
    return filed->person + " broke the glass and reviewed it";
  if (std::find(groups.begin(), groups.end(), owed->group) == groups.end())
    return filed->person + " reviewed what others must";
  return std::nullopt;
}

constexpr Property of_people[] = {
    {"an approval is taken only for the candidate, policy and findings it was given for", approval_of_something_else},
    {"a waiver is granted for a time, by somebody else who has a say", waiver_by_the_wrong_one},
    {"a promotion is stopped only by somebody who has a say and has seen it", stopped_by_a_stranger},
    {"broken glass is the work of two, and reviewed by a third", review_by_the_wrong_one},
    {"what is held goes on only when a person says so", held_is_left_by_itself},
};

}  // namespace

std::span<const Property> properties_of_people() { return of_people; }

}  // namespace penstock::property
