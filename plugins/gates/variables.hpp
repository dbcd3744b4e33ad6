// `${candidate.version}` inside a gate's settings: values of the candidate, filled in when the gate is asked.
#pragma once

#include <string>

#include "plugins/sdk/gate.hpp"

namespace penstock::gates {

enum class Escape {
  none,
  url,   // percent-encoded as one path segment or query value (RFC 3986 §2.1)
  json,  // as the inside of a JSON string
};

// Replaces every `${candidate.id}`, `${candidate.<path>}`, `${lane.model}`, `${lane.environment}` and `${promotion}`.
// Problem "unknown-variable" names one that has no value, or an empty one; a `$` without `{` stays as it is. A value is
// never looked through for variables again.
core::Result<std::string> fill_in(const std::string& text, const sdk::GateRequest& request, Escape escape);

// For load time: every variable of the text is one that a candidate can have. Problem "unknown-variable".
core::Result<void> check_variables(const std::string& text);

// The text with `mark` in the place of every variable: where are they, whatever their values will be?
std::string outline(const std::string& text, char mark);

}  // namespace penstock::gates
