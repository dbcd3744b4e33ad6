#include "daemon/core/json_writing.hpp"

#include <nlohmann/json.hpp>

namespace penstock::core {
namespace {

using nlohmann::json;

std::string by_the_library(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

void append_string(std::string& written, std::string_view text) {
  const auto before = written.size();
  written += '"';
  std::size_t since = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    // Control characters have escapes of their own, and beyond ASCII it must be looked at whether it is UTF-8.
    if (c < ' ' || c > '~') {
      written.resize(before);
      written += by_the_library(text);
      return;
    }
    if (c != '"' && c != '\\') continue;
    written.append(text, since, i - since) += '\\';
    since = i;
  }
  written.append(text, since) += '"';
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
      written += std::to_string(value.get<std::int64_t>());
      return;
    case json::value_t::number_unsigned:
      written += std::to_string(value.get<std::uint64_t>());
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

}  // namespace penstock::core
