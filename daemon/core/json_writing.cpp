#include "daemon/core/json_writing.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>

namespace penstock::core {
namespace {

using nlohmann::json;

std::string by_the_library(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

// What stands in a JSON string as it is. Control characters have escapes of their own, and beyond ASCII it must be
// looked at whether it is UTF-8.
constexpr auto plain = [] {
  std::array<bool, 256> is_plain{};
  for (unsigned char c = ' '; c <= '~'; ++c) is_plain[c] = c != '"' && c != '\\';
  return is_plain;
}();

void append_string(std::string& written, std::string_view whole) {
  const auto before = written.size();
  auto text = whole;
  written += '"';
  for (;;) {
    const auto end =
        std::find_if_not(text.begin(), text.end(), [](char c) { return plain[static_cast<unsigned char>(c)]; });
    const auto size = static_cast<std::size_t>(end - text.begin());
    written.append(text.data(), size);
    text.remove_prefix(size);
    if (text.empty()) break;
    if (text.front() != '"' && text.front() != '\\') {
      written.resize(before);
      written += by_the_library(whole);
      return;
    }
    (written += '\\') += text.front();
    text.remove_prefix(1);
  }
  written += '"';
}

template <class Number>
void append_number(std::string& written, Number number) {
  std::array<char, 20> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  written.append(digits.data(), end);
}

void append(std::string& written, const json& value) {
  switch (value.type()) {
    case json::value_t::object: {
      char before = '{';
      for (const auto& [name, member] : value.get_ref<const json::object_t&>()) {
        written += std::exchange(before, ',');
        append_string(written, name);
        written += ':';
        append(written, member);
      }
      written += before == '{' ? "{}" : "}";
      return;
    }
    case json::value_t::array: {
      char before = '[';
      for (const auto& item : value.get_ref<const json::array_t&>()) {
        written += std::exchange(before, ',');
        append(written, item);
      }
      written += before == '[' ? "[]" : "]";
      return;
    }
    case json::value_t::string:
      return append_string(written, value.get_ref<const std::string&>());
    case json::value_t::number_integer:
      append_number(written, value.get<std::int64_t>());
      return;
    case json::value_t::number_unsigned:
      append_number(written, value.get<std::uint64_t>());
      return;
    default:
      written += by_the_library(value);
  }
}

}  // namespace

std::string json_string(std::string_view text) {
  std::string written;
  written.reserve(text.size() + 2);
  append_string(written, text);
  return written;
}

std::string json_text(const json& document) {
  std::string written;
  append(written, document);
  return written;
}

JsonObject& JsonObject::with(std::string_view name, std::string_view text) {
  append_string(value_of(name), text);
  return *this;
}

JsonObject& JsonObject::with(std::string_view name, std::int64_t number) {
  append_number(value_of(name), number);
  return *this;
}

JsonObject& JsonObject::with_document(std::string_view name, const json& document) {
  append(value_of(name), document);
  return *this;
}

std::string& JsonObject::value_of(std::string_view name) {
  const char begin[] = {std::exchange(before_, ','), '"'};
  return written_.append(begin, sizeof begin).append(name).append("\":", 2);
}

void JsonObject::end() { written_ += before_ == '{' ? "{}" : "}"; }

}  // namespace penstock::core
