// Where a smoke test sends its requests. Parts of the address may be values of the candidate, and whoever makes the
// candidate chooses those: they name one segment or one query value each, and never another host or another place.
#pragma once

#include <string>

#include "daemon/core/result.hpp"
#include "plugins/sdk/gate.hpp"

namespace penstock::gates {

// For load time. A target is http(s)://host[:port][/path], without query, fragment and credentials, and ends its host
// with text that no variable can change. A path is empty or begins with a slash. Neither holds the segments `.` and
// `..`, nor spaces. Problem "invalid-document", or "unknown-variable".
core::Result<void> check_target(const std::string& target);
core::Result<void> check_path(const std::string& path);

// With the candidate's values, percent-encoded. Problems: "unknown-variable"; "unsafe-variable" for values that would
// make a dot segment (RFC 3986 §5.2.4: the receiver takes it for another place) or no host name.
core::Result<std::string> fill_target(const std::string& target, const sdk::GateRequest& request);
core::Result<std::string> fill_path(const std::string& path, const sdk::GateRequest& request);

// One slash between the two; an empty path leaves the base as it is.
std::string join_url(std::string base, const std::string& path);

}  // namespace penstock::gates
