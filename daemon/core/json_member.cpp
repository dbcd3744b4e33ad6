#include "daemon/core/json_member.hpp"

namespace penstock::core {
namespace {

// Where the string ends whose first character is at `at`: at its quotation mark.
std::size_t end_of_string(std::string_view document, std::size_t at) {
  while (at < document.size() && document[at] != '"') at += document[at] == '\\' ? 2 : 1;
  return at;
}

}  // namespace

std::optional<std::string_view> text_member(std::string_view object, std::string_view name) {
  int depth = 0;
  bool is_found = false;  // the name stands before
  bool is_value = false;
  for (std::size_t at = 0; at < object.size(); ++at) {
    switch (object[at]) {
      case '{':
      case '[':
        ++depth;
        break;
      case '}':
      case ']':
        --depth;
        break;
      case ':':
        is_value = true;
        break;
      case ',':
        is_value = is_found = false;
        break;
      case '"': {
        const auto end = end_of_string(object, at + 1);
        if (end >= object.size()) return std::nullopt;
        const auto text = object.substr(at + 1, end - at - 1);
        at = end;
        if (depth != 1) break;
        if (!is_value)
          is_found = text == name;
        else if (is_found)
          return text.find('\\') == std::string_view::npos ? std::optional(text) : std::nullopt;
        break;
      }
      default:
        break;
    }
  }
  return std::nullopt;
}

}  // namespace penstock::core
