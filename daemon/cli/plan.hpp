// `penstock plan`: what a version would have to pass to get into a lane, before anything is done.
#pragma once

#include "daemon/cli/lanes.hpp"

namespace penstock::cli {

Exit plan(Client& client, const LaneName& lane, const std::string& version, Output output);

}  // namespace penstock::cli
