#include "plugins/gates/variables.hpp"

#include <nlohmann/json.hpp>

namespace penstock::gates {
namespace {

std::string escaped(const std::string& value, Escape escape) {
  if (escape == Escape::none) return value;
  if (escape == Escape::json) {
    const auto quoted = nlohmann::json(value).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    return quoted.substr(1, quoted.size() - 2);
  }
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string text;
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    const bool unreserved = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                            c == '.' || c == '_' || c == '~';
    if (unreserved) {
      text += c;
    } else {
      text += '%';
      text += digits[byte >> 4];
      text += digits[byte & 15];
    }
  }
  return text;
}

std::optional<std::string> value_of(const std::string& name, const sdk::GateRequest& request) {
  constexpr std::string_view candidate = "candidate.";
  if (name == "candidate.id") return request.candidate_id.text();
  if (name.rfind(candidate, 0) == 0) return core::field(request.candidate, name.substr(candidate.size()));
  if (name == "lane.model") return request.lane.model;
  if (name == "lane.environment") return request.lane.environment;
  if (name == "promotion") return request.promotion;
  return std::nullopt;
}

}  // namespace

core::Result<std::string> fill_in(const std::string& text, const sdk::GateRequest& request, Escape escape) {
  std::string result;
  for (std::size_t at = 0; at < text.size();) {
    const auto start = text.find("${", at);
    if (start == std::string::npos) return result + text.substr(at);
    result += text.substr(at, start - at);
    const auto end = text.find('}', start);
    if (end == std::string::npos)
      return core::Problem{"unknown-variable", "`" + text.substr(start) + "` is never closed with }", "",
                           "write ${candidate.version}", false};
    const auto name = text.substr(start + 2, end - start - 2);
    const auto value = value_of(name, request);
    if (!value)
      return core::Problem{"unknown-variable", "the candidate has no value for ${" + name + "}", "",
                           "let the candidate carry it, or take it out of the gate", false};
    result += escaped(*value, escape);
    at = end + 1;
  }
  return result;
}

}  // namespace penstock::gates
