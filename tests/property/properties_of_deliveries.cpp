// What must be so at the instant at which a delivery begins, and before anything is live.
#include <algorithm>

#include "daemon/core/approval.hpp"
#include "tests/property/properties.hpp"

namespace penstock::property {
namespace {

using Broken = std::optional<std::string>;

template <class T>
bool contains(const std::vector<T>& items, const T& item) {
  return std::find(items.begin(), items.end(), item) != items.end();
}

// For the first time, or again because somebody has asked for that.
bool begins(const Instant& i, const Promotion& promotion) {
  if (!is_beyond_approval(promotion.phase)) return false;
  if (!i.ledger.of(promotion.id).began) return true;
  const auto* was = find(i.before, promotion.id);
  return was != nullptr && std::holds_alternative<Held>(was->phase) && std::holds_alternative<RetryAsked>(i.event) &&
         std::holds_alternative<Delivering>(promotion.phase);
}

bool is_open(const Detail& detail) { return detail.verdict != Verdict::passed; }

// By a waiver that somebody granted, that has not ended, and that is for this gate, rule and candidate.
bool is_waived_now(const Instant& i, const Promotion& promotion, const std::string& gate, const std::string& rule) {
  const auto& waivers = i.after().state.waivers;
  return std::any_of(waivers.begin(), waivers.end(), [&](const Waiver& waiver) {
    const bool is_for_it = waiver.versions.empty() ? waiver.candidate == promotion.candidate
                                                   : glob_match(waiver.versions, promotion.version);
    return is_for_it && !waiver.granter.empty() && waiver.ends > i.now && waiver.gate == gate &&
           (waiver.rule.empty() || waiver.rule == rule);
  });
}

Broken why_closed(const Instant& i, const Promotion& promotion, const GateSpec& gate) {
  const auto& checks = i.ledger.of(promotion.id).checks;
  const auto check = checks.find(gate.name);
  if (check == checks.end() || !check->second.answered) return "has not answered";
  const auto& finding = *check->second.newest;
  if (finding.verdict == Verdict::passed) return std::nullopt;
  const auto said = "is " + std::string(name_of(finding.verdict)) + " and not waived";
  for (const auto& detail : finding.details)
    if (is_open(detail) && detail.never_waivable) return said + ": " + detail.rule + " never is";
  if (is_waived_now(i, promotion, gate.name, "")) return std::nullopt;
  bool any = false;
  for (const auto& detail : finding.details) {
    if (!is_open(detail)) continue;
    if (!is_waived_now(i, promotion, gate.name, detail.rule)) return said + ": " + detail.rule;
    any = true;
  }
  return any ? Broken() : said;
}

bool is_gone_without(const Instant& i, const Promotion& promotion, const GateSpec& gate) {
  const auto& journey = i.ledger.of(promotion.id);
  if (!is_glass_broken(promotion, journey, i.world, i.now) ||
      !contains(promotion.policy->break_glass->gates, gate.name))
    return false;
  const auto check = journey.checks.find(gate.name);
  if (check == journey.checks.end() || !check->second.answered) return true;
  const auto& details = check->second.newest->details;
  return std::none_of(details.begin(), details.end(),
                      [](const Detail& detail) { return is_open(detail) && detail.never_waivable; });
}

Broken gate_not_passed(const Instant& i) {
  for (const auto& promotion : i.after().promotions) {
    if (!begins(i, promotion)) continue;
    for (const auto& stage : promotion.policy->stages)
      for (const auto& gate : stage.gates) {
        if (!gate.blocking || is_gone_without(i, promotion, gate)) continue;
        if (const auto why = why_closed(i, promotion, gate))
          return promotion.id + " is " + std::string(phase_name(promotion.phase)) + ", and its gate " + gate.name +
                 " " + *why;
      }
  }
  return std::nullopt;
}

bool is_excluded(const Promotion& promotion, const ApprovalRule& rule, const ApprovalGiven& approval) {
  const auto is_approver = [&](const std::string& name) {
    return !name.empty() && (name == approval.person || contains(approval.aliases, name));
  };
  return std::any_of(rule.excluded.begin(), rule.excluded.end(), [&](Excluded excluded) {
    switch (excluded) {
      case Excluded::submitter:
        return is_approver(promotion.submitter);
      case Excluded::author:
        return std::any_of(promotion.authors.begin(), promotion.authors.end(), is_approver);
      case Excluded::editor:
        return is_approver(promotion.policy->editor);
    }
    return true;
  });
}

// When it was given, and now as far as the core is told who is in which group.
bool is_in(const Instant& i, const ApprovalGiven& approval, const std::string& group) {
  if (!contains(approval.groups, group)) return false;
  if (i.world.people == nullptr) return true;
  const auto person = i.world.people->find(approval.person);
  return person != i.world.people->end() && contains(person->second, group);
}

bool may_count(const Instant& i, const Promotion& promotion, const GivenApproval& given, const ApprovalRule& rule) {
  const auto& approval = given.event;
  const auto& journey = i.ledger.of(promotion.id);
  const bool stands = std::any_of(promotion.approvals.begin(), promotion.approvals.end(), [&](const Approval& one) {
    return one.person == approval.person && one.voided.empty();
  });
  if (given.taken_back || !stands || approval.candidate != promotion.candidate ||
      approval.policy != promotion.policy->digest || given.findings != findings_of(journey) ||
      is_excluded(promotion, rule, approval))
    return false;
  const bool escalated = rule.escalate && rule.escalate->after <= journey.waited;
  return is_in(i, approval, rule.group) || (escalated && is_in(i, approval, rule.escalate->group));
}

std::vector<const ApprovalRule*> required_places(const Policy& policy) {
  std::vector<const ApprovalRule*> places;
  for (const auto& rule : policy.approvals)
    for (int n = 0; rule.required && n < rule.count; ++n) places.push_back(&rule);
  return places;
}

// Every way to put different people into the places is tried.
bool can_fill(const Instant& i, const Promotion& promotion, const std::vector<const ApprovalRule*>& places,
              std::size_t place, std::vector<std::string>& seated) {
  if (place == places.size()) return true;
  for (const auto& given : i.ledger.of(promotion.id).approvals) {
    const auto& person = given.event.person;
    if (contains(seated, person) || !may_count(i, promotion, given, *places[place])) continue;
    seated.push_back(person);
    if (can_fill(i, promotion, places, place + 1, seated)) return true;
    seated.pop_back();
  }
  return false;
}

Broken approvals_missing(const Instant& i) {
  for (const auto& promotion : i.after().promotions) {
    if (!begins(i, promotion)) continue;
    const auto places = required_places(*promotion.policy);
    std::vector<std::string> seated;
    const bool is_skipped = is_glass_broken(promotion, i.ledger.of(promotion.id), i.world, i.now) &&
                            contains(promotion.policy->break_glass->skips, Dispensable::approvals);
    if (!is_skipped && !can_fill(i, promotion, places, 0, seated))
      return promotion.id + " is " + std::string(phase_name(promotion.phase)) + ", and no " +
             std::to_string(places.size()) + " different people who may have approved it as it is";
  }
  return std::nullopt;
}

// Whoever the core itself counts, put into the places by trying every way.
bool could_fill(const Promotion& promotion, const AwaitingApproval& phase,
                const std::vector<const ApprovalRule*>& places, std::size_t place, std::vector<bool>& seated) {
  if (place == places.size()) return true;
  const auto& rule = *places[place];
  for (std::size_t n = 0; n < promotion.approvals.size(); ++n) {
    const auto& approval = promotion.approvals[n];
    ApprovalGiven given;
    given.person = approval.person;
    given.aliases = approval.aliases;
    const bool escalated = rule.escalate && (phase.since + rule.escalate->after <= phase.told ||
                                             contains(promotion.escalated, escalation_of(rule)));
    const bool fits =
        contains(approval.groups, rule.group) || (escalated && contains(approval.groups, rule.escalate->group));
    if (seated[n] || !fits || !approval.voided.empty() || is_excluded(promotion, rule, given)) continue;
    seated[n] = true;
    if (could_fill(promotion, phase, places, place + 1, seated)) return true;
    seated[n] = false;
  }
  return false;
}

Broken waits_for_what_is_there(const Instant& i) {
  for (const auto& promotion : i.after().promotions) {
    const auto* phase = std::get_if<AwaitingApproval>(&promotion.phase);
    if (phase == nullptr) continue;
    const auto places = required_places(*promotion.policy);
    std::vector<bool> seated(promotion.approvals.size());
    if (could_fill(promotion, *phase, places, 0, seated))
      return promotion.id + " is awaiting_approval, and " + std::to_string(places.size()) + " approvals are given";
  }
  return std::nullopt;
}

Broken live_undelivered(const Instant& i) {
  for (const auto& promotion : i.after().promotions) {
    const auto* was = find(i.before, promotion.id);
    const bool is_new = is_beyond_approval(promotion.phase) && !std::holds_alternative<Delivering>(promotion.phase) &&
                        (was == nullptr || !is_live(was->phase));
    if (!is_new) continue;
    for (const auto& delivery : promotion.policy->deliveries)
      if (i.ledger.of(promotion.id).confirmed.count(delivery.name) == 0)
        return promotion.id + " is live, and its delivery " + delivery.name + " is not confirmed";
  }
  return std::nullopt;
}

bool is_being_delivered(const Promotion& promotion) {
  const auto* held = std::get_if<Held>(&promotion.phase);
  return std::holds_alternative<Delivering>(promotion.phase) ||
         (held != nullptr && std::holds_alternative<Delivering>(held->from));
}

Broken put_back_wrongly(const Instant& i) {
  for (const auto& command : i.decision.commands) {
    const auto* deliver = std::get_if<Deliver>(&command);
    const auto* promotion = deliver == nullptr ? nullptr : find(i.after(), deliver->promotion);
    if (promotion == nullptr || !is_live(promotion->phase)) continue;
    const auto key = key_of(command) + " is asked for, and ";
    const auto* seen = std::get_if<EffectSeen>(&i.event);
    if (seen == nullptr || seen->effect != Effect::drifted || seen->promotion != promotion->id)
      return key + "nobody saw it drift";
    if (!promotion->policy->drift || !promotion->policy->drift->repair) return key + "the policy does not say so";
    const auto& all_of_lane = i.after().promotions;
    if (std::any_of(all_of_lane.begin(), all_of_lane.end(), is_being_delivered))
      return key + "something else is being delivered";
  }
  return std::nullopt;
}

constexpr Property of_deliveries[] = {
    {"a delivery begins only when every blocking gate is passed or waived at that instant", gate_not_passed},
    {"a delivery begins only when different people who may have approved just this", approvals_missing},
    {"nobody waits for approvals that are given", waits_for_what_is_there},
    {"nothing is live before all its deliveries are confirmed", live_undelivered},
    {"only what is live and has drifted is put back, and never beside a delivery", put_back_wrongly},
};

}  // namespace

std::span<const Property> properties_of_deliveries() { return of_deliveries; }

}  // namespace penstock::property
