#include "daemon/audit/bom_text.hpp"

#include <algorithm>

#include "daemon/core/words.hpp"

namespace penstock::audit::bom {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_unreserved(char c) { return is_letter(c) || is_digit(c) || c == '-' || c == '.' || c == '_' || c == '~'; }

const json* find(const json& object, const char* key) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(key);
  return found == object.end() ? nullptr : &*found;
}

// Takes what `is_part` accepts from the front, and tells how much that was.
template <class IsPart>
std::size_t take_while(std::string_view& text, IsPart is_part) {
  const auto end = std::find_if_not(text.begin(), text.end(), is_part);
  const auto length = static_cast<std::size_t>(end - text.begin());
  text.remove_prefix(length);
  return length;
}

}  // namespace

std::string bounded(std::string_view text, std::size_t most) {
  if (text.size() <= most) return std::string(text);
  auto end = most;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;  // inside a character of UTF-8
  return std::string(text.substr(0, end)) + "… (cut; it has " + std::to_string(text.size()) + " bytes)";
}

std::string text_at(const json& object, const char* key) {
  const auto* found = find(object, key);
  return found != nullptr && found->is_string() ? bounded(found->get_ref<const std::string&>()) : std::string();
}

const json& list_at(const json& object, const char* key) {
  static const json none = json::array();
  const auto* found = find(object, key);
  return found != nullptr && found->is_array() ? *found : none;
}

const json& object_at(const json& object, const char* key) {
  static const json none = json::object();
  const auto* found = find(object, key);
  return found != nullptr && found->is_object() ? *found : none;
}

bool is_true_at(const json& object, const char* key) {
  const auto* found = find(object, key);
  return found != nullptr && found->is_boolean() && found->get<bool>();
}

bool holds(const json& list, const std::string& text) {
  return std::any_of(list.begin(), list.end(), [&](const json& item) { return item.is_string() && item == text; });
}

std::optional<std::string> instant_at(const json& object, const char* key) {
  const auto time = core::parse_time(text_at(object, key));
  if (!time) return std::nullopt;
  return core::to_text(*time);
}

json property(const std::string& name, const std::string& value) {
  return {{"name", "penstock:" + bounded(name, 200)}, {"value", bounded(value)}};
}

std::string url_of_path(std::string_view path) {
  constexpr std::string_view hex = "0123456789ABCDEF";
  std::string url;
  for (const auto c : path) {
    if (is_unreserved(c) || (c == '/' && !url.empty())) {
      url += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    url += {'%', hex[byte >> 4U], hex[byte & 0xFU]};
  }
  return url;
}

bool is_url(std::string_view text) {
  if (text.size() > longest_text || text.empty() || !is_letter(text[0])) return false;
  take_while(text, [](char c) { return is_letter(c) || is_digit(c) || c == '+' || c == '-' || c == '.'; });
  if (!text.starts_with("://")) return false;
  text.remove_prefix(3);
  if (take_while(text, [](char c) { return is_letter(c) || is_digit(c) || c == '-' || c == '.'; }) == 0) return false;
  if (text.starts_with(':')) {
    text.remove_prefix(1);
    const auto digits = take_while(text, is_digit);
    if (digits == 0 || digits > 5) return false;
  }
  return text.empty() || (text[0] == '/' && std::all_of(text.begin(), text.end(), [](char c) {
                            return is_unreserved(c) ||
                                   std::string_view("/!$&'()*+,;=:@").find(c) != std::string_view::npos;
                          }));
}

std::string count_of(std::size_t count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

}  // namespace penstock::audit::bom
