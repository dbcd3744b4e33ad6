#include "daemon/runtime/utf8.hpp"

#include "daemon/runtime/digest.hpp"

namespace penstock::runtime {
namespace {

unsigned byte_at(std::string_view text, std::size_t position) {
  return position < text.size() ? static_cast<unsigned char>(text[position]) : 0;
}

// How many bytes the character at `at` takes; 0 when there is no well-formed one.
std::size_t character_at(std::string_view text, std::size_t at) {
  const unsigned first = byte_at(text, at);
  if (first < 0x80) return 1;
  const std::size_t size = first >= 0xc2 && first <= 0xdf   ? 2
                           : first >> 4 == 0xe              ? 3
                           : first >= 0xf0 && first <= 0xf4 ? 4
                                                            : 0;
  if (size == 0) return 0;
  for (std::size_t i = 1; i < size; ++i)
    if (byte_at(text, at + i) >> 6 != 2) return 0;
  const unsigned second = byte_at(text, at + 1);
  const bool overlong = (first == 0xe0 && second < 0xa0) || (first == 0xf0 && second < 0x90);
  const bool surrogate = first == 0xed && second > 0x9f;
  const bool above = first == 0xf4 && second > 0x8f;
  return overlong || surrogate || above ? 0 : size;
}

// Of a well-formed one.
char32_t code_point(std::string_view character) {
  const auto first = byte_at(character, 0);
  if (character.size() == 1) return first;
  char32_t point = first & (0x7fU >> character.size());
  for (std::size_t i = 1; i < character.size(); ++i) point = point << 6 | (byte_at(character, i) & 0x3fU);
  return point;
}

bool is_control(char32_t point) { return point < 0x20 || (point >= 0x7f && point <= 0x9f); }

bool turns_direction(char32_t point) {
  return point == 0x061c || point == 0x200e || point == 0x200f || (point >= 0x202a && point <= 0x202e) ||
         (point >= 0x2066 && point <= 0x2069);
}

}  // namespace

bool is_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const auto size = character_at(text, at);
    if (size == 0) return false;
    at += size;
  }
  return true;
}

Character first_character(std::string_view text) {
  const auto size = character_at(text, 0);
  if (size == 0) return {text.substr(0, 1), false};
  const auto bytes = text.substr(0, size);
  const auto point = code_point(bytes);
  return {bytes, !is_control(point) && !turns_direction(point)};
}

std::string printable(std::string_view text) {
  std::string shown;
  while (!text.empty()) {
    const auto [bytes, is_harmless] = first_character(text);
    text.remove_prefix(bytes.size());
    if (is_harmless) {
      shown += bytes;
      continue;
    }
    for (const char byte : bytes) shown += "\\x" + hex({&byte, 1});
  }
  return shown;
}

}  // namespace penstock::runtime
