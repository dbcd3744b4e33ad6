#include "tests/property/play.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "tests/property/properties.hpp"

namespace penstock::property {
namespace {

// Far more than any case needs: watches end, attempts are counted, and nobody asks for anything new.
constexpr int most_steps_left_to_itself = 500;

std::optional<Failure> first_broken(const Instant& instant) {
  for (const auto properties : {properties_of_lanes(), properties_of_deliveries(), properties_of_people(),
                                properties_of_waits(), properties_of_storage(), properties_of_acknowledgements()})
    for (const auto& property : properties)
      if (auto seen = property.broken(instant)) return Failure{property.name, std::move(*seen)};
  return std::nullopt;
}

class Utc : public TimeZones {
 public:
  bool knows(const std::string&) const override { return true; }
  Duration offset_at(const std::string&, Time) const override { return Duration(0); }
  Time from_local(const std::string&, LocalTime local) const override { return Time(local.time_since_epoch()); }
};
const Utc every_clock_shows_utc;

// The same for the same row of the same case, whatever happened before.
std::uint64_t chance_of(const Row& row, std::uint64_t salt) {
  std::uint64_t hash = 14695981039346656037ULL ^ salt;
  for (const char c : key_of(row.command)) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  return hash >> 32;
}

}  // namespace

Play::Play(const Case& the_case) : case_(the_case), people_(the_case.people), now_(the_case.begins), latest_(now_) {
  world_.digest = digest_of_text;
  world_.policy = the_case.policies.front();
  world_.zones = &every_clock_shows_utc;
  world_.semaphores = std::make_shared<Semaphores>(Semaphores{{the_semaphore, the_case.places}});
  lane_.key = the_lane;
  every_.key = every_lane;
}

std::optional<Event> event_of_place(const Command& command) {
  if (const auto* ask = std::get_if<AskPlace>(&command)) return PlaceAsked{every_lane, ask->place, ""};
  if (const auto* back = std::get_if<ReturnPlace>(&command)) return PlaceReturned{every_lane, back->place, ""};
  const auto* grant = std::get_if<GrantPlace>(&command);
  if (grant == nullptr) return std::nullopt;
  if (grant->place.lane == the_lane) return PlaceGranted{the_lane, grant->place, ""};
  return PlaceReturned{every_lane, grant->place, ""};
}

std::optional<Failure> Play::happens(const Step& step) {
  now_ = step.at;
  latest_ = std::max(latest_, now_);
  answer_.clear();
  if (const auto* moved = std::get_if<PersonMoved>(&step.what)) {
    people_.erase(moved->person);
    if (moved->groups) people_[moved->person] = *moved->groups;
    return std::nullopt;
  }
  if (const auto* reloaded = std::get_if<PolicyReloaded>(&step.what)) {
    world_.policy = case_.policies[reloaded->policy];
    return std::nullopt;
  }
  world_.fresh_id = step.fresh;
  auto event = std::get<Event>(step.what);
  if (auto* seen = std::get_if<CandidateSeen>(&event)) seen->policy = world_.policy;
  if (auto* approval = std::get_if<ApprovalGiven>(&event); approval != nullptr && step.for_what_is_there)
    if (const auto* promotion = find(lane_, approval->promotion))
      approval->findings = findings_digest(*promotion, world_);
  return decide(std::move(event));
}

std::optional<Failure> Play::decide_for_all_lanes(const Event& event) {
  auto decision = advance(every_, event, now_, world_);
  outbox_.answered_by(event);
  outbox_.take(decision.commands, now_);
  const Instant instant{every_, event, now_, world_, decision, ledger_, outbox_, case_.seed % 50 == 0};
  for (const auto& property : properties_of_storage())
    if (auto seen = property.broken(instant)) return Failure{property.name, std::move(*seen)};
  answer_ = decision.ignored.empty() ? "" : "ignored: " + decision.ignored;
  every_ = std::move(decision.lane);
  return broken_places(lane_, every_, case_.places);
}

std::optional<Failure> Play::decide(Event event) {
  world_.people = case_.people_are_known ? &people_ : nullptr;
  world_.places = &every_.state.places;
  if (const auto* key = lane_of(event); key != nullptr && *key == every_lane) return decide_for_all_lanes(event);
  auto decision = advance(lane_, event, now_, world_);
  outbox_.answered_by(event);
  outbox_.take(decision.commands, now_);
  ledger_.note(lane_, event, now_, decision);
  const bool is_sampled = case_.seed % 50 == 0;
  const Instant instant{lane_, event, now_, world_, decision, ledger_, outbox_, is_sampled};
  if (auto failure = first_broken(instant)) return failure;
  ledger_.follow(decision.lane, event, decision);
  answer_ = decision.refused           ? "refused: " + decision.refused->message
            : decision.ignored.empty() ? ""
                                       : "ignored: " + decision.ignored;
  lane_ = std::move(decision.lane);
  without_ended(lane_);
  return broken_places(lane_, every_, case_.places);
}

Event Play::answer_to(const Row& row) const {
  // Otherwise what is live would be looked at for ever.
  if (const auto* look = std::get_if<LookAt>(&row.command))
    return EffectSeen{look->promotion, look->delivery, look->number, Effect::unreadable, "in the end"};
  if (auto event = event_of_place(row.command)) return std::move(*event);
  const auto chance = chance_of(row, case_.salt);
  if (const auto* timer = std::get_if<SetTimer>(&row.command))
    return DeadlinePassed{timer->promotion, timer->timer, the_lane};
  if (const auto* deliver = std::get_if<Deliver>(&row.command)) {
    if (chance % 8 == 0) return DeliveryRefused{deliver->promotion, deliver->delivery, deliver->round, "410", "ask"};
    if (chance % 8 == 1) return DeliverySent{deliver->promotion, deliver->delivery, deliver->round, "202"};
    return DeliveryConfirmed{deliver->promotion, deliver->delivery, deliver->round, "204"};
  }
  if (const auto* ask = std::get_if<AskAcknowledgement>(&row.command))
    return EntriesAcknowledged{ask->promotion, ask->number, 7};
  const auto& check = std::get<RunCheck>(row.command);
  static constexpr std::array verdicts{Verdict::passed, Verdict::passed,       Verdict::passed, Verdict::passed,
                                       Verdict::failed, Verdict::inconclusive, Verdict::errored};
  Finding finding;
  finding.verdict = verdicts[chance % verdicts.size()];
  finding.observed = "in the end";
  return CheckReported{check.promotion, check.gate, check.attempt, std::move(finding)};
}

std::optional<Failure> Play::is_left_to_itself() {
  // A clock that was set back is right again: otherwise a watch of hours goes on for the years until then.
  now_ = latest_;
  // No deadline ends what is owed by people.
  if (const auto& review = lane_.state.review) {
    Step filed{now_, ReviewFiled{the_lane, "gus", {review->group}, "it was right", ""}, "q0", false};
    auto failure = happens(filed);
    if (on_step) on_step(filed);
    if (failure) return failure;
  }
  for (int n = 0; n < most_steps_left_to_itself; ++n) {
    const auto& rows = outbox_.rows();
    const auto next = std::min_element(rows.begin(), rows.end(),
                                       [](const auto& a, const auto& b) { return a.second.due < b.second.due; });
    if (next == rows.end()) {
      for (const auto& promotion : lane_.promotions)
        if (!std::holds_alternative<Live>(promotion.phase))
          return Failure{"whatever is left to itself ends or is live",
                         promotion.id + " is " + std::string(phase_name(promotion.phase)) + ", and nothing is due"};
      if (!every_.state.places.empty())
        return Failure{"every place comes back in the end",
                       "nothing is due, and there is still " + to_json(every_.state.places.front()).dump()};
      return std::nullopt;
    }
    const Step step{std::max(now_, next->second.due), answer_to(next->second), "q" + std::to_string(n + 1), false};
    auto failure = happens(step);
    if (on_step) on_step(step);
    if (failure) return failure;
  }
  return Failure{"whatever is left to itself ends or is live",
                 "after " + std::to_string(most_steps_left_to_itself) +
                     " steps something is due still: " + outbox_.rows().begin()->first};
}

std::optional<Failure> play(const Case& the_case) {
  Play one(the_case);
  for (const auto& step : the_case.steps)
    if (auto failure = one.happens(step)) return failure;
  return one.is_left_to_itself();
}

}  // namespace penstock::property
