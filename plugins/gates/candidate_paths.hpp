// Which dotted paths into a candidate can ever hold a value, so that a misspelt one is refused when it is loaded.
#pragma once

#include <string>

#include "daemon/core/result.hpp"

namespace penstock::gates {

// The paths of core::field(): `version`, `git.commit`, `labels.<name>`. Problem "unknown-field" names the nearest one.
// `what` names the text in the message: "field", "variable".
core::Result<void> check_candidate_path(const std::string& path, const std::string& what);

}  // namespace penstock::gates
