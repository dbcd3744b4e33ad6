#include "daemon/definitions/yaml_text.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace penstock::definitions {
namespace {

using core::declared::Mark;

// The length of the UTF-8 sequence at the start of `bytes`; 0 when there is none (RFC 3629 §4).
std::size_t sequence_length(std::string_view bytes) {
  const auto byte = [bytes](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  const auto first = byte(0);
  if (first < 0x80) return 1;
  std::size_t length = 0;
  unsigned char least = 0x80;
  unsigned char most = 0xBF;
  if (first >= 0xC2 && first <= 0xDF) length = 2;
  if (first >= 0xE0 && first <= 0xEF) {
    length = 3;
    if (first == 0xE0) least = 0xA0;
    if (first == 0xED) most = 0x9F;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    length = 4;
    if (first == 0xF0) least = 0x90;
    if (first == 0xF4) most = 0x8F;
  }
  if (length == 0 || bytes.size() < length || byte(1) < least || byte(1) > most) return 0;
  for (std::size_t i = 2; i < length; ++i)
    if (byte(i) < 0x80 || byte(i) > 0xBF) return 0;
  return length;
}

std::string hex_byte(char c) {
  std::array<char, 8> text{};
  std::snprintf(text.data(), text.size(), "0x%02X", static_cast<unsigned>(static_cast<unsigned char>(c)));
  return text.data();
}

}  // namespace

Positions::Positions(std::string_view text) : text_(text), starts_{0} {
  for (std::size_t i = 0; i < text.size(); ++i)
    if (text[i] == '\n') starts_.push_back(i + 1);
}

std::string_view Positions::line(int number) const {
  const auto index = static_cast<std::size_t>(std::max(number, 0));
  if (index >= starts_.size()) return {};
  const auto end = index + 1 < starts_.size() ? starts_[index + 1] - 1 : text_.size();
  return text_.substr(starts_[index], end - starts_[index]);
}

Mark Positions::at(int line_number, int byte_column) const {
  const auto bytes = line(line_number).substr(0, static_cast<std::size_t>(std::max(byte_column, 0)));
  const auto inner = std::count_if(bytes.begin(), bytes.end(),
                                   [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; });
  return {line_number + 1, byte_column + 1 - static_cast<int>(inner)};
}

Mark Positions::at(std::size_t offset) const {
  const auto next = std::upper_bound(starts_.begin(), starts_.end(), offset);
  const auto line_number = static_cast<int>(next - starts_.begin()) - 1;
  return at(line_number, static_cast<int>(offset - starts_[static_cast<std::size_t>(line_number)]));
}

namespace {

// The parser's work grows with the square of these on one line (yaml-cpp keeps a list of possible keys for each).
constexpr int most_indicators = 1000;

bool check_line(std::string_view line, Mark mark, core::declared::Faults& faults) {
  const auto indicators = std::count_if(
      line.begin(), line.end(), [](char c) { return c == ',' || c == ':' || c == '[' || c == '{' || c == '?'; });
  if (indicators <= most_indicators) return true;
  faults.push_back({mark, "",
                    "this line holds " + std::to_string(indicators) + " commas, colons and brackets, at most " +
                        std::to_string(most_indicators) + " are read; break it into several lines"});
  return false;
}

}  // namespace

bool check_text(std::string_view text, std::size_t max_bytes, const Positions& positions,
                core::declared::Faults& faults) {
  if (text.size() > max_bytes) {
    faults.push_back({{}, "", "has more than " + std::to_string(max_bytes) + " bytes, which is the most that is read"});
    return false;
  }
  for (std::size_t at = 0; at < text.size();) {
    const auto length = sequence_length(text.substr(at));
    const auto c = static_cast<unsigned char>(text[at]);
    if (length == 0) {
      faults.push_back(
          {positions.at(at), "", "the byte " + hex_byte(text[at]) + " is not UTF-8 here; save the file as UTF-8"});
      return false;
    }
    if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7F) {
      faults.push_back(
          {positions.at(at), "", "the control character " + hex_byte(text[at]) + " is not allowed in YAML"});
      return false;
    }
    at += length;
  }
  for (int number = 0; number < positions.lines(); ++number)
    if (!check_line(positions.line(number), positions.at(number, 0), faults)) return false;
  return true;
}

}  // namespace penstock::definitions
