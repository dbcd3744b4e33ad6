#include "daemon/core/promotion.hpp"

#include "daemon/core/approval.hpp"
#include "daemon/core/json_writing.hpp"
#include "daemon/core/lane.hpp"

namespace penstock::core {
namespace {

struct NameOf {
  std::string_view operator()(const Queued&) const { return "queued"; }
  std::string_view operator()(const Checking&) const { return "checking"; }
  std::string_view operator()(const AwaitingApproval&) const { return "awaiting_approval"; }
  std::string_view operator()(const AwaitingWindow&) const { return "awaiting_window"; }
  std::string_view operator()(const Delivering&) const { return "delivering"; }
  std::string_view operator()(const Watching&) const { return "watching"; }
  std::string_view operator()(const Live&) const { return "live"; }
  std::string_view operator()(const Held&) const { return "held"; }
  std::string_view operator()(const Rejected&) const { return "rejected"; }
  std::string_view operator()(const Expired&) const { return "expired"; }
  std::string_view operator()(const Superseded&) const { return "superseded"; }
  std::string_view operator()(const Withdrawn&) const { return "withdrawn"; }
  std::string_view operator()(const Vetoed&) const { return "vetoed"; }
  std::string_view operator()(const RolledBack&) const { return "rolled_back"; }
  std::string_view operator()(const Replaced&) const { return "replaced"; }
};

struct EndOf {
  bool operator()(const Rejected&) const { return true; }
  bool operator()(const Expired&) const { return true; }
  bool operator()(const Superseded&) const { return true; }
  bool operator()(const Withdrawn&) const { return true; }
  bool operator()(const Vetoed&) const { return true; }
  bool operator()(const RolledBack&) const { return true; }
  bool operator()(const Replaced&) const { return true; }
  bool operator()(const Queued&) const { return false; }
  bool operator()(const Checking&) const { return false; }
  bool operator()(const AwaitingApproval&) const { return false; }
  bool operator()(const AwaitingWindow&) const { return false; }
  bool operator()(const Delivering&) const { return false; }
  bool operator()(const Watching&) const { return false; }
  bool operator()(const Live&) const { return false; }
  bool operator()(const Held&) const { return false; }
};

struct WaitOf {
  const Promotion& promotion;

  std::optional<Wait> operator()(const Queued& phase) const {
    return Wait{"its turn: one promotion of " + to_text(promotion.lane) + " is under way at a time",
                {"the promotion under way"},
                phase.until};
  }
  std::optional<Wait> operator()(const Checking& phase) const {
    std::string gates;
    Time until{};
    for (const auto& check : promotion.checks) {
      if (check.finding) continue;
      gates += (gates.empty() ? "" : ", ") + check.gate;
      until = std::max(until, check.deadline);
    }
    return Wait{
        "the answers of " + gates + " (stage " + promotion.policy->stages[phase.stage].name + ")", {"penstock"}, until};
  }
  std::optional<Wait> operator()(const AwaitingApproval& phase) const {
    Wait wait;
    for (const auto& rule : progress(promotion)) {
      if (rule.met() || !rule.rule->required) continue;
      wait.what += (wait.what.empty() ? "" : " and ") + std::to_string(rule.given_by.size()) + " of " +
                   std::to_string(rule.rule->count) + " approvals by " + rule.rule->group;
      wait.who.push_back("group:" + rule.rule->group);
      if (is_escalated(promotion, *rule.rule)) wait.who.push_back("group:" + rule.rule->escalate->group);
    }
    wait.until = approval_deadline(promotion, phase.since).value_or(phase.since);
    return wait;
  }
  std::optional<Wait> operator()(const AwaitingWindow& phase) const {
    if (phase.acknowledgement)
      return Wait{phase.reason,
                  {"the audit log's sinks and witnesses"},
                  std::min(phase.until, promotion.acknowledgement ? promotion.acknowledgement->until : phase.until)};
    if (!phase.semaphore.empty())
      return Wait{"a place to be free: " + phase.reason, {"the promotions that hold one"}, phase.until};
    return Wait{
        "deliveries to be open: " + phase.reason + (phase.opens ? "; they open at " + to_text(*phase.opens) : ""),
        {"penstock"},
        phase.until};
  }
  std::optional<Wait> operator()(const Delivering& phase) const {
    const auto& step = promotion.deliveries[phase.step];
    if (step.state == DeliveryState::sent)
      return Wait{"the receipt of delivery " + step.name, {"receiver"}, step.deadline};
    return Wait{"delivery " + step.name, {"penstock"}, step.deadline};
  }
  std::optional<Wait> operator()(const Held& phase) const {
    Wait wait{"a person: " + phase.reason, {}, phase.until};
    for (const auto& rule : promotion.policy->approvals) wait.who.push_back("group:" + rule.group);
    if (wait.who.empty()) wait.who.push_back("any person");
    return wait;
  }
  std::optional<Wait> operator()(const Watching& phase) const {
    return Wait{
        "the end of the watch: round " + std::to_string(phase.round) + " of its gates", {"penstock"}, phase.until};
  }
  std::optional<Wait> operator()(const Live&) const { return std::nullopt; }
  std::optional<Wait> operator()(const Rejected&) const { return std::nullopt; }
  std::optional<Wait> operator()(const Expired&) const { return std::nullopt; }
  std::optional<Wait> operator()(const Superseded&) const { return std::nullopt; }
  std::optional<Wait> operator()(const Withdrawn&) const { return std::nullopt; }
  std::optional<Wait> operator()(const Vetoed&) const { return std::nullopt; }
  std::optional<Wait> operator()(const RolledBack&) const { return std::nullopt; }
  std::optional<Wait> operator()(const Replaced&) const { return std::nullopt; }
};

}  // namespace

std::string_view phase_name(const Phase& phase) { return std::visit(NameOf{}, phase); }
bool is_live(const Phase& phase) {
  return std::holds_alternative<Live>(phase) || std::holds_alternative<Watching>(phase);
}
std::optional<Time> live_since(const Promotion& promotion) {
  if (const auto* watching = std::get_if<Watching>(&promotion.phase)) return watching->since;
  if (const auto* live = std::get_if<Live>(&promotion.phase)) return live->since;
  return std::nullopt;
}
bool is_end(const Phase& phase) { return std::visit(EndOf{}, phase); }
std::optional<Wait> wait_of(const Promotion& promotion) { return std::visit(WaitOf{promotion}, promotion.phase); }

bool Promotion::operator==(const Promotion& other) const {
  const auto same_policy = policy == other.policy || (policy && other.policy && policy->digest == other.policy->digest);
  return same_policy && id == other.id && lane == other.lane && candidate == other.candidate &&
         version == other.version && authors == other.authors && submitter == other.submitter &&
         trigger == other.trigger && takes_back == other.takes_back && opened_at == other.opened_at &&
         changed_at == other.changed_at && phase == other.phase && checks == other.checks &&
         approvals == other.approvals && escalated == other.escalated && deliveries == other.deliveries &&
         glass == other.glass && acknowledgement == other.acknowledgement;
}

std::string findings_text(const Promotion& promotion) {
  std::map<std::string_view, const std::string*> answers;
  for (const auto& check : promotion.checks)
    if (check.finding) answers[check.gate] = &check.finding.judged_text();
  std::string text = "{";
  for (const auto& [gate, answer] : answers) {
    if (text.size() > 1) text += ',';
    text.append(json_string(gate)).append(":").append(json_string(*answer));
  }
  return text += '}';
}

std::size_t facts_of(const Promotion& promotion) {
  auto count = promotion.approvals.size();
  for (const auto& approval : promotion.approvals) count += approval.voided.empty() ? 0 : 1;
  for (const auto& check : promotion.checks) count += check.finding ? 2 : 1;
  return count + (promotion.glass ? 1 : 0);
}

const Check* newest_check(const Promotion& promotion, std::string_view gate) {
  for (auto check = promotion.checks.rbegin(); check != promotion.checks.rend(); ++check)
    if (check->gate == gate) return &*check;
  return nullptr;
}

const Promotion* find(const Lane& lane, std::string_view promotion) {
  for (const auto& candidate : lane.promotions)
    if (candidate.id == promotion) return &candidate;
  return nullptr;
}

const Promotion* live_in(const Lane& lane) {
  for (const auto& promotion : lane.promotions)
    if (is_live(promotion.phase)) return &promotion;
  return nullptr;
}

const Promotion* under_way_in(const Lane& lane) {
  for (const auto& promotion : lane.promotions)
    if (!is_live(promotion.phase) && !std::holds_alternative<Queued>(promotion.phase) && !is_end(promotion.phase))
      return &promotion;
  return nullptr;
}

void without_ended(Lane& lane) {
  std::erase_if(lane.promotions, [](const Promotion& promotion) { return is_end(promotion.phase); });
}

}  // namespace penstock::core
