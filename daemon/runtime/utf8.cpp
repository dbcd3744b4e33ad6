#include "daemon/runtime/utf8.hpp"

#include <algorithm>

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

bool is_control(char character) {
  const auto byte = static_cast<unsigned char>(character);
  return byte < 0x20 || byte == 0x7f;
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

std::string printable(std::string_view text) {
  if (is_utf8(text) && std::none_of(text.begin(), text.end(), is_control)) return std::string(text);
  std::string shown;
  for (const char character : text) {
    if (is_control(character) || static_cast<unsigned char>(character) >= 0x80)
      shown += "\\x" + hex({&character, 1});
    else
      shown += character;
  }
  return shown;
}

}  // namespace penstock::runtime
