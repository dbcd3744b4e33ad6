#include "daemon/audit/half_written.hpp"

#include <charconv>

#include "daemon/runtime/digest.hpp"

namespace penstock::audit {
namespace {

constexpr std::string_view signature_begin = "\u2014 ";
constexpr std::size_t longest_number = 20;

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

}  // namespace

core::Result<bool> is_half_written(std::string_view rest, const Signer& signer, LogReader& reader) {
  while (!rest.empty() && rest.back() == '\0') rest.remove_suffix(1);
  const auto origin = signer.verifier().name + "\n";
  if (rest.size() <= origin.size()) return begins(origin, rest);
  if (!begins(rest, origin)) return false;
  const auto end = rest.find('\n', origin.size());
  const auto number = rest.substr(origin.size(), end == std::string_view::npos ? end : end - origin.size());
  if (number.size() > longest_number || number.find_first_not_of("0123456789") != std::string_view::npos) return false;
  if (end == std::string_view::npos) return true;
  std::uint64_t size = 0;
  const auto [read, error] = std::from_chars(number.data(), number.data() + number.size(), size);
  if (error != std::errc() || std::to_string(size) != number || size > reader.size()) return false;
  const auto root = root_of(size, reader.subtrees());
  if (!root) return root.error();
  const auto note = signer.sign(text_of({signer.verifier().name, size, *root}));
  if (rest.size() <= note.size()) return begins(note, rest);
  return begins(rest, note) && are_cosignatures(rest.substr(note.size()));
}

}  // namespace penstock::audit
