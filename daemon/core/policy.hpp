// What one file demands of a lane. A policy is frozen into a promotion when it opens, and known by its digest.
#pragma once

#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "daemon/core/acknowledgement.hpp"
#include "daemon/core/break_glass.hpp"
#include "daemon/core/result.hpp"
#include "daemon/core/window.hpp"
#include "daemon/core/words.hpp"

namespace penstock::core {

// A gate as a stage uses it: the reusable definition with the stage's own settings laid over it.
struct GateSpec {
  std::string name;                                // unique within the policy
  std::string kind;                                // a row of plugins/catalog
  nlohmann::json with = nlohmann::json::object();  // the kind's own configuration, checked when it was loaded
  bool blocking = true;                            // an advisory gate is recorded and never stops a promotion
  Duration deadline = std::chrono::minutes(10);    // for one attempt
  int attempts = 1;                                // how often an errored check is tried in all
  std::optional<Duration> max_age{};               // an older answer is asked for again before delivery
  bool operator==(const GateSpec&) const = default;
};

struct Stage {
  std::string name;
  std::vector<GateSpec> gates;
  bool operator==(const Stage&) const = default;
};

enum class Excluded {
  submitter,  // whoever submitted the candidate
  author,     // whoever made it: commit authors, the owner of the training run
  editor,     // whoever edited the policy last
};
template <>
struct EnumNames<Excluded> {
  static constexpr std::array<std::pair<Excluded, const char*>, 3> names{
      {{Excluded::submitter, "submitter"}, {Excluded::author, "author"}, {Excluded::editor, "editor"}}};
};

// Who may answer as well when the group has not done so in time.
struct Escalation {
  Duration after{};
  std::string group;
  bool operator==(const Escalation&) const = default;
};

struct ApprovalRule {
  std::string group;
  int count = 1;
  Duration expires = std::chrono::hours(72);  // how long the approval is waited for
  std::vector<Excluded> excluded{Excluded::submitter, Excluded::author};
  bool required = true;              // an optional rule is recorded and never waited for
  std::optional<Duration> remind{};  // how often the group is reminded while the rule is not met
  std::optional<Escalation> escalate{};
  bool operator==(const ApprovalRule&) const = default;
};

enum class QueueMode {
  queue,              // one after another, oldest first
  supersede_waiting,  // a newer candidate supersedes those that have not been taken up yet
  cancel_running,     // and the one under way as well, unless it is already being delivered
};
template <>
struct EnumNames<QueueMode> {
  static constexpr std::array<std::pair<QueueMode, const char*>, 3> names{
      {{QueueMode::queue, "queue"},
       {QueueMode::supersede_waiting, "supersede-waiting"},
       {QueueMode::cancel_running, "cancel-running"}}};
};

// Which of several candidates that wait is taken up.
enum class QueueOrder { oldest_first, newest_first };
template <>
struct EnumNames<QueueOrder> {
  static constexpr std::array<std::pair<QueueOrder, const char*>, 2> names{
      {{QueueOrder::oldest_first, "oldest-first"}, {QueueOrder::newest_first, "newest-first"}}};
};

// A candidate comes to this lane when it has been live in another one for `soak`, without a break.
struct AfterSpec {
  std::string environment;
  Duration soak{};
  bool operator==(const AfterSpec&) const = default;
};

struct DeliverySpec {
  std::string name;  // unique within the policy
  std::string kind;  // a row of plugins/catalog
  nlohmann::json with = nlohmann::json::object();
  Duration deadline = std::chrono::hours(24);  // until it is confirmed, retries included
  bool operator==(const DeliverySpec&) const = default;
};

// What is looked at while a candidate is newly live.
enum class OnFailure { alarm, roll_back };
template <>
struct EnumNames<OnFailure> {
  static constexpr std::array<std::pair<OnFailure, const char*>, 2> names{
      {{OnFailure::alarm, "alarm"}, {OnFailure::roll_back, "roll-back"}}};
};
struct WatchSpec {
  Duration duration = std::chrono::hours(24);  // `for` in the file
  Duration every = std::chrono::minutes(5);
  std::vector<GateSpec> gates;
  int failures = 1;  // of the last `of` rounds
  int of = 1;
  OnFailure on_failure = OnFailure::alarm;
  bool operator==(const WatchSpec&) const = default;
};

// How often it is looked at whether what was delivered is still there, as long as it is live.
struct DriftSpec {
  Duration every = std::chrono::minutes(10);
  bool repair = false;  // delivers again what somebody else has changed
  bool operator==(const DriftSpec&) const = default;
};

// What going back to an earlier candidate demands; the deliveries are those of the policy.
struct RollbackSpec {
  std::vector<Stage> stages;
  std::vector<ApprovalRule> approvals;
  bool operator==(const RollbackSpec&) const = default;
};

struct Policy {
  std::string name;
  std::string model;  // a glob
  std::string environment;
  QueueMode queue = QueueMode::queue;
  Duration queue_for = std::chrono::hours(24 * 30);  // how long a candidate may wait to be taken up
  Duration hold_for = std::chrono::hours(24 * 7);    // how long a held promotion waits for a person
  std::vector<Stage> stages;
  std::vector<ApprovalRule> approvals;
  std::vector<DeliverySpec> deliveries;
  std::vector<Window> windows;  // when deliveries may begin; none: always
  Duration window_jitter{};     // what waited for a window to open begins within this, not all at once
  int most_per_window = 0;      // deliveries that may begin in one window; 0: any number
  Duration window_for = std::chrono::hours(24 * 14);  // how long a window is waited for
  // Of which a place is needed before deliveries begin; empty: none. Known to whoever declares how many there are.
  std::string semaphore{};
  // Who must have the audit log's entries before deliveries begin. Known to whoever declares sinks and witnesses.
  AuditSpec audit{};
  QueueOrder order = QueueOrder::oldest_first;
  std::optional<AfterSpec> after;
  std::optional<WatchSpec> watch;
  std::optional<DriftSpec> drift{};
  RollbackSpec rollback;
  std::optional<BreakGlassSpec> break_glass{};
  std::string editor;  // whoever edited it last; empty when that is not known
  // SHA-256 of canonical_bytes(): set by whoever loaded the policy, not part of the content.
  Digest digest;
  bool operator==(const Policy&) const = default;
};

nlohmann::json to_json(const GateSpec& gate);
// Without `digest`.
nlohmann::json to_json(const Policy& policy);
Result<Policy> policy_from_json(const nlohmann::json& document);
std::string canonical_bytes(const Policy& policy);
// A gate of a stage or of the watch; nullptr when there is none of that name.
const GateSpec* gate_of(const Policy& policy, std::string_view name);
// The short policy over which `policy` goes back; without `digest`.
Policy rollback_policy(const Policy& policy);

}  // namespace penstock::core
