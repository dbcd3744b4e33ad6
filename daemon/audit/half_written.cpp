#include "daemon/audit/half_written.hpp"

#include <charconv>

#include "daemon/runtime/digest.hpp"

namespace penstock::audit {
namespace {

constexpr std::string_view signature_begin = "\u2014 ";
constexpr std::size_t longest_number = 20;
constexpr std::size_t root_characters = 44;  // 32 bytes in base64

bool begins(std::string_view whole, std::string_view part) { return whole.starts_with(part); }

// Whole lines are signatures, and the last one, which is not whole, begins like one.
bool are_cosignatures(std::string_view lines) {
  while (!lines.empty()) {
    const auto end = lines.find('\n');
    const auto line = lines.substr(0, end);
    const auto space = line.rfind(' ');
    if (end == std::string_view::npos) return begins(signature_begin, line) || line.starts_with(signature_begin);
    if (!line.starts_with(signature_begin) || space < signature_begin.size() ||
        !runtime::from_base64(line.substr(space + 1)))
      return false;
    lines.remove_prefix(end + 1);
  }
  return true;
}

// Takes the first line off; without a newline it is not whole, and all that is left.
std::string_view take_line(std::string_view& rest, bool& is_whole) {
  const auto end = rest.find('\n');
  is_whole = end != std::string_view::npos;
  const auto line = rest.substr(0, end);
  rest.remove_prefix(is_whole ? end + 1 : rest.size());
  return line;
}

std::string_view without_zeros(std::string_view rest) {
  while (!rest.empty() && rest.back() == '\0') rest.remove_suffix(1);
  return rest;
}

bool is_number(std::string_view text) {
  return text.size() <= longest_number && text.find_first_not_of("0123456789") == std::string_view::npos;
}

bool is_begin_of_root(std::string_view text) {
  constexpr std::string_view characters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";
  return text.size() <= root_characters && text.find_first_not_of(characters) == std::string_view::npos;
}

}  // namespace

bool is_shaped_like_half_written(std::string_view rest, const std::string& name) {
  rest = without_zeros(rest);
  bool is_whole = true;
  const auto origin = take_line(rest, is_whole);
  if (!is_whole) return begins(name, origin);
  if (origin != name) return false;
  if (const auto number = take_line(rest, is_whole); !is_number(number) || (is_whole && number.empty())) return false;
  if (!is_whole) return true;
  const auto root = take_line(rest, is_whole);
  if (!is_whole) return is_begin_of_root(root);
  const auto hash = runtime::from_base64(root);
  if (!hash || hash->size() != sizeof(Hash)) return false;
  if (rest.empty()) return true;
  return rest.front() == '\n' && are_cosignatures(rest.substr(1));
}

core::Result<bool> is_half_written(std::string_view rest, const Signer& signer, LogReader& reader) {
  const auto& name = signer.verifier().name;
  if (!is_shaped_like_half_written(rest, name)) return false;
  rest = without_zeros(rest);
  auto behind_name = rest.substr(std::min(rest.size(), name.size() + 1));
  bool is_whole = false;
  const auto number = take_line(behind_name, is_whole);
  if (!is_whole) return true;
  std::uint64_t size = 0;
  const auto [read, error] = std::from_chars(number.data(), number.data() + number.size(), size);
  if (error != std::errc() || std::to_string(size) != number || size > reader.size()) return false;
  const auto root = root_of(size, reader.subtrees());
  if (!root) return root.error();
  const auto note = signer.sign(text_of({name, size, *root}));
  if (rest.size() <= note.size()) return begins(note, rest);
  return begins(rest, note) && are_cosignatures(rest.substr(note.size()));
}

}  // namespace penstock::audit
