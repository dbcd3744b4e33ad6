// The schema, shape by shape, and the way forward from an earlier one.
#pragma once

#include "daemon/journal/postgres_connection.hpp"
#include "daemon/journal/postgres_steps.hpp"

namespace penstock::journal {

// Creates the schema, or brings it forward, or refuses it: "journal-newer" when a newer Penstock wrote it,
// "journal-damaged" when it is not a Penstock journal, "journal-in-use" when daemons of an earlier Penstock are at work
// on it, "journal-failed" when the server is too old or does not sync to its disk. One daemon at a time does so.
core::Result<void> prepare_postgres(PostgresConnection& connection);

}  // namespace penstock::journal
