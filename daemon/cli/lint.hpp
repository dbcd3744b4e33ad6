// The commands that work on files alone: lint, schema.
#pragma once

#include <string>
#include <vector>

#include "daemon/cli/promotions.hpp"

namespace penstock::cli {

// Each path is a folder of gate definitions, or a penstock.yaml (which names its own). Prints every problem with file,
// line and column; exit status 2 when one of them is an error. With `against`, the URL of a daemon, also what it has
// loaded that is not the same: exit status 6 then. Only one path can be compared, and only when it is good.
Exit lint(const std::vector<std::string>& paths, const std::string& against, Output output);

// The JSON Schemas (draft-07) of everything that users write. With `folder`, one file each; otherwise one document on
// stdout.
Exit schema(const std::string& folder, bool markdown);

}  // namespace penstock::cli
