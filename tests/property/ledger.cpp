#include "tests/property/ledger.hpp"

#include <algorithm>

namespace penstock::property {

std::string findings_of(const Journey& journey) {
  std::string text;
  for (const auto& [gate, check] : journey.checks) {
    if (!check.newest) continue;
    text += gate + "=" + std::string(name_of(check.newest->verdict)) + "," + check.newest->observed;
    for (const auto& detail : check.newest->details)
      text += "," + detail.rule + ":" + std::string(name_of(detail.verdict)) + (detail.never_waivable ? "!" : "");
    text += ";";
  }
  return text;
}

bool is_glass_broken(const Promotion& promotion, const Journey& journey, const World& world, Time now) {
  const auto& spec = promotion.policy->break_glass;
  if (!spec) return false;
  const auto is_member = [&](const std::string& person) {
    if (world.people == nullptr) return true;
    const auto known = world.people->find(person);
    return known != world.people->end() &&
           std::find(known->second.begin(), known->second.end(), spec->group) != known->second.end();
  };
  for (std::size_t second = 1; second < journey.breaks.size(); ++second) {
    const auto& a = journey.breaks[second - 1];
    const auto& b = journey.breaks[second];
    if (a.person != b.person && b.at < a.at + spec->lasts && now < b.at + spec->lasts && is_member(a.person) &&
        is_member(b.person))
      return true;
  }
  return false;
}

bool is_beyond_approval(const Phase& phase) {
  return is_live(phase) || std::holds_alternative<Delivering>(phase) || std::holds_alternative<Replaced>(phase) ||
         std::holds_alternative<RolledBack>(phase);
}

const Journey& Ledger::of(const PromotionId& promotion) const {
  static const Journey none;
  const auto found = journeys_.find(promotion);
  return found == journeys_.end() ? none : found->second;
}

void Ledger::accept(const Event& event, Time now) {
  if (const auto* report = std::get_if<CheckReported>(&event)) {
    auto& check = journeys_[report->promotion].checks[report->gate];
    if (check.attempt != report->attempt || check.answered) return;  // an answer to something else is none
    check.answered = true;
    check.newest = report->finding;
  } else if (const auto* approval = std::get_if<ApprovalGiven>(&event)) {
    auto& journey = journeys_[approval->promotion];
    journey.approvals.push_back({*approval, findings_of(journey), false});
  } else if (const auto* glass = std::get_if<BreakGlassAsked>(&event)) {
    journeys_[glass->promotion].breaks.push_back({glass->person, now});
  } else if (const auto* taken_back = std::get_if<ApprovalWithdrawn>(&event)) {
    for (auto& given : journeys_[taken_back->promotion].approvals)
      if (given.event.person == taken_back->person) given.taken_back = true;
  } else if (const auto* confirmed = std::get_if<DeliveryConfirmed>(&event)) {
    auto& journey = journeys_[confirmed->promotion];
    const auto round = journey.rounds.find(confirmed->delivery);
    if (round != journey.rounds.end() && round->second == confirmed->round)
      journey.confirmed.insert(confirmed->delivery);
  }
}

void Ledger::note(const Lane& before, const Event& event, Time now, const Decision& decision) {
  for (const auto& promotion : before.promotions) {
    const auto* waiting = std::get_if<AwaitingApproval>(&promotion.phase);
    if (waiting == nullptr) continue;
    auto& journey = journeys_[promotion.id];
    journey.latest = journey.awaiting_since == waiting->since ? std::max(journey.latest, now) : now;
    journey.awaiting_since = waiting->since;
    journey.waited = std::max(journey.waited, journey.latest - journey.awaiting_since);
  }
  if (!decision.refused && decision.ignored.empty()) accept(event, now);
  for (const auto& command : decision.commands) {
    if (const auto* check = std::get_if<RunCheck>(&command)) {
      auto& asked = journeys_[check->promotion].checks[check->gate];
      asked.attempt = check->attempt;
      asked.answered = false;
    } else if (const auto* deliver = std::get_if<Deliver>(&command)) {
      auto& journey = journeys_[deliver->promotion];
      journey.rounds[deliver->delivery] = deliver->round;
      journey.confirmed.erase(deliver->delivery);
    }
  }
}

void Ledger::follow(const Lane& after, const Event& event, const Decision& decision) {
  for (const auto& promotion : after.promotions) {
    if (is_beyond_approval(promotion.phase)) journeys_[promotion.id].began = true;
    if (is_end(promotion.phase)) ended_.insert(promotion.id);
  }
  const auto* veto = std::get_if<VetoGiven>(&event);
  if (veto != nullptr && !decision.refused && decision.ignored.empty()) vetoed_.insert(veto->candidate);
}

}  // namespace penstock::property
