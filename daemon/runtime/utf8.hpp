// Text from outside, before it is shown: is it UTF-8, and how is it written when it is not, or not harmless?
#pragma once

#include <string>
#include <string_view>

namespace penstock::runtime {

// Well-formed UTF-8 (Unicode 15, table 3-7): no overlong forms, no surrogates, nothing above U+10FFFF.
bool is_utf8(std::string_view text);

// One character of a text, or one byte of it that belongs to none.
struct Character {
  std::string_view bytes;
  // It is shown as what it is. Not so: what is no UTF-8, control characters (Unicode's Cc: a terminal acts on them),
  // and those that turn the direction of what stands around them (Bidi_Control: what is read is not what is written).
  bool is_harmless = false;
};
// That with which a text begins that is not empty.
Character first_character(std::string_view text);

// As it is, but for characters that are not harmless: each byte of theirs becomes \xNN.
std::string printable(std::string_view text);

}  // namespace penstock::runtime
