// JSON text that another program wrote, read with care.
//
// The library's parser neither bounds the depth (whoever walks the document then overflows the stack) nor the number of
// values (a byte of text becomes 16 and more of memory), and of a name that stands twice it keeps the last: readers
// differ there (RFC 8259 §4), so that what was checked may not be what is used.
#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

#include "daemon/core/result.hpp"

namespace penstock::core {

struct JsonLimits {
  std::size_t depth = 64;          // lists and objects inside each other
  std::size_t values = 1'000'000;  // all of them, lists and objects too
};

// Exactly one JSON value in UTF-8. Problem "invalid-json", with such messages: "it is not JSON at byte 7", "it is
// nested more than 64 deep", "it has more than 1000000 values", "the name `a` stands twice in one object".
Result<nlohmann::json> read_json(std::string_view text, const JsonLimits& limits = {});

}  // namespace penstock::core
