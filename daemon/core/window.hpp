// When a lane may be delivered to: windows that allow or deny, in local time, over the time zones' changes of the
// clock.
#pragma once

#include <array>
#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "daemon/core/result.hpp"
#include "daemon/core/words.hpp"

namespace penstock::core {

// What a clock on the wall shows, without saying where.
using LocalTime = std::chrono::local_time<Duration>;

// The IANA time zone database (RFC 6557); implemented by runtime::TimeZones. The same database always gives the same
// answers, so that the core stays pure. Asking about a zone that is not known is a bug of the caller.
class TimeZones {
 public:
  virtual ~TimeZones() = default;
  virtual bool knows(const std::string& zone) const = 0;
  // Local time minus UTC.
  virtual Duration offset_at(const std::string& zone, Time at) const = 0;
  // The instant when the clock shows `local`. A time that the clock leaves out (it is put forward): the instant of the
  // change. One that it shows twice (it is put back): the earlier. So a later local time is never an earlier instant.
  virtual Time from_local(const std::string& zone, LocalTime local) const = 0;
};

enum class WindowKind {
  allow,  // promotions are delivered inside such windows only
  deny,   // nothing is delivered inside
};
template <>
struct EnumNames<WindowKind> {
  static constexpr std::array<std::pair<WindowKind, const char*>, 2> names{
      {{WindowKind::allow, "allow"}, {WindowKind::deny, "deny"}}};
};

struct Window {
  WindowKind kind = WindowKind::deny;
  std::string when;              // as window_times.hpp reads it
  std::string timezone = "UTC";  // a name of the IANA database
  std::string reason;            // told to whoever waits; may be empty
  bool operator==(const Window&) const = default;
};

// What is wrong with a window: its times, or a time zone that is not known. Nothing when it can be used.
std::optional<Problem> problem_of(const Window& window, const TimeZones& zones);

// Whether deliveries may begin, and when that changes. Changes later than `look_ahead` from now are not looked for.
struct Opening {
  bool open = false;
  std::optional<Time> next_change;  // from open to closed or back: next_close when open, else next_open
  std::string reason;               // of the window that closes it, or a description of that window; empty when open
  std::optional<Time> next_open;
  std::optional<Time> next_close;
};

inline constexpr Duration look_ahead = std::chrono::days(400);

// Open = inside an allow window (or there is none), and inside no deny window. Windows hold their first instant and not
// their last. Of several deny windows the reason is of the one that ends last; outside all allow windows, of the one
// that begins next. A window that cannot be understood closes the lane, with its problem as the reason.
Opening opening_at(std::span<const Window> windows, Time now, const TimeZones& zones);

// Since when it is open without a break: what a limit of promotions per window counts from. Nothing when it is closed,
// and `now - look_ahead` when it has been open for longer than that.
std::optional<Time> open_since(std::span<const Window> windows, Time now, const TimeZones& zones);

// A time within [open, open + jitter) that follows from the key alone, here and on every other daemon, so that not all
// that waited for a window go at once. No jitter (or less): `open`. To stay inside a window, hand in a jitter that is
// no longer than the window.
Time with_jitter(Time open, Duration jitter, std::string_view key);

}  // namespace penstock::core
