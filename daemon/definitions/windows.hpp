// Windows and the environment before, as policies write them.
#pragma once

#include "daemon/definitions/definitions.hpp"
#include "daemon/definitions/documents.hpp"

namespace penstock::definitions {

void check_windows(const PolicyText& policy, const std::string& file, const Options& options, Lints& lints);
std::vector<core::Window> make_windows(const std::vector<WindowText>& windows);

}  // namespace penstock::definitions
