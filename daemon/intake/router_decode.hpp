// Reading a request's target: percent-encoding, query, and what decoded text may hold.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/core/result.hpp"

namespace penstock::intake {

// Decodes %XX; nothing when an escape is malformed, or when what comes out is no UTF-8 or holds a control character:
// no name in Penstock has one, and a NUL or a line break would mean something else to whoever reads it next.
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space = false);

// RFC 3629: shortest form, no surrogates, at most U+10FFFF.
bool is_utf8(std::string_view text);

// The segments of a path that begins with `/`: split first, decoded afterwards, so that %2F stays inside its segment.
// Problem "invalid-request" for malformed escapes and for dot segments, which some readers would resolve.
core::Result<std::vector<std::string>> split_path(std::string_view path);

// "a=1&b=x+y" (WHATWG URL, form-urlencoded). Problem "invalid-request" for malformed escapes and for a key given twice.
core::Result<std::map<std::string, std::string>> split_query(std::string_view query);

}  // namespace penstock::intake
