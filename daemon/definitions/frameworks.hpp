// Checks frameworks across files. Internal to loading.
#pragma once

#include "daemon/definitions/parsed.hpp"

namespace penstock::definitions {

// Tells what is wrong with each, and with all together: names given twice, kinds of gates that nobody knows.
void check_frameworks(const std::vector<Parsed<FrameworkText>>& frameworks, const Options& options, Lints& lints);
// Those without faults, by name and version. `files` has the text of each.
std::vector<Framework> make_frameworks(const std::vector<Parsed<FrameworkText>>& frameworks,
                                       const std::vector<File>& files, const Options& options);

}  // namespace penstock::definitions
