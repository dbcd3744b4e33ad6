// What the core wants done: wishes, in the imperative. Each is an outbox row, known by its key.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "daemon/core/place.hpp"
#include "daemon/core/words.hpp"

namespace penstock::core {

// Asks gating for one execution of a gate.
struct RunCheck {
  PromotionId promotion;
  std::string gate;
  int attempt = 1;
  Time due;  // later than now for a repeat after an error
  Time deadline;
  bool operator==(const RunCheck&) const = default;
};
// After that a repair is given up, and the next look decides anew: a candidate that comes meanwhile does not wait.
inline constexpr Duration longest_repair = std::chrono::minutes(5);
// Asks delivery for one act. Carried out until confirmed, refused, or `deadline`.
struct Deliver {
  PromotionId promotion;
  std::string delivery;
  int round = 1;
  Time deadline;
  bool operator==(const Deliver&) const = default;
};
// Asks to be told (DeadlinePassed) at `due`. Setting a timer that is set moves it.
struct SetTimer {
  PromotionId promotion;
  std::string timer;
  Time due;
  bool operator==(const SetTimer&) const = default;
};
struct ClearTimer {
  PromotionId promotion;
  std::string timer;
  bool operator==(const ClearTimer&) const = default;
};
// Everything due for this promotion is called off: it has ended, or is live. What the same decision asks for is due all
// the same: the dropping comes first, as with ClearTimer.
struct CallOff {
  PromotionId promotion;
  bool operator==(const CallOff&) const = default;
};

// Somebody should know. `promotion` may be empty: then it is about the lane.
enum class NoticeKind { reminder, escalation, approval_void, waiver, delegation, alarm };
template <>
struct EnumNames<NoticeKind> {
  static constexpr std::array<std::pair<NoticeKind, const char*>, 6> names{
      {{NoticeKind::reminder, "reminder"},
       {NoticeKind::escalation, "escalation"},
       {NoticeKind::approval_void, "approval-void"},
       {NoticeKind::waiver, "waiver"},
       {NoticeKind::delegation, "delegation"},
       {NoticeKind::alarm, "alarm"}}};
};
struct Notify {
  LaneKey lane;
  int number = 0;  // counts the lane's notices
  PromotionId promotion;
  NoticeKind kind{};
  std::vector<std::string> to;  // "person:ann", "group:release-managers"
  std::string text;
  bool operator==(const Notify&) const = default;
};

// The promotion has been live for long enough: its candidate shall be seen in the environment that follows.
struct Follow {
  PromotionId promotion;
  std::string environment;
  bool operator==(const Follow&) const = default;
};

// Asks delivery to look whether what was delivered is still there.
struct LookAt {
  PromotionId promotion;
  std::string delivery;
  int number = 1;
  Time due;
  bool operator==(const LookAt&) const = default;
};

// The lane asks for a place of a semaphore, is given it, gives it back (or no longer waits for it): each is carried out
// as an event of the other lane, every_lane or the one that asked.
struct AskPlace {
  Place place;
  bool operator==(const AskPlace&) const = default;
};
struct GrantPlace {
  Place place;
  bool operator==(const GrantPlace&) const = default;
};
struct ReturnPlace {
  Place place;
  bool operator==(const ReturnPlace&) const = default;
};

// Asks to be told (EntriesAcknowledged) when the audit log's entries up to now are kept wherever the policy says.
struct AskAcknowledgement {
  PromotionId promotion;
  int number = 1;
  bool operator==(const AskAcknowledgement&) const = default;
};

using Command = std::variant<RunCheck, Deliver, SetTimer, ClearTimer, CallOff, Notify, Follow, AskPlace, GrantPlace,
                             ReturnPlace, LookAt, AskAcknowledgement>;

// "check/<promotion>/<gate>/<attempt>", "deliver/<promotion>/<delivery>/<round>", "timer/<promotion>/<timer>": the same
// command always has the same key, so that doing it twice can be told from doing two things. CallOff has none.
// "notify/<model>/<environment>/<number>", "follow/<promotion>/<environment>",
// "place/ask/<model>/<environment>/<semaphore>/<number>", and so for grant and return,
// "look/<promotion>/<delivery>/<number>", "acknowledge/<promotion>/<number>".
std::string key_of(const Command& command);
std::string_view command_name(const Command& command);

}  // namespace penstock::core
