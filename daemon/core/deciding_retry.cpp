// How a person goes on with what is held.
#include "daemon/core/deciding.hpp"
#include "daemon/core/planted.hpp"

namespace penstock::core {
namespace {

void add(std::string& list, const std::string& one) { list += (list.empty() ? "" : "; ") + one; }

// Those that counted until now.
std::string lost_approvals(const Promotion& held, const Promotion& asked) {
  std::string lost;
  for (std::size_t n = 0; n < asked.approvals.size(); ++n)
    if (held.approvals[n].voided != asked.approvals[n].voided) add(lost, asked.approvals[n].voided);
  return lost;
}

const char* const anew = "reject it and retry it then, which promotes the candidate anew";

}  // namespace

void Deciding::on(const RetryAsked& event) {
  auto* promotion = find(event.promotion);
  if (promotion == nullptr) return;
  const auto* held = std::get_if<Held>(&promotion->phase);
  if (held == nullptr)
    return refuse(
        "conflict",
        promotion->id + " is " + std::string(phase_name(promotion->phase)) + ", not held: there is nothing to retry",
        "only a held promotion waits for a retry");
  const auto from = held->from;
  if (const auto* delivering = std::get_if<Delivering>(&from)) return retry_delivery(*promotion, *delivering);
  command(ClearTimer{promotion->id, "hold"});
  // Where a clock was set back, a waiver that had ended may hold again, and nothing is left to be asked.
  enter_stage(*promotion, std::get<Checking>(from).stage);
}

// It begins again, and so under the same conditions as at first. They are asked for on a copy: what has begun does not
// go back to its gates or to those who approve, so where one is missing it stays held.
void Deciding::retry_delivery(const Promotion& held, const Delivering& delivering) {
  Deciding asking(decision_.lane, now_, world_);
  auto& asked = *asking.find(held.id);
  // Its own beginning does not fill the window that it began in; nothing else has begun in the lane since.
  auto& began = asking.state().began;
  if (!began.empty()) began.pop_back();
  if (!PENSTOCK_PLANTED(12) && !asking.begins_now(asked)) return refuse_retry(held, asked);
  asking.command(ClearTimer{held.id, "hold"});
  asking.deliver_again(asked, delivering);
  decision_ = std::move(asking.decision_);
}

// Told by what `asked` would ask or wait for.
void Deciding::refuse_retry(const Promotion& held, const Promotion& asked) {
  const auto told = held.id + " may not be delivered again now: ";
  if (std::holds_alternative<Checking>(asked.phase)) {
    const auto gates = closed_gates(held, asked);
    const auto next = gates.may_be_waived ? std::string("retry when it is waived; or ") + anew : anew;
    return refuse("conflict", told + gates.why, next);
  }
  const auto* waiting = std::get_if<AwaitingWindow>(&asked.phase);
  if (waiting == nullptr) {
    const auto lost = lost_approvals(held, asked);
    return refuse("conflict", told + wait_of(asked)->what + " are there" + (lost.empty() ? "" : ": " + lost), anew);
  }
  // A place or an acknowledgement that it began without behind broken glass: nobody asks for it while it is held.
  const bool may_open = waiting->semaphore.empty() && !waiting->acknowledgement;
  refuse("conflict",
         told + waiting->reason + (waiting->opens ? "; deliveries open at " + to_text(*waiting->opens) : ""),
         may_open ? "retry when deliveries are open" : anew);
}

Deciding::ClosedGates Deciding::closed_gates(const Promotion& held, const Promotion& asked) const {
  ClosedGates gates;
  for (const auto& stage : held.policy->stages)
    for (const auto& gate : stage.gates) {
      const auto* before = newest_check(held, gate.name);
      const auto* now = newest_check(asked, gate.name);
      if (now == nullptr || now->attempt == (before == nullptr ? 0 : before->attempt)) continue;
      const auto name = "gate " + gate.name + " ";
      if (before == nullptr || !before->finding) {
        add(gates.why, name + "has not answered");
      } else if (is_satisfied(held, gate)) {
        add(gates.why, name + "was asked at " + to_text(before->asked_at) + ", and its answers hold for " +
                           to_text(*gate.max_age));
      } else {
        add(gates.why, name + std::string(name_of(before->finding->verdict)) + ", and is not waived");
        gates.may_be_waived = true;
      }
    }
  return gates;
}

}  // namespace penstock::core
