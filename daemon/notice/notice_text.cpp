#include "daemon/notice/notice_text.hpp"

namespace penstock::notice {
namespace {

// A key holds names that people chose: they are bounded where they come in, and once more here.
constexpr std::size_t longest_name = 200;

bool is_inside_character(char byte) { return (static_cast<unsigned char>(byte) & 0xc0) == 0x80; }

std::string first_bytes(const std::string& text, std::size_t most) {
  if (text.size() <= most) return text;
  while (most > 0 && is_inside_character(text[most])) --most;
  return text.substr(0, most);
}

std::string about(const core::Notify& command) {
  if (!command.promotion.empty())
    return "/v1/promotions/" + first_bytes(command.promotion, longest_name) + "/explanation";
  return "the lane " + first_bytes(core::to_text(command.lane), longest_name);
}

}  // namespace

std::string text_told(const core::Notify& command) {
  if (command.text.size() <= longest_text) return command.text;
  const auto end = " … (cut: " + std::to_string(command.text.size()) +
                   " bytes in all; the whole text is in Penstock's log, notice.due with the key " +
                   first_bytes(core::key_of(command), 2 * longest_name) + "; see also " + about(command) + ")";
  return first_bytes(command.text, longest_text - end.size()) + end;
}

}  // namespace penstock::notice
