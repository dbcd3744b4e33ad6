#include "tests/simulation/people.hpp"

#include <algorithm>

namespace penstock::simulation {

using namespace std::chrono_literals;

void People::begin() {
  show();
  look();
}

void People::say_later(Moment least, Moment most, core::Event event) {
  ++pending_;
  world_.schedule.after(world_.between(least, most), the_world, [this, event = std::move(event)] {
    --pending_;
    callers_.submit(event);
  });
}

std::string People::somebody() {
  constexpr const char* all[] = {"ann", "bob", "cem", "dora", "eve", "sue"};
  return world_.chance.one_of(all);
}

void People::show() {
  if (!world_.faults || shown_ >= setting_.versions) return;
  engine::SeenCandidate seen;
  seen.candidate.model = world_.chance.one_of(setting_.models);
  // Some versions are shown again: by another hook, after a poll.
  const bool is_old = shown_ > 0 && world_.chance.percent(15);
  if (!is_old) ++shown_;
  seen.candidate.version = std::to_string(is_old ? world_.chance.between(1, shown_) : shown_);
  seen.candidate.authors = {"eve"};
  seen.submitter = "sue";
  seen.trigger = "api";
  seen.again = world_.chance.percent(10);
  callers_.see(std::move(seen));
  world_.schedule.after(world_.between(2s, 100s), the_world, [this] { show(); });
}

void People::look() {
  if (!world_.faults) return;
  std::vector<const core::Promotion*> open;
  for (const auto& [id, promotion] : ledger_.promotions())
    if (!core::is_end(promotion.phase)) open.push_back(&promotion);
  if (!open.empty()) decide(*world_.chance.one_of(open));
  world_.schedule.after(world_.between(500ms, 12s), the_world, [this] { look(); });
}

void People::decide(const core::Promotion& promotion) {
  auto& chance = world_.chance;
  const auto person = somebody();
  const auto& policy = promotion.policy->digest;
  if (chance.percent(1)) return stop_all();
  if (chance.percent(1)) return pin(promotion.lane);
  if (std::holds_alternative<core::AwaitingApproval>(promotion.phase)) {
    if (chance.percent(86)) return approve(promotion);
    if (chance.percent(30)) return callers_.submit(core::ApprovalWithdrawn{promotion.id, person, "a second thought"});
    if (chance.percent(50))
      return callers_.submit(
          core::RejectionGiven{promotion.id, promotion.candidate, policy, person, groups_of(person), "no"});
    return callers_.submit(
        core::VetoGiven{promotion.id, promotion.candidate, policy, person, groups_of(person), "never"});
  }
  if (std::holds_alternative<core::Held>(promotion.phase)) {
    if (chance.percent(30)) return waive(promotion);
    if (chance.percent(70)) return callers_.submit(core::RetryAsked{promotion.id, person});
    if (chance.percent(40))
      return callers_.submit(
          core::RejectionGiven{promotion.id, promotion.candidate, policy, person, groups_of(person), "no"});
    return;
  }
  if (core::is_live(promotion.phase) && chance.percent(6)) {
    const auto fresh = "prm_0000000000000ROLLBACK" + std::to_string(100 + ++given_);
    return callers_.submit(
        core::RollbackAsked{promotion.lane, fresh, "bob", groups_of("bob"), "it misbehaves", core::CandidateId()});
  }
  if (chance.percent(2)) callers_.submit(core::WithdrawalAsked{promotion.id, person, "by mistake"});
}

void People::approve(const core::Promotion& promotion) {
  core::ApprovalGiven approval;
  approval.promotion = promotion.id;
  approval.candidate = promotion.candidate;
  approval.policy = promotion.policy->digest;
  approval.person = somebody();
  approval.groups = groups_of(approval.person);
  approval.findings = engine::Engine::findings_digest(promotion);
  callers_.submit(std::move(approval));
}

void People::waive(const core::Promotion& promotion) {
  const auto gate = std::find_if(promotion.checks.rbegin(), promotion.checks.rend(), [](const core::Check& check) {
    return check.finding && check.finding->verdict != core::Verdict::passed;
  });
  if (gate == promotion.checks.rend()) return;
  core::Waiver waiver;
  waiver.id = "wvr_" + std::to_string(++given_);
  waiver.gate = gate->gate;
  waiver.candidate = promotion.candidate;
  waiver.reason = "it is known";
  waiver.control = "somebody watches it";
  waiver.requester = "ann";
  waiver.asked_at = now();
  waiver.ends = now() + std::chrono::seconds(world_.chance.between(20, 900));
  // Whoever asked, and whoever has no say, is to be refused.
  const auto granter = world_.chance.percent(70) ? "bob" : somebody();
  core::WaiverGranted granted{promotion.lane, waiver.id, granter, groups_of(granter), ""};
  callers_.submit(core::WaiverAsked{promotion.lane, waiver, ""}, [this, granted] { say_later(0s, 20s, granted); });
}

// And lifts it again.
void People::stop_all() {
  core::Stop stop;
  stop.id = "stp_" + std::to_string(++given_);
  stop.by = "ann";
  stop.reason = "an incident";
  stop.since = now();
  core::StopLifted lifted{core::every_lane, stop.id, "bob", ""};
  callers_.submit(core::StopSet{core::every_lane, stop, ""}, [this, lifted] { say_later(5s, 90s, lifted); });
}

void People::pin(const core::LaneKey& lane) {
  core::PinReleased released{lane, "ann", ""};
  callers_.submit(core::PinSet{lane, "ann", "a demonstration", ""}, [this, released] { say_later(5s, 90s, released); });
}

void People::send_receipt(const std::string& key) {
  // "deliver/<promotion>/<delivery>/<round>"
  const auto first = key.find('/');
  const auto second = key.find('/', first + 1);
  const auto last = key.rfind('/');
  core::DeliveryConfirmed receipt{key.substr(first + 1, second - first - 1), key.substr(second + 1, last - second - 1),
                                  std::stoi(key.substr(last + 1)), "it is served"};
  say_later(1ms, world_.faults ? Moment(90s) : Moment(1s), receipt);
}

}  // namespace penstock::simulation
