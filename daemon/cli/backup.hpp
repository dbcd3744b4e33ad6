// The commands about backups.
#pragma once

#include "daemon/cli/print.hpp"

namespace penstock::cli {

// The daemon makes one, in its data folder.
Exit backup(Client& client, Output output);
// Without a daemon: makes its data folder again.
Exit restore(const std::string& backup, const std::string& data, Output output);

}  // namespace penstock::cli
