// Looking at what is newly live: the policy's watch gates, round after round.
#include <algorithm>

#include "daemon/core/deciding.hpp"

namespace penstock::core {
namespace {

bool is_of_round(const Check& check, const WatchSpec& spec, int round) {
  return check.attempt == round && std::any_of(spec.gates.begin(), spec.gates.end(),
                                               [&](const GateSpec& gate) { return gate.name == check.gate; });
}

}  // namespace

void Deciding::watch(Promotion& promotion) {
  const Watching phase{now_, now_ + promotion.policy->watch->duration, 1, {}, false};
  set(promotion, phase);
  ask_watch_gates(promotion, phase, now_);
}

// The attempt of a watch gate's check is its round. Only the rounds that still count are kept.
void Deciding::ask_watch_gates(Promotion& promotion, const Watching& phase, Time due) {
  const auto& spec = *promotion.policy->watch;
  std::erase_if(promotion.checks, [&](const Check& check) {
    return is_of_round(check, spec, check.attempt) && check.attempt + spec.of < phase.round;
  });
  for (const auto& gate : spec.gates) ask(promotion, "watch", gate, phase.round, 0, due);
  command(SetTimer{promotion.id, "watch", std::min(due + spec.every, phase.until)});
}

void Deciding::judge_round(Promotion& promotion) {
  auto phase = std::get<Watching>(promotion.phase);
  const auto& spec = *promotion.policy->watch;
  std::string failed;
  std::string unknown;
  for (const auto& check : promotion.checks) {
    if (!is_of_round(check, spec, phase.round)) continue;
    if (!check.finding) return;
    if (!gate_of(*promotion.policy, check.gate)->blocking || check.finding->verdict == Verdict::passed) continue;
    auto& list = check.finding->verdict == Verdict::failed ? failed : unknown;
    list += (list.empty() ? "" : "; ") + check.gate + ": " + check.finding->observed;
  }
  phase.failed.push_back(!failed.empty());
  if (static_cast<int>(phase.failed.size()) > spec.of) phase.failed.erase(phase.failed.begin());
  // A machine that cannot see does not bring anything down by itself, but somebody must know.
  if (failed.empty() && !unknown.empty() && !phase.blind)
    tell(promotion.id, NoticeKind::alarm, {},
         "what is live in " + to_text(promotion.lane) + " cannot be watched: " + unknown);
  phase.blind = failed.empty() && !unknown.empty();
  const auto failures = std::count(phase.failed.begin(), phase.failed.end(), true);
  if (failed.empty() || failures < spec.failures) return set(promotion, phase);

  phase.failed.clear();
  set(promotion, phase);
  const auto reason = std::to_string(failures) + " of the last " + std::to_string(spec.of) + " looks failed: " + failed;
  tell(promotion.id, NoticeKind::alarm, {},
       "version " + promotion.version + ", live in " + to_text(promotion.lane) + ", does not do well: " + reason);
  if (spec.on_failure != OnFailure::roll_back) return;
  const auto* under_way = under_way_in(decision_.lane);
  if (under_way != nullptr && (std::holds_alternative<Delivering>(under_way->phase) || !under_way->takes_back.empty()))
    return;  // it is being replaced already
  const auto* target = way_back({});
  if (target == nullptr)
    return tell(promotion.id, NoticeKind::alarm, {},
                "there is nothing to go back to in " + to_text(promotion.lane) +
                    ": nothing else was live before that was not vetoed since");
  go_back(promotion, FormerLive(*target), world_.fresh_id, "watch", reason);
}

void Deciding::pass_watch_timer(Promotion& promotion) {
  auto phase = std::get<Watching>(promotion.phase);
  if (now_ >= phase.until) {
    return set(promotion, Live{phase.since});
  }
  const auto& spec = *promotion.policy->watch;
  const bool answered = std::none_of(promotion.checks.begin(), promotion.checks.end(), [&](const Check& check) {
    return is_of_round(check, spec, phase.round) && !check.finding;
  });
  // A gate that takes longer than a round is waited for: its own deadline ends that.
  if (!answered) return command(SetTimer{promotion.id, "watch", std::min(now_ + spec.every, phase.until)});
  ++phase.round;
  set(promotion, phase);
  ask_watch_gates(promotion, phase, now_);
}

}  // namespace penstock::core
