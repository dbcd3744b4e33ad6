#include "daemon/intake/server_shared.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <random>

#include "daemon/runtime/log.hpp"

namespace penstock::intake {
namespace {

std::string hex(std::uint64_t number, int digits) {
  constexpr std::string_view alphabet = "0123456789abcdef";
  std::string text(static_cast<std::size_t>(digits), '0');
  for (auto digit = text.rbegin(); digit != text.rend(); ++digit, number >>= 4U) *digit = alphabet[number & 0xfU];
  return text;
}

}  // namespace

Shared::Shared(Server::Parts parts)
    : executor(parts.executor),
      limits(parts.limits),
      router(std::move(parts.routes)),
      authenticate(std::move(parts.authenticate)),
      on_fault(std::move(parts.on_fault)),
      on_answer(std::move(parts.on_answer)),
      drained(executor),
      tick(executor) {
  std::random_device random;
  id_prefix_ = "req-" + hex(random(), 8);
}

void Shared::report(const Fault& fault) const {
  if (on_fault) return on_fault(fault);
  runtime::log_error("http.fault",
                     {{"request_id", fault.request_id}, {"operation", fault.operation}, {"what", fault.what}});
}

std::string Shared::next_request_id() { return id_prefix_ + hex(++last_id_, 10); }

const std::string& Shared::date() {
  const auto now = std::time(nullptr);
  if (now == date_at_) return date_;
  // Not strftime: its names follow the locale, those of HTTP are English.
  constexpr std::array days = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::tm utc{};
  ::gmtime_r(&now, &utc);
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%s, %02d %s %04d %02d:%02d:%02d GMT",
                days.at(static_cast<std::size_t>(utc.tm_wday)), utc.tm_mday,
                months.at(static_cast<std::size_t>(utc.tm_mon)), utc.tm_year + 1900, utc.tm_hour, utc.tm_min,
                utc.tm_sec);
  date_at_ = now;
  date_ = text.data();
  return date_;
}

std::chrono::milliseconds Shared::tick_length() const {
  const auto shortest = std::min({limits.header_time, limits.idle_time, limits.body_time, limits.body_start,
                                  limits.write_time, limits.linger_time});
  return std::clamp(shortest / 8, std::chrono::milliseconds(5), std::chrono::milliseconds(250));
}

}  // namespace penstock::intake
