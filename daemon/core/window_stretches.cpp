#include "daemon/core/window_stretches.hpp"

#include <algorithm>
#include <utility>

namespace penstock::core {
namespace {

using std::chrono::days, std::chrono::local_days, std::chrono::year_month_day;

struct LocalStretch {
  LocalTime start;
  LocalTime end;
};

// The first day on which a stretch may begin that ends on `from` or later.
local_days first_day(const WeeklyTimes& times, local_days from) { return from - days(times.days_later + 1); }
local_days first_day(const YearlyTimes&, local_days from) { return from - days(367); }
local_days first_day(const SingleTimes& times, local_days) { return std::chrono::floor<days>(times.start); }

std::optional<LocalStretch> beginning_on(local_days day, const WeeklyTimes& times) {
  if (!times.days[std::chrono::weekday(day).c_encoding()]) return std::nullopt;
  return LocalStretch{day + times.start, day + days(times.days_later) + times.end};
}

std::optional<LocalStretch> beginning_on(local_days day, const SingleTimes& times) {
  if (std::chrono::floor<days>(times.start) != day) return std::nullopt;
  return LocalStretch{times.start, times.end};
}

// A 29 February that is not there becomes 1 March, as in every conversion of std::chrono.
local_days first_day_of(std::chrono::year year, const std::chrono::month_day& date) {
  return local_days(year / date.month() / date.day());
}

// After a 29 February that is not there, too, comes 1 March.
local_days day_after(std::chrono::year year, const std::chrono::month_day& date) {
  const auto day = year / date.month() / date.day();
  return local_days(day) + days(day.ok() ? 1 : 0);
}

std::optional<LocalStretch> beginning_on(local_days day, const YearlyTimes& times) {
  const auto year = year_month_day(day).year();
  if (first_day_of(year, times.first) != day) return std::nullopt;
  const auto years_later = std::chrono::years(times.last < times.first ? 1 : 0);
  return LocalStretch{day, day_after(year + years_later, times.last)};
}

}  // namespace

Stretches::Stretches(const WindowTimes& times, const std::string& zone, const TimeZones& zones, Time from, Time until)
    : times_(times), zone_(zone), zones_(zones), from_(from) {
  // A zone's local time is less than two days away from UTC, whatever it changes to.
  const auto first = local_days(std::chrono::floor<days>(from).time_since_epoch()) - days(2);
  const auto last = local_days(std::chrono::floor<days>(until).time_since_epoch()) + days(2);
  day_ = std::visit([first](const auto& of) { return first_day(of, first); }, times);
  last_day_ = std::holds_alternative<SingleTimes>(times) ? day_ : last;
  next();
}

std::optional<Stretch> Stretches::take() {
  if (ahead_) return std::exchange(ahead_, std::nullopt);
  while (day_ <= last_day_) {
    const auto day = day_;
    day_ += days(1);
    const auto local = std::visit([day](const auto& times) { return beginning_on(day, times); }, times_);
    if (!local) continue;
    const Stretch stretch{zones_.from_local(zone_, local->start), zones_.from_local(zone_, local->end)};
    // Empty when the clock leaves all of it out.
    if (stretch.start < stretch.end && stretch.end > from_) return stretch;
  }
  return std::nullopt;
}

void Stretches::next() {
  current_ = take();
  if (!current_) return;
  while (const auto following = take()) {
    if (following->start > current_->end) {
      ahead_ = following;
      return;
    }
    current_->end = std::max(current_->end, following->end);
  }
}

}  // namespace penstock::core
