// One candidate's journey in one lane. Pure data: only advance() changes it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "daemon/core/acknowledgement.hpp"
#include "daemon/core/candidate.hpp"
#include "daemon/core/lane_state.hpp"
#include "daemon/core/policy.hpp"
#include "daemon/core/shared_finding.hpp"

namespace penstock::core {

// One execution of a gate.
struct Check {
  std::string stage;
  std::string gate;
  int attempt = 1;
  Time asked_at{};
  Time deadline{};
  int tries_left = 0;           // how often it is still repeated by itself when it is errored
  SharedFinding finding;        // nothing while it is under way
  std::vector<Waiver> waivers;  // those by which deliveries began although it did not pass, as they were then
  bool operator==(const Check&) const = default;
};

struct Approval {
  std::string person;
  std::vector<std::string> groups;  // of the person, when it was given
  Time at{};
  std::string note;
  std::string condition;  // what the approver demands besides, in words: "only with 10 % of the traffic"
  std::string voided;     // why it no longer counts; empty while it does
  // Other names of the person, when it was given: nobody counts for a rule that excludes them under any name.
  std::vector<std::string> aliases{};
  // The principal in whose stead it was given; `groups` are theirs, and `aliases` hold their names as well.
  std::string on_behalf_of{};
  bool operator==(const Approval&) const = default;
};

enum class DeliveryState {
  due,        // being tried
  sent,       // the receiver has it; its receipt is waited for
  confirmed,  // read back or receipted
  refused,    // given up; see `answer`
};
template <>
struct EnumNames<DeliveryState> {
  static constexpr std::array<std::pair<DeliveryState, const char*>, 4> names{{{DeliveryState::due, "due"},
                                                                               {DeliveryState::sent, "sent"},
                                                                               {DeliveryState::confirmed, "confirmed"},
                                                                               {DeliveryState::refused, "refused"}}};
};

// What is found where a delivery took effect, as long as its promotion is live.
enum class Effect {
  unknown,     // nobody has looked, or could find out
  kept,        // as it was delivered
  drifted,     // somebody else has changed it
  unreadable,  // this kind of delivery leaves nothing that could be looked at
};
template <>
struct EnumNames<Effect> {
  static constexpr std::array<std::pair<Effect, const char*>, 4> names{{{Effect::unknown, "unknown"},
                                                                        {Effect::kept, "kept"},
                                                                        {Effect::drifted, "drifted"},
                                                                        {Effect::unreadable, "unreadable"}}};
};
struct Look {
  int number = 0;  // counts the looks that were asked for
  // Of the newest one that found out.
  Effect effect = Effect::unknown;
  std::string observed;
  Time at{};
  int blind = 0;  // how many since then could not find out
  bool operator==(const Look&) const = default;
};

struct DeliveryStep {
  std::string name;
  int round = 1;  // 2 and more after a person retried a refused delivery, or it was put back
  DeliveryState state{};
  std::string answer;  // the receipt, or why it was refused
  Time deadline{};
  std::optional<Time> ended_at;
  std::optional<Look> look{};  // only where the policy says that drift is looked for
  bool operator==(const DeliveryStep&) const = default;
};

// The phases. Each carries what only it needs; `until` is the deadline that every waiting phase has.
struct Queued {
  Time until;
  bool operator==(const Queued&) const = default;
};
struct Checking {
  std::size_t stage = 0;
  bool operator==(const Checking&) const = default;
};
struct AwaitingApproval {
  Time since;
  Time told{};  // reminders and escalations that were due until then are done
  bool operator==(const AwaitingApproval&) const = default;
};
// Everybody agrees; deliveries may not begin now.
struct AwaitingWindow {
  Time since;
  Time until;
  std::string reason;
  std::optional<Time> opens;     // when that is known
  std::string semaphore{};       // what is waited for is a place of it; empty: deliveries are closed
  bool acknowledgement = false;  // what is waited for is that the audit log is kept elsewhere
  bool operator==(const AwaitingWindow&) const = default;
};
struct Delivering {
  std::size_t step = 0;
  bool operator==(const Delivering&) const = default;
};
// Live, and looked at: `round` counts the looks, `failed` tells of the last ones which failed, oldest first.
struct Watching {
  Time since;
  Time until;
  int round = 1;
  std::vector<bool> failed;
  bool blind = false;  // the last round could not find out
  bool operator==(const Watching&) const = default;
};
struct Live {
  Time since;
  bool operator==(const Live&) const = default;
};
// A machine could not find out, or a finding was inconclusive. Left by a named person, or by expiry.
struct Held {
  std::string reason;
  std::string next;
  // Where a retry goes on; the stage behind the last one: with what comes after the stages.
  std::variant<Checking, Delivering> from;
  Time until;
  bool operator==(const Held&) const = default;
};
// The ends.
struct Rejected {
  std::string by;
  std::string reason;
  bool operator==(const Rejected&) const = default;
};
struct Expired {
  std::string what;
  bool operator==(const Expired&) const = default;
};
struct Superseded {
  PromotionId by;
  bool operator==(const Superseded&) const = default;
};
struct Withdrawn {
  std::string by;
  std::string reason;
  bool operator==(const Withdrawn&) const = default;
};
struct Vetoed {
  std::string by;
  std::string reason;
  bool operator==(const Vetoed&) const = default;
};
struct RolledBack {
  PromotionId by;
  bool operator==(const RolledBack&) const = default;
};
struct Replaced {
  PromotionId by;
  bool operator==(const Replaced&) const = default;
};

using Phase = std::variant<Queued, Checking, AwaitingApproval, AwaitingWindow, Delivering, Watching, Live, Held,
                           Rejected, Expired, Superseded, Withdrawn, Vetoed, RolledBack, Replaced>;

struct Promotion {
  PromotionId id;
  LaneKey lane;
  CandidateId candidate;
  std::string version;
  std::vector<std::string> authors;
  std::string submitter;  // a person, a service, or "source:<name>"
  std::string trigger;    // what made Penstock look: "poll", "hook:<name>", "api"
  // The promotion that this one takes back; empty for all but rollbacks.
  PromotionId takes_back;
  std::shared_ptr<const Policy> policy;
  Time opened_at{};
  Time changed_at{};
  Phase phase;
  std::vector<Check> checks;  // every attempt, oldest first
  std::vector<Approval> approvals;
  std::vector<std::string> escalated{};  // escalations that have happened: they stay so
  std::vector<DeliveryStep> deliveries;  // one per delivery of the policy once delivering
  std::optional<BreakGlass> glass{};
  std::optional<Acknowledgement> acknowledgement{};  // only where the policy demands one, and it came to that

  bool operator==(const Promotion& other) const;
};

// "checking", "awaiting_approval", "rejected" …: the word of the glossary.
std::string_view phase_name(const Phase& phase);
// What it would be live with is live: watched or not.
bool is_live(const Phase& phase);
// When it went live; nothing when it is not.
std::optional<Time> live_since(const Promotion& promotion);
// Nothing more will happen to it by itself or by anybody; `live` is not an end, it ends as `replaced`.
bool is_end(const Phase& phase);

// What a promotion waits for, who can end the wait, and until when. Nothing for `live` and for ends.
struct Wait {
  std::string what;
  std::vector<std::string> who;
  Time until{};
  bool operator==(const Wait&) const = default;
};
std::optional<Wait> wait_of(const Promotion& promotion);

// What approvals are given for besides candidate and policy: the newest answer of each gate, without its time.
std::string findings_text(const Promotion& promotion);

// How many answers, approvals and the like it stands on: grows with each.
std::size_t facts_of(const Promotion& promotion);

// The newest check of a gate; nullptr when it was never asked.
const Check* newest_check(const Promotion& promotion, std::string_view gate);

}  // namespace penstock::core
