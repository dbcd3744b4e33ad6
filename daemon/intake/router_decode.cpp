#include "daemon/intake/router_decode.hpp"

#include <algorithm>
#include <cstdint>

namespace penstock::intake {
namespace {

int hex_value(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

bool is_control(char byte) { return static_cast<unsigned char>(byte) < 0x20 || byte == 0x7f; }

core::Problem bad(std::string message) { return {"invalid-request", std::move(message), {}, {}}; }

core::Problem bad_encoding(const char* of) {
  return {"invalid-request",
          std::string("the ") + of + " is not well encoded",
          {},
          "write other bytes than letters, digits, `-._~` as %XX of their UTF-8 bytes"};
}

}  // namespace

bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    if (lead < 0x80) {
      ++i;
      continue;
    }
    const std::size_t more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
    if (lead < 0xc2 || lead > 0xf4 || i + more >= text.size()) return false;
    std::uint32_t point = lead & (0x3fU >> more);
    for (std::size_t k = 1; k <= more; ++k) {
      const auto next = static_cast<unsigned char>(text[i + k]);
      if ((next & 0xc0U) != 0x80U) return false;
      point = (point << 6U) | (next & 0x3fU);
    }
    const std::uint32_t least = more == 3 ? 0x10000U : more == 2 ? 0x800U : 0x80U;
    if (point < least || point > 0x10ffffU || (point >= 0xd800U && point <= 0xdfffU)) return false;
    i += more + 1;
  }
  return true;
}

std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      if (i + 2 >= text.size()) return std::nullopt;
      const int high = hex_value(text[i + 1]);
      const int low = hex_value(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      result += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      result += text[i] == '+' && plus_is_space ? ' ' : text[i];
    }
  }
  if (std::any_of(result.begin(), result.end(), is_control) || !is_utf8(result)) return std::nullopt;
  return result;
}

core::Result<std::vector<std::string>> split_path(std::string_view path) {
  std::vector<std::string> segments;
  for (std::size_t start = 1; start <= path.size();) {
    const auto slash = std::min(path.find('/', start), path.size());
    auto segment = percent_decode(path.substr(start, slash - start));
    if (!segment) return bad_encoding("path");
    if (*segment == "." || *segment == "..") return bad("the path holds a `.` or `..` segment");
    segments.push_back(std::move(*segment));
    start = slash + 1;
  }
  return segments;
}

core::Result<std::map<std::string, std::string>> split_query(std::string_view query) {
  std::map<std::string, std::string> values;
  for (std::size_t start = 0; start < query.size();) {
    const auto end = std::min(query.find('&', start), query.size());
    const auto piece = query.substr(start, end - start);
    start = end + 1;
    if (piece.empty()) continue;
    const auto equals = std::min(piece.find('='), piece.size());
    auto key = percent_decode(piece.substr(0, equals), true);
    auto value = percent_decode(piece.substr(std::min(equals + 1, piece.size())), true);
    if (!key || !value) return bad_encoding("query");
    if (values.count(*key) > 0) return bad("the query key `" + *key + "` is given twice");
    values.emplace(std::move(*key), std::move(*value));
  }
  return values;
}

}  // namespace penstock::intake
