#include "plugins/gates/margin.hpp"

#include <charconv>
#include <cmath>

namespace penstock::gates {
namespace {

// "2%" and "0.5%"; no sign, no exponent, no space.
std::optional<Margin> percentage(const std::string& text) {
  if (text.size() < 2 || text.back() != '%' || text.front() < '0' || text.front() > '9') return std::nullopt;
  double amount = 0;
  const auto* end = text.data() + text.size() - 1;
  const auto [read, error] = std::from_chars(text.data(), end, amount, std::chars_format::fixed);
  if (error != std::errc() || read != end) return std::nullopt;
  return Margin{amount, true};
}

}  // namespace

double Margin::of(double reference) const { return percent ? std::abs(reference) * amount / 100 : amount; }

std::string Margin::text() const { return nlohmann::json(amount).dump() + (percent ? "%" : ""); }

}  // namespace penstock::gates

namespace penstock::core::declared {

gates::Margin Type<gates::Margin>::read(const Value& value, const std::string& path, const Bounds&, Faults& faults) {
  gates::Margin margin;
  if (const auto* whole = std::get_if<std::int64_t>(&value.data)) {
    margin.amount = static_cast<double>(*whole);
  } else if (const auto* number = std::get_if<double>(&value.data)) {
    margin.amount = *number;
  } else {
    const auto* text = std::get_if<std::string>(&value.data);
    const auto read = text != nullptr ? gates::percentage(*text) : std::nullopt;
    if (!read) {
      detail::wrong_type(value, path, "a number such as `0.02`, or a percentage such as `2%`", faults);
      return margin;
    }
    margin = *read;
  }
  if (!std::isfinite(margin.amount) || margin.amount < 0)
    faults.push_back({value.mark, path, "is " + margin.text() + ", needs at least 0; `better` says which way"});
  return margin;
}

nlohmann::json Type<gates::Margin>::schema(const Bounds&) {
  return {
      {"oneOf", {{{"type", "number"}, {"minimum", 0}}, {{"type", "string"}, {"pattern", "^[0-9]+(\\.[0-9]+)?%$"}}}}};
}

}  // namespace penstock::core::declared
