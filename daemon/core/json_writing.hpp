// JSON as the library writes it: without spaces, members in order, and U+FFFD for what is not UTF-8 (RFC 8259). The
// library looks at each character of a text; promotions, findings and events are written with every step, and most of
// what is in them is plain ASCII.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace penstock::core {

// With its quotation marks.
std::string json_string(std::string_view text);
std::string json_text(const nlohmann::json& document);

}  // namespace penstock::core
