// Text from outside, before it is shown: is it UTF-8, and how is it written when it is not, or not harmless?
#pragma once

#include <string>
#include <string_view>

namespace penstock::runtime {

// Well-formed UTF-8 (Unicode 15, table 3-7): no overlong forms, no surrogates, nothing above U+10FFFF.
bool is_utf8(std::string_view text);

// As it is when it is UTF-8 without control characters; otherwise every byte that is not printable ASCII becomes \xNN.
std::string printable(std::string_view text);

}  // namespace penstock::runtime
