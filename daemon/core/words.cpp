#include "daemon/core/words.hpp"

#include <array>

namespace penstock::core {
namespace {

// Reads exactly `count` decimal digits at `position` and moves it.
std::optional<int> digits(std::string_view text, std::size_t& position, std::size_t count) {
  if (position + count > text.size()) return std::nullopt;
  int value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const char c = text[position + i];
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  position += count;
  return value;
}

// At least `width` digits, and what follows them. Times are part of all that is written: not with printf.
void put_digits(std::string& text, int number, std::size_t width, char then) {
  const auto digits = std::to_string(number);
  if (digits.size() < width) text.append(width - digits.size(), '0');
  text.append(digits) += then;
}

bool skip(std::string_view text, std::size_t& position, char expected) {
  if (position >= text.size() || text[position] != expected) return false;
  ++position;
  return true;
}

struct Unit {
  const char* name;
  std::int64_t milliseconds;
};
constexpr std::array<Unit, 5> units{{{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}}};
// 100 years: longer is a mistake, and it keeps every sum of times inside 64 bits.
constexpr std::int64_t longest = std::int64_t{100} * 365 * 86'400'000;

}  // namespace

std::string to_text(Time time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  std::string text;
  text.reserve(24);
  put_digits(text, static_cast<int>(date.year()), 4, '-');
  put_digits(text, static_cast<int>(static_cast<unsigned>(date.month())), 2, '-');
  put_digits(text, static_cast<int>(static_cast<unsigned>(date.day())), 2, 'T');
  put_digits(text, static_cast<int>(clock.hours().count()), 2, ':');
  put_digits(text, static_cast<int>(clock.minutes().count()), 2, ':');
  put_digits(text, static_cast<int>(clock.seconds().count()), 2, '.');
  put_digits(text, static_cast<int>(clock.subseconds().count()), 3, 'Z');
  return text;
}

std::optional<Time> parse_time(std::string_view text) {
  std::size_t at = 0;
  const auto year = digits(text, at, 4);
  if (!year || !skip(text, at, '-')) return std::nullopt;
  const auto month = digits(text, at, 2);
  if (!month || !skip(text, at, '-')) return std::nullopt;
  const auto day = digits(text, at, 2);
  if (!day || at >= text.size() || (text[at] != 'T' && text[at] != 't' && text[at] != ' ')) return std::nullopt;
  ++at;
  const auto hour = digits(text, at, 2);
  if (!hour || *hour > 23 || !skip(text, at, ':')) return std::nullopt;
  const auto minute = digits(text, at, 2);
  if (!minute || *minute > 59 || !skip(text, at, ':')) return std::nullopt;
  const auto second = digits(text, at, 2);
  if (!second || *second > 60) return std::nullopt;
  int milliseconds = 0;
  if (skip(text, at, '.')) {
    int scale = 100;
    const auto first = at;
    for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, scale /= 10)
      milliseconds += (text[at] - '0') * scale;
    if (at == first) return std::nullopt;
  }
  std::chrono::minutes offset{0};
  if (at < text.size() && (text[at] == 'Z' || text[at] == 'z')) {
    ++at;
  } else if (at < text.size() && (text[at] == '+' || text[at] == '-')) {
    const bool behind = text[at++] == '-';
    const auto hours = digits(text, at, 2);
    if (!hours || *hours > 23 || !skip(text, at, ':')) return std::nullopt;
    const auto minutes = digits(text, at, 2);
    if (!minutes || *minutes > 59) return std::nullopt;
    offset = std::chrono::hours(*hours) + std::chrono::minutes(*minutes);
    if (behind) offset = -offset;
  } else {
    return std::nullopt;
  }
  if (at != text.size()) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  return Time(std::chrono::sys_days(date)) + std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
         std::chrono::seconds(*second) + Duration(milliseconds) - offset;
}

std::optional<Duration> parse_duration(std::string_view text) {
  if (text.empty()) return std::nullopt;
  std::int64_t total = 0;
  for (std::size_t at = 0; at < text.size();) {
    std::int64_t count = 0;
    const auto first = at;
    for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at) {
      count = count * 10 + (text[at] - '0');
      if (count > longest) return std::nullopt;
    }
    if (at == first) return std::nullopt;
    auto end = at;
    while (end < text.size() && text[end] >= 'a' && text[end] <= 'z') ++end;
    const auto name = text.substr(at, end - at);
    at = end;
    std::int64_t scale = 0;
    for (const auto& unit : units)
      if (name == unit.name) scale = unit.milliseconds;
    if (scale == 0 || count > longest / scale) return std::nullopt;
    total += count * scale;
    if (total > longest) return std::nullopt;
  }
  return Duration(total);
}

std::string to_text(Duration duration) {
  if (duration.count() < 0) return "-" + to_text(-duration);
  if (duration.count() == 0) return "0s";
  std::string text;
  auto rest = duration.count();
  for (const auto& unit : units) {
    if (rest / unit.milliseconds > 0) text += std::to_string(rest / unit.milliseconds) + unit.name;
    rest %= unit.milliseconds;
  }
  return text;
}

std::optional<Digest> Digest::parse(std::string_view text) {
  constexpr std::string_view prefix = "sha256:";
  if (text.size() != prefix.size() + 64 || text.substr(0, prefix.size()) != prefix) return std::nullopt;
  const auto hex = text.substr(prefix.size());
  for (const char c : hex)
    if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) return std::nullopt;
  return from_hex(std::string(hex));
}

Digest Digest::from_hex(std::string hex) {
  Digest digest;
  digest.hex_ = std::move(hex);
  return digest;
}

std::string to_text(const LaneKey& key) { return key.model + " in " + key.environment; }

bool glob_match(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0;
  auto star = std::string_view::npos;
  std::size_t star_text = 0;
  while (t < text.size()) {
    if (p < pattern.size() && (pattern[p] == '?' || (pattern[p] != '*' && pattern[p] == text[t]))) {
      ++p;
      ++t;
    } else if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      star_text = t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++star_text;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace penstock::core
