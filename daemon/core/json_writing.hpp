// JSON as the library writes it: without spaces, members in order, and U+FFFD for what is not UTF-8 (RFC 8259). The
// library looks at each character of a text; promotions, findings and events are written with every step, and most of
// what is in them is plain ASCII.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace penstock::core {

// With its quotation marks.
std::string json_string(std::string_view text);
std::string json_text(const nlohmann::json& document);

// An object that is put together from its members, without a document in between. The names of members are plain: none
// of them needs an escape.
class JsonObject {
 public:
  // Appends to `written`, which outlives it.
  explicit JsonObject(std::string& written) : written_(written) {}

  JsonObject& with(std::string_view name, std::string_view text);
  JsonObject& with(std::string_view name, std::int64_t number);
  JsonObject& with_document(std::string_view name, const nlohmann::json& document);
  // Where the member's value is to be appended, as JSON, before anything else is.
  std::string& value_of(std::string_view name);
  void end();

 private:
  std::string& written_;
  char before_ = '{';
};

}  // namespace penstock::core
