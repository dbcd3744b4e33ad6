// Going back: a promotion of an earlier candidate over a short policy.
#include <algorithm>

#include "daemon/core/deciding.hpp"

namespace penstock::core {

void Deciding::on(const RollbackAsked& event) {
  const auto live = std::find_if(decision_.lane.promotions.begin(), decision_.lane.promotions.end(),
                                 [](const Promotion& one) { return is_live(one.phase); });
  const auto lane = to_text(decision_.lane.key);
  if (live == decision_.lane.promotions.end())
    return refuse("conflict", "nothing is live in " + lane, "there is nothing to take back");
  if (!is_decider(*live, event.person, event.groups)) return;
  if (core::find(decision_.lane, event.promotion) != nullptr) return ignore(event.promotion + " was asked for already");
  if (const auto* under_way = under_way_in(decision_.lane); under_way != nullptr) {
    if (!under_way->takes_back.empty()) return ignore(under_way->id + " is taking it back already");
    if (std::holds_alternative<Delivering>(under_way->phase))
      return refuse("conflict", under_way->id + " is being delivered to " + lane, "wait for its end, then go back");
  }
  const auto* target = way_back(event.candidate);
  if (target == nullptr)
    return refuse("conflict",
                  event.candidate.empty()
                      ? "nothing else was live in " + lane + " before that was not vetoed since"
                      : event.candidate.brief() + " was never live in " + lane + " before, or was vetoed since",
                  "promote another candidate instead");
  go_back(*live, FormerLive(*target), event.promotion, event.person, event.reason);
}

const FormerLive* Deciding::way_back(const CandidateId& candidate) {
  const auto is_vetoed = [&](const FormerLive& one) {
    return std::any_of(state().vetoes.begin(), state().vetoes.end(),
                       [&](const Veto& veto) { return veto.candidate == one.candidate; });
  };
  for (const auto& one : state().former)
    if ((candidate.empty() || one.candidate == candidate) && !is_vetoed(one)) return &one;
  return nullptr;
}

// It does not wait its turn, and what was under way gives way to it. The lane is pinned, so that what was just found
// to be bad is not promoted again by itself.
void Deciding::go_back(const Promotion& from, const FormerLive& target, const PromotionId& id, const std::string& by,
                       const std::string& reason) {
  Promotion back;
  back.id = id;
  back.lane = decision_.lane.key;
  back.candidate = target.candidate;
  back.version = target.version;
  back.submitter = by;
  back.trigger = "rollback: " + reason;
  back.takes_back = from.id;
  auto policy = std::make_shared<Policy>(rollback_policy(world_.policy ? *world_.policy : *from.policy));
  if (world_.digest) policy->digest = world_.digest(canonical_bytes(*policy));
  back.policy = std::move(policy);
  back.opened_at = now_;
  for (auto& other : decision_.lane.promotions)
    if (!is_live(other.phase) && !std::holds_alternative<Queued>(other.phase) && !is_end(other.phase))
      end(other, Superseded{id});
  if (!state().pin) state().pin = Pin{by, "going back to version " + target.version + ": " + reason, now_};
  set(back, Checking{0});
  decision_.lane.promotions.push_back(std::move(back));
  enter_stage(decision_.lane.promotions.back(), 0);
}

}  // namespace penstock::core
