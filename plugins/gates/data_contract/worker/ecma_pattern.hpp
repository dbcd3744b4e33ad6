// ECMA-262 regular expressions, as contracts write them, in the syntax of the engine's RE2.
#pragma once

#include <string>

#include "daemon/core/result.hpp"

namespace penstock::gates::data_contract::worker {

// Same matches, for what RE2 can express: Problem "unsupported-pattern" for look-around, backreferences and escapes
// that RE2 lacks. That the result compiles is for the caller to try.
core::Result<std::string> translate_pattern(const std::string& pattern);

}  // namespace penstock::gates::data_contract::worker
