// The two text forms of protocol 0, as Python's codecs escape_decode and raw_unicode_escape read them.
#include "plugins/gates/security_signoff/pickle_vm.hpp"

namespace penstock::gates::security {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Exactly `count` hex digits at `text[from]`.
bool read_hex(std::string_view text, std::size_t from, std::size_t count, std::uint32_t& value) {
  if (text.size() < from || text.size() - from < count) return false;
  value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto digit = hex_digit(text[from + i]);
    if (digit < 0) return false;
    value = value << 4 | static_cast<std::uint32_t>(digit);
  }
  return true;
}

void put_utf8(std::uint32_t point, std::string& out) {
  const auto put = [&out](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (point < 0x80) {
    put(point);
  } else if (point < 0x800) {
    put(0xc0 | point >> 6), put(0x80 | (point & 0x3f));
  } else if (point < 0x10000) {
    put(0xe0 | point >> 12), put(0x80 | (point >> 6 & 0x3f)), put(0x80 | (point & 0x3f));
  } else {
    put(0xf0 | point >> 18), put(0x80 | (point >> 12 & 0x3f)), put(0x80 | (point >> 6 & 0x3f)),
        put(0x80 | (point & 0x3f));
  }
}

// One escape of a bytes literal at `text[i]`, which is behind the backslash; `i` ends behind it.
bool read_escape(std::string_view text, std::size_t& i, std::string& out) {
  static constexpr std::string_view letters = "abfnrtv\\'\"", meanings = "\a\b\f\n\r\t\v\\'\"";
  if (i >= text.size()) return false;
  const char letter = text[i++];
  if (const auto known = letters.find(letter); known != letters.npos) {
    out += meanings[known];
    return true;
  }
  std::uint32_t value = 0;
  if (letter == 'x') {
    if (!read_hex(text, i, 2, value)) return false;
    i += 2;
    out += static_cast<char>(value);
    return true;
  }
  if (letter < '0' || letter > '7') {
    out += '\\', out += letter;  // not an escape: both stay
    return true;
  }
  value = static_cast<std::uint32_t>(letter - '0');
  for (int digits = 1; digits < 3 && i < text.size() && text[i] >= '0' && text[i] <= '7'; ++digits)
    value = value * 8 + static_cast<std::uint32_t>(text[i++] - '0');
  out += static_cast<char>(value & 0xff);
  return true;
}

}  // namespace

bool decode_string_line(std::string_view line, std::string_view& text, std::string& decoded) {
  if (line.size() < 2 || line.front() != line.back() || (line.front() != '\'' && line.front() != '"')) return false;
  text = line.substr(1, line.size() - 2);
  if (text.find('\\') == text.npos) return true;
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] != '\\') {
      decoded += text[i++];
    } else if (!read_escape(text, ++i, decoded)) {
      return false;
    }
  }
  text = decoded;
  return true;
}

bool decode_unicode_line(std::string_view line, std::string_view& text, std::string& decoded) {
  text = line;
  const auto needs_decoding = [](char c) { return c == '\\' || (c & 0x80) != 0; };
  if (std::none_of(line.begin(), line.end(), needs_decoding)) return true;
  for (std::size_t i = 0; i < line.size();) {
    std::uint32_t point = 0;
    const bool is_escape = line[i] == '\\' && i + 1 < line.size() && (line[i + 1] == 'u' || line[i + 1] == 'U');
    if (!is_escape) {
      put_utf8(static_cast<unsigned char>(line[i++]), decoded);
      continue;
    }
    const std::size_t digits = line[i + 1] == 'u' ? 4 : 8;
    if (!read_hex(line, i + 2, digits, point) || point > 0x10ffff) return false;
    put_utf8(point, decoded);
    i += 2 + digits;
  }
  text = decoded;
  return true;
}

}  // namespace penstock::gates::security
