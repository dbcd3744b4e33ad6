#include <algorithm>

#include "tests/property/invent.hpp"

namespace penstock::property {
namespace {

using namespace std::chrono_literals;

bool is_timer(const Row& row) { return std::holds_alternative<SetTimer>(row.command); }

}  // namespace

// Mostly soon after; sometimes at the same instant, days later, or whenever a clock was set wrong.
Time Inventor::a_time() {
  const auto now = play_.now();
  if (!play_.lane().state.waivers.empty() && chance_.percent(10)) return now + 1h * chance_.between(-100, 100);
  const auto roll = chance_.below(100);
  if (roll < 30) return now;
  if (roll < 75) return now + 1s * chance_.between(1, 600);
  if (roll < 88) return now + 1min * chance_.between(1, 1500);
  if (roll < 93) return now + 24h * chance_.between(1, 40);
  if (roll < 96) return now - 1min * chance_.between(1, 1500);
  if (roll < 98) return now - 24h * chance_.between(1, 800);
  return now + 24h * chance_.between(100, 800);
}

template <class Phase>
const Promotion* Inventor::one_in() {
  std::vector<const Promotion*> found;
  for (const auto& promotion : play_.lane().promotions)
    if (std::holds_alternative<Phase>(promotion.phase)) found.push_back(&promotion);
  return found.empty() ? nullptr : chance_.one_of(found);
}

const Promotion* Inventor::a_promotion() {
  const auto& promotions = play_.lane().promotions;
  return promotions.empty() ? nullptr : &chance_.one_of(promotions);
}

std::string Inventor::a_person() { return chance_.one_of(all_people); }

// As whoever signs people in knows them: mostly what is true.
std::vector<std::string> Inventor::groups_of(const std::string& person) {
  if (chance_.percent(5)) return {chance_.one_of(all_groups)};
  const auto found = play_.people().find(person);
  return found == play_.people().end() ? std::vector<std::string>() : found->second;
}

Finding Inventor::a_finding() {
  static constexpr Verdict rare[] = {Verdict::failed, Verdict::inconclusive, Verdict::errored, Verdict::waived};
  Finding finding;
  finding.verdict = chance_.percent(72) ? Verdict::passed : chance_.one_of(rare);
  finding.observed = std::to_string(chance_.below(2));
  if (finding.verdict == Verdict::passed || finding.verdict == Verdict::errored || chance_.percent(50)) return finding;
  for (int n = chance_.between(1, 2); n > 0; --n)
    finding.details.push_back({"rule/" + std::to_string(n), Verdict::failed, "1", "0", "row 7", chance_.percent(15)});
  return finding;
}

Event Inventor::an_answer(const Row& row) {
  if (const auto* look = std::get_if<LookAt>(&row.command)) return a_look(*look);
  if (auto event = event_of_place(row.command)) return std::move(*event);
  if (const auto* timer = std::get_if<SetTimer>(&row.command))
    return DeadlinePassed{timer->promotion, timer->timer, the_lane};
  if (const auto* check = std::get_if<RunCheck>(&row.command))
    return CheckReported{check->promotion, check->gate, check->attempt, a_finding()};
  if (const auto* ask = std::get_if<AskAcknowledgement>(&row.command))
    return EntriesAcknowledged{ask->promotion, ask->number, 7};
  const auto& deliver = std::get<Deliver>(row.command);
  const auto roll = chance_.below(100);
  if (roll < 20) return DeliverySent{deliver.promotion, deliver.delivery, deliver.round, "202"};
  if (roll < 35) return DeliveryRefused{deliver.promotion, deliver.delivery, deliver.round, "410", "ask"};
  return DeliveryConfirmed{deliver.promotion, deliver.delivery, deliver.round, "204"};
}

Step Inventor::a_row_is_answered() {
  std::vector<const Row*> work;
  std::vector<const Row*> timers;
  for (const auto& [key, row] : play_.outbox().rows()) (is_timer(row) ? timers : work).push_back(&row);
  const auto& rows = timers.empty() || (!work.empty() && chance_.percent(85)) ? work : timers;
  const auto& row = *chance_.one_of(rows);
  // Nothing is carried out before it is due by the clock.
  const auto at = std::max(a_time(), row.due);
  return {chance_.percent(70) ? std::max(play_.now(), row.due) : at, an_answer(row), "", false};
}

// What nobody asked for, or not any more.
Event Inventor::an_answer_to_nothing() {
  static constexpr const char* timers[] = {"queue", "hold", "approval", "watch", "receipt/d1/1", "receipt/d2/2"};
  const auto* promotion = a_promotion();
  const auto id =
      promotion == nullptr || chance_.percent(10) ? "p" + std::to_string(chance_.between(1, 9)) : promotion->id;
  const auto delivery = "d" + std::to_string(chance_.between(1, 2));
  const auto round = chance_.between(1, 3);
  switch (chance_.below(5)) {
    case 0:
      if (promotion != nullptr && !promotion->checks.empty())
        return CheckReported{id, chance_.one_of(promotion->checks).gate, chance_.between(1, 3), a_finding()};
      return CheckReported{id, "a1", chance_.between(1, 3), a_finding()};
    case 1:
      return DeliverySent{id, delivery, round, "202"};
    case 2:
      return DeliveryConfirmed{id, delivery, round, "204"};
    case 3:
      return DeliveryRefused{id, delivery, round, "410", "ask"};
    default:
      return DeadlinePassed{id, chance_.one_of(timers), the_lane};
  }
}

Event Inventor::a_candidate() {
  const char letter = a_letter();
  CandidateSeen seen{a_fresh_id(), candidate_of(letter), std::string(1, letter), {}, "source:main", "poll", nullptr};
  if (chance_.percent(50)) seen.submitter = a_person();
  if (chance_.percent(50)) seen.authors.push_back(a_person() + (chance_.percent(70) ? "@x" : ""));
  return seen;
}

Event Inventor::an_approval() {
  const auto* promotion = one_in<AwaitingApproval>();
  if (promotion == nullptr || chance_.percent(5)) promotion = a_promotion();
  ApprovalGiven given;
  given.promotion = promotion == nullptr ? "p1" : promotion->id;
  given.person = a_person();
  given.groups = groups_of(given.person);
  given.aliases = {given.person + "@x"};
  given.findings = seen_findings_;
  given.candidate = promotion == nullptr || chance_.percent(3) ? candidate_of(a_letter()) : promotion->candidate;
  given.policy =
      promotion == nullptr || chance_.percent(3) ? chance_.one_of(case_.policies)->digest : promotion->policy->digest;
  if (promotion != nullptr && chance_.percent(30)) seen_findings_ = findings_digest(*promotion, play_.world());
  return given;
}

Event Inventor::a_decision() {
  const auto* promotion = a_promotion();
  const auto* held = one_in<Held>();
  if (held != nullptr && chance_.percent(50)) return RetryAsked{held->id, a_person()};
  const auto id = promotion == nullptr ? "p1" : promotion->id;
  const auto person = a_person();
  const auto candidate = promotion == nullptr || chance_.percent(3) ? candidate_of('a') : promotion->candidate;
  const auto policy =
      promotion == nullptr || chance_.percent(3) ? case_.policies.front()->digest : promotion->policy->digest;
  switch (chance_.below(6)) {
    case 0:
      return RejectionGiven{id, candidate, policy, person, groups_of(person), "no"};
    case 1:
    case 2:
      return VetoGiven{id, candidate, policy, person, groups_of(person), "never"};
    case 3:
      return WithdrawalAsked{id, person, "not now"};
    case 4:
      return RetryAsked{id, person};
    default:
      if (promotion != nullptr && !promotion->approvals.empty())
        return ApprovalWithdrawn{id, chance_.one_of(promotion->approvals).person, "wrong tab"};
      return ApprovalWithdrawn{id, person, "wrong tab"};
  }
}

Event Inventor::a_fact_about_the_lane() {
  const auto person = a_person();
  const bool pinned = play_.lane().state.pin.has_value();
  if (chance_.percent(pinned ? 60 : 5)) return PinReleased{the_lane, person, ""};
  if (chance_.percent(25)) return PinSet{the_lane, person, "audit", ""};
  RollbackAsked back{the_lane, a_fresh_id(), person, groups_of(person), "errors", {}};
  const auto& former = play_.lane().state.former;
  if (!former.empty() && chance_.percent(50)) back.candidate = chance_.one_of(former).candidate;
  if (chance_.percent(20)) back.candidate = candidate_of(a_letter());
  return back;
}

// Two people in a row, mostly of the right group; and the review that is then owed.
Event Inventor::an_emergency() {
  const auto person = a_person();
  const auto& review = play_.lane().state.review;
  if (review && chance_.percent(60)) {
    const std::vector<std::string> groups{chance_.percent(70) ? review->group : chance_.one_of(all_groups)};
    return ReviewFiled{the_lane, person, groups, chance_.percent(95) ? "it was right" : "", ""};
  }
  const auto* promotion = under_way_in(play_.lane());
  if (promotion == nullptr || chance_.percent(5)) promotion = a_promotion();
  BreakGlassAsked asked;
  asked.promotion = promotion == nullptr ? "p1" : promotion->id;
  asked.candidate = promotion == nullptr || chance_.percent(3) ? candidate_of('a') : promotion->candidate;
  asked.policy = promotion == nullptr ? case_.policies.front()->digest : promotion->policy->digest;
  asked.person = person;
  asked.groups = groups_of(person);
  if (promotion != nullptr && promotion->policy->break_glass && chance_.percent(60))
    asked.groups = {promotion->policy->break_glass->group};
  asked.reason = "errors";
  return asked;
}

Event Inventor::a_waiver_asked() {
  Waiver waiver;
  waiver.id = "w" + std::to_string(chance_.percent(90) ? ++waivers_ : 1);
  const auto* promotion = one_in<Held>();
  if (promotion == nullptr) promotion = a_promotion();
  waiver.gate = promotion == nullptr || promotion->checks.empty() ? "a1" : chance_.one_of(promotion->checks).gate;
  if (chance_.percent(25)) waiver.rule = "rule/" + std::to_string(chance_.between(1, 2));
  if (chance_.percent(60))
    waiver.candidate = promotion == nullptr ? candidate_of('a') : promotion->candidate;
  else
    waiver.versions = chance_.percent(50) ? "*" : std::string(1, a_letter());
  waiver.reason = "the reference data is late";
  waiver.control = chance_.percent(95) ? "somebody looks at it" : "";
  waiver.requester = a_person();
  waiver.ends = play_.now() + 1h * chance_.between(-1, chance_.percent(80) ? 100 : 2300);
  return WaiverAsked{the_lane, std::move(waiver), ""};
}

Event Inventor::a_waiver_decided() {
  const auto& waivers = play_.lane().state.waivers;
  if (waivers.empty() || chance_.percent(25)) return a_waiver_asked();
  const auto& waiver = chance_.one_of(waivers);
  const auto person = a_person();
  if (chance_.percent(waiver.granter.empty() ? 5 : 70)) return WaiverRevoked{the_lane, waiver.id, person, "over", ""};
  return WaiverGranted{the_lane, waiver.id, person, groups_of(person), ""};
}

// What is rare by chance alone: a gate is waived, and what was waived is open again while people approve.
bool Inventor::waivers_matter() {
  const auto& waivers = play_.lane().state.waivers;
  const bool any_granted =
      std::any_of(waivers.begin(), waivers.end(), [](const Waiver& one) { return !one.granter.empty(); });
  if (one_in<Held>() != nullptr) return chance_.percent(30);
  const auto* waiting = one_in<AwaitingApproval>();
  return any_granted && waiting != nullptr && chance_.percent(waiting->approvals.empty() ? 5 : 30);
}

// What is rare by chance alone: a second person comes in time, and a review is filed.
bool Inventor::emergency_matters() {
  const auto* promotion = under_way_in(play_.lane());
  const bool asked = promotion != nullptr && promotion->glass && promotion->glass->confirmed_by.empty();
  return (asked && chance_.percent(40)) || (play_.lane().state.review && chance_.percent(15));
}

Step Inventor::next() {
  const auto roll = waivers_matter() ? 94 : emergency_matters() ? 97 : chance_.below(100);
  if (roll < 42 && !play_.outbox().rows().empty()) {
    auto step = a_row_is_answered();
    step.fresh = a_fresh_id();
    earlier_.push_back(std::get<Event>(step.what));
    return step;
  }
  Step step{a_time(), PolicyReloaded{}, a_fresh_id(), false};
  if (roll < 44) {
    const auto person = a_person();
    PersonMoved moved{person, std::vector<std::string>{}};
    for (const auto* group : all_groups)
      if (chance_.percent(40)) moved.groups->emplace_back(group);
    if (chance_.percent(20)) moved.groups.reset();
    step.what = std::move(moved);
    return step;
  }
  if (roll < 46) {
    step.what = PolicyReloaded{chance_.below(case_.policies.size())};
    return step;
  }
  if (roll < 50 && !earlier_.empty()) {
    auto again = chance_.one_of(earlier_);
    // Ids of promotions are never given twice.
    if (auto* seen = std::get_if<CandidateSeen>(&again)) seen->promotion = a_fresh_id();
    if (auto* back = std::get_if<RollbackAsked>(&again)) back->promotion = a_fresh_id();
    step.what = std::move(again);
    return step;
  }
  Event event = roll < 66   ? a_candidate()
                : roll < 82 ? an_approval()
                : roll < 87 ? a_decision()
                : roll < 90 ? a_fact_about_the_lane()
                : roll < 92 ? something_about_places()
                : roll < 95 ? a_waiver_decided()
                : roll < 98 ? an_emergency()
                            : an_answer_to_nothing();
  step.for_what_is_there = std::holds_alternative<ApprovalGiven>(event) && chance_.percent(94);
  earlier_.push_back(event);
  step.what = std::move(event);
  return step;
}

}  // namespace penstock::property
