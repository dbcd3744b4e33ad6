// The commands about backups.
#pragma once

#include <optional>

#include "daemon/cli/print.hpp"

namespace penstock::cli {

// The daemon makes one, in its data folder. Waits until it is whole, however large it is.
Exit backup(Client& client, Output output);
// Without a daemon: makes its data folder again. With a `postgres_file`, which holds a connection string, the journal
// goes into that database.
Exit restore(const std::string& backup, const std::string& data, const std::optional<std::string>& postgres_file,
             const std::string& schema, Output output);

}  // namespace penstock::cli
