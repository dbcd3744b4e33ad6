// The commands that work on files alone: lint, schema.
#pragma once

#include <string>
#include <vector>

#include "daemon/cli/promotions.hpp"

namespace penstock::cli {

// Each path is a folder of gate definitions, or a penstock.yaml (which names its own). Prints every problem with file,
// line and column; exit status 2 when one of them is an error.
Exit lint(const std::vector<std::string>& paths, Output output);

// The JSON Schemas (draft-07) of everything that users write. With `folder`, one file each; otherwise one document on
// stdout.
Exit schema(const std::string& folder, bool markdown);

}  // namespace penstock::cli
