#include "daemon/core/window.hpp"

#include <algorithm>
#include <cstdint>
#include <list>

#include "daemon/core/window_stretches.hpp"

namespace penstock::core {
namespace {

std::string described(const Window& window) {
  if (!window.reason.empty()) return window.reason;
  const auto* needed =
      window.kind == WindowKind::allow ? "deliveries only in the window \"" : "no deliveries in the window \"";
  return needed + window.when + "\" (" + window.timezone + ")";
}

// All windows side by side, at a time that only moves forward.
class Sweep {
 public:
  // When there is a `problem()`, nothing else may be asked.
  Sweep(std::span<const Window> windows, Time from, Time until, const TimeZones& zones) : now_(from), until_(until) {
    for (const auto& window : windows) {
      if ((problem_ = problem_of(window, zones))) return;
      rows_.emplace_back(window, *parse_window(window.when), zones, from, until);
      any_allow_ = any_allow_ || window.kind == WindowKind::allow;
    }
  }
  Sweep(const Sweep&) = delete;  // the rows refer to themselves
  Sweep& operator=(const Sweep&) = delete;

  const std::optional<Problem>& problem() const { return problem_; }
  Time now() const { return now_; }

  bool open() const {
    bool allowed = !any_allow_;
    for (const auto& row : rows_) {
      if (!row.covers(now_)) continue;
      if (row.window.kind == WindowKind::deny) return false;
      allowed = true;
    }
    return allowed;
  }

  // To the next instant at which it opens or closes; false, and at the end, when there is none.
  bool to_change() {
    const bool before = open();
    while (step())
      if (open() != before) return true;
    return false;
  }

  // Why it is closed.
  std::string reason() const {
    const Row* denies = nullptr;
    const Row* allows_next = nullptr;
    for (const auto& row : rows_) {
      if (row.window.kind == WindowKind::deny && row.covers(now_)) {
        if (denies == nullptr || row.stretches.current()->end > denies->stretches.current()->end) denies = &row;
      } else if (row.window.kind == WindowKind::allow) {
        if (allows_next == nullptr || row.start() < allows_next->start()) allows_next = &row;
      }
    }
    const auto* closing = denies != nullptr ? denies : allows_next;
    return closing == nullptr ? std::string() : described(closing->window);
  }

 private:
  struct Row {
    Row(const Window& of, const WindowTimes& parsed, const TimeZones& zones, Time from, Time until)
        : window(of), times(parsed), stretches(times, window.timezone, zones, from, until) {}
    bool covers(Time time) const { return stretches.current() && stretches.current()->start <= time; }
    Time start() const { return stretches.current() ? stretches.current()->start : Time::max(); }

    const Window& window;
    WindowTimes times;
    Stretches stretches;
  };

  // To the next instant at which any window begins or ends. Each is passed once, and there are finitely many.
  bool step() {
    auto next = Time::max();
    for (const auto& row : rows_)
      if (const auto& stretch = row.stretches.current())
        next = std::min(next, stretch->start > now_ ? stretch->start : stretch->end);
    if (next > until_) return false;
    now_ = next;
    for (auto& row : rows_)
      if (row.stretches.current() && row.stretches.current()->end <= now_) row.stretches.next();
    return true;
  }

  Time now_;
  Time until_;
  std::list<Row> rows_;  // which never moves them
  bool any_allow_ = false;
  std::optional<Problem> problem_;
};

}  // namespace

std::optional<Problem> problem_of(const Window& window, const TimeZones& zones) {
  if (const auto times = parse_window(window.when); !times) return times.error();
  if (zones.knows(window.timezone)) return std::nullopt;
  return Problem{"unknown-time-zone",
                 "the time zone \"" + window.timezone + "\" is not in this machine's time zone database", "",
                 "use a name of the IANA database, for example Europe/Berlin or UTC"};
}

Opening opening_at(std::span<const Window> windows, Time now, const TimeZones& zones) {
  Opening opening;
  Sweep sweep(windows, now, now + look_ahead, zones);
  if (sweep.problem()) {
    opening.reason = to_text(*sweep.problem());
    return opening;
  }
  opening.open = sweep.open();
  if (!opening.open) opening.reason = sweep.reason();
  if (!sweep.to_change()) return opening;
  opening.next_change = sweep.now();
  auto& first = opening.open ? opening.next_close : opening.next_open;
  auto& second = opening.open ? opening.next_open : opening.next_close;
  first = sweep.now();
  if (sweep.to_change()) second = sweep.now();
  return opening;
}

std::optional<Time> open_since(std::span<const Window> windows, Time now, const TimeZones& zones) {
  Sweep sweep(windows, now - look_ahead, now, zones);
  if (sweep.problem()) return std::nullopt;
  auto changed = sweep.now();
  while (sweep.to_change()) changed = sweep.now();
  return sweep.open() ? std::optional(changed) : std::nullopt;
}

Time with_jitter(Time open, Duration jitter, std::string_view key) {
  if (jitter <= Duration::zero()) return open;
  // FNV-1a, then the finalizer of SplitMix64: ids made one after another differ in their last letters only. Not
  // std::hash, which may differ from one daemon to the next.
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : key) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  hash = (hash ^ hash >> 30) * 0xbf58476d1ce4e5b9;
  hash = (hash ^ hash >> 27) * 0x94d049bb133111eb;
  hash ^= hash >> 31;
  return open + Duration(static_cast<Duration::rep>(hash % static_cast<std::uint64_t>(jitter.count())));
}

}  // namespace penstock::core
