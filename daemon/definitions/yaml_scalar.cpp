#include "daemon/definitions/yaml_scalar.hpp"

#include <charconv>
#include <limits>
#include <optional>
#include <string_view>

namespace penstock::definitions {
namespace {

using core::declared::Value;

bool consists_of(std::string_view text, std::string_view characters) {
  return !text.empty() && text.find_first_not_of(characters) == std::string_view::npos;
}

bool is_one_of(std::string_view text, std::string_view lower, std::string_view title, std::string_view upper) {
  return text == lower || text == title || text == upper;
}

constexpr std::string_view decimal = "0123456789";

// [0-9]+, or \.[0-9]+, or [0-9]+\.[0-9]*, each with an optional exponent.
bool is_float(std::string_view text) {
  const auto exponent = text.find_first_of("eE");
  if (exponent != std::string_view::npos) {
    auto digits = text.substr(exponent + 1);
    if (!digits.empty() && (digits[0] == '-' || digits[0] == '+')) digits.remove_prefix(1);
    if (!consists_of(digits, decimal)) return false;
    text = text.substr(0, exponent);
  }
  const auto dot = text.find('.');
  if (dot == std::string_view::npos) return consists_of(text, decimal);
  const auto whole = text.substr(0, dot);
  const auto fraction = text.substr(dot + 1);
  if (whole.empty()) return consists_of(fraction, decimal);
  return consists_of(whole, decimal) && (fraction.empty() || consists_of(fraction, decimal));
}

core::Problem too_large(const std::string& what) {
  return {"number-too-large", "the number is beyond the range of " + what, "", "write it in quotes if it is a text",
          false};
}

core::Result<Value> whole_number(std::string_view digits, int base, bool negative) {
  std::uint64_t magnitude = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), magnitude, base);
  constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (error != std::errc() || magnitude > most + (negative ? 1 : 0)) return too_large("64-bit whole numbers");
  // Two's complement: the one magnitude that has no positive twin negates to itself.
  const auto number = static_cast<std::int64_t>(negative ? 0 - magnitude : magnitude);
  return Value{number, {}};
}

}  // namespace

core::Result<Value> resolve_plain(const std::string& text) {
  if (text.empty() || text == "~" || is_one_of(text, "null", "Null", "NULL")) return Value{};
  if (is_one_of(text, "true", "True", "TRUE")) return Value{true, {}};
  if (is_one_of(text, "false", "False", "FALSE")) return Value{false, {}};
  if (is_one_of(text, ".nan", ".NaN", ".NAN")) return Value{std::numeric_limits<double>::quiet_NaN(), {}};
  // Hexadecimal and octal numbers take no sign in the core schema.
  if (text.size() > 2 && text.starts_with("0x") &&
      consists_of(std::string_view(text).substr(2), "0123456789abcdefABCDEF"))
    return whole_number(std::string_view(text).substr(2), 16, false);
  if (text.size() > 2 && text.starts_with("0o") && consists_of(std::string_view(text).substr(2), "01234567"))
    return whole_number(std::string_view(text).substr(2), 8, false);

  auto body = std::string_view(text);
  const bool negative = body[0] == '-';
  if (negative || body[0] == '+') body.remove_prefix(1);
  if (consists_of(body, decimal)) return whole_number(body, 10, negative);
  constexpr auto infinity = std::numeric_limits<double>::infinity();
  if (is_one_of(body, ".inf", ".Inf", ".INF")) return Value{negative ? -infinity : infinity, {}};
  if (is_float(body)) {
    double number = 0;
    if (std::from_chars(body.data(), body.data() + body.size(), number).ec != std::errc())
      return too_large("floating-point numbers");
    return Value{negative ? -number : number, {}};
  }
  return Value{text, {}};
}

}  // namespace penstock::definitions
