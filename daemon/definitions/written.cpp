#include "daemon/definitions/written.hpp"

#include <algorithm>

namespace penstock::definitions {
namespace {

constexpr std::size_t longest_name = 63;  // of a DNS label (RFC 1035 §2.3.4): names end up in addresses

bool is_alphanumeric(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

}  // namespace

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= longest_name && is_alphanumeric(text.front()) &&
         is_alphanumeric(text.back()) && std::all_of(text.begin(), text.end(), [](char c) {
           return is_alphanumeric(c) || c == '-' || c == '_' || c == '.';
         });
}

bool Block::empty() const { return mapping().empty(); }

const core::declared::Mapping& Block::mapping() const {
  static const core::declared::Mapping none;
  const auto* written = std::get_if<core::declared::Mapping>(&value.data);
  return written != nullptr ? *written : none;
}

}  // namespace penstock::definitions

namespace penstock::core::declared {

definitions::Name Type<definitions::Name>::read(const Value& value, const std::string& path, const Bounds& bounds,
                                                Faults& faults) {
  const auto before = faults.size();
  auto text = Type<std::string>::read(value, path, bounds, faults);
  if (faults.size() != before) return {};
  if (definitions::is_name(text)) return {std::move(text)};
  faults.push_back({value.mark, path,
                    quote(text) +
                        " is no name: it takes the letters a-z, digits, `-`, `_` and `.`, begins and ends with a "
                        "letter or digit, and has 63 characters at most"});
  return {};
}

nlohmann::json Type<definitions::Name>::schema(const Bounds&) {
  return {{"type", "string"}, {"pattern", "^[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?$"}};
}

definitions::Block Type<definitions::Block>::read(const Value& value, const std::string& path, const Bounds&,
                                                  Faults& faults) {
  if (!std::holds_alternative<Mapping>(value.data)) {
    detail::wrong_type(value, path, "a mapping", faults);
    return {};
  }
  // Only for its check that numbers are finite.
  Type<nlohmann::json>::read(value, path, {}, faults);
  return {value, path};
}

}  // namespace penstock::core::declared
