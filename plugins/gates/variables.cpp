#include "plugins/gates/variables.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "daemon/core/declared_value.hpp"
#include "plugins/gates/candidate_paths.hpp"

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

constexpr std::string_view of_candidate = "candidate.";

bool is_about_candidate(const std::string& name) { return name.rfind(of_candidate, 0) == 0; }

std::optional<std::string> value_of(const std::string& name, const sdk::GateRequest& request) {
  if (name == "candidate.id") return request.candidate_id.text();
  if (is_about_candidate(name)) return core::field(request.candidate, name.substr(of_candidate.size()));
  if (name == "lane.model") return request.lane.model;
  if (name == "lane.environment") return request.lane.environment;
  if (name == "promotion") return request.promotion;
  return std::nullopt;
}

// The text in pieces: what is literal, and the names of variables.
struct Piece {
  std::string text;
  bool is_variable = false;
};

core::Result<std::vector<Piece>> pieces_of(const std::string& text) {
  std::vector<Piece> pieces;
  for (std::size_t at = 0; at < text.size();) {
    const auto start = std::min(text.find("${", at), text.size());
    if (start > at) pieces.push_back({text.substr(at, start - at)});
    if (start == text.size()) break;
    const auto end = text.find('}', start);
    if (end == std::string::npos)
      return core::Problem{"unknown-variable", core::declared::quote(text.substr(start)) + " is never closed with }",
                           "", "write ${candidate.version}", false};
    pieces.push_back({text.substr(start + 2, end - start - 2), true});
    if (pieces.back().text.find("${") != std::string::npos)
      return core::Problem{"unknown-variable", "a variable stands inside " + core::declared::quote(text.substr(start)),
                           "", "name the variable itself", false};
    at = end + 1;
  }
  return pieces;
}

}  // namespace

core::Result<std::string> fill_in(const std::string& text, const sdk::GateRequest& request, Escape escape) {
  const auto pieces = pieces_of(text);
  if (!pieces) return pieces.error();
  std::string result;
  for (const auto& piece : *pieces) {
    if (!piece.is_variable) {
      result += piece.text;
      continue;
    }
    const auto value = value_of(piece.text, request);
    if (!value || value->empty())
      return core::Problem{"unknown-variable", "the candidate has no value for ${" + piece.text + "}", "",
                           "let the candidate carry it, or take it out of the gate", false};
    result += escaped(*value, escape);
  }
  return result;
}

core::Result<void> check_variables(const std::string& text) {
  const auto pieces = pieces_of(text);
  if (!pieces) return pieces.error();
  for (const auto& [name, is_variable] : *pieces) {
    if (!is_variable || name == "candidate.id" || name == "lane.model" || name == "lane.environment" ||
        name == "promotion")
      continue;
    if (!is_about_candidate(name))
      return core::Problem{"unknown-variable", "there is no variable " + core::declared::quote("${" + name + "}"), "",
                           "write ${candidate.<field>}, ${lane.model}, ${lane.environment} or ${promotion}", false};
    if (auto known = check_candidate_path(name.substr(of_candidate.size()), "field"); !known)
      return core::Problem{"unknown-variable", known.error().message, "${" + name + "}", known.error().hint, false};
  }
  return {};
}

std::string outline(const std::string& text, char mark) {
  const auto pieces = pieces_of(text);
  if (!pieces) return text;
  std::string result;
  for (const auto& piece : *pieces) result += piece.is_variable ? std::string(1, mark) : piece.text;
  return result;
}

}  // namespace penstock::gates
