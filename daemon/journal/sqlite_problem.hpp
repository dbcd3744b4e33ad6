// What SQLite's result codes mean to Penstock.
#pragma once

#include <string>

#include "daemon/core/result.hpp"

namespace penstock::journal {

// `code` is an extended result code (https://www.sqlite.org/rescode.html), `said` is what SQLite says about it, and of
// SQLITE_IOERR_DATA what take_damage() does.
core::Problem sqlite_problem(int code, const std::string& said, const std::string& path);

// A statement that failed with this takes only itself with it: its row broke a rule or is too large. After anything
// else the transaction as a whole cannot be trusted any more.
bool spares_transaction(int code);

// Nothing may be written after this until a restart: the file is damaged, or an fsync failed. A second fsync would
// succeed without having written what the first one lost (Rebello et al., "Can Applications Recover from fsync
// Failures?", 2020).
bool forbids_writing(int code, bool while_committing);

}  // namespace penstock::journal
