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

// Replaces every `${candidate.<path>}`, `${lane.model}`, `${lane.environment}` and `${promotion}`. Problem
// "unknown-variable" names one that has no value; a `$` without `{` stays as it is.
core::Result<std::string> fill_in(const std::string& text, const sdk::GateRequest& request, Escape escape);

}  // namespace penstock::gates
