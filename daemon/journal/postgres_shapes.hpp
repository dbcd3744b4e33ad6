// The schema, shape by shape, and the way forward from an earlier one.
#pragma once

#include "daemon/journal/postgres_connection.hpp"
#include "daemon/journal/postgres_steps.hpp"

namespace penstock::journal {

// Creates the schema, or brings it forward, or refuses it: "journal-newer" when a newer Penstock wrote it,
// "journal-damaged" when it is not a Penstock journal, "journal-in-use" when daemons of an earlier Penstock are at work
// on it, "journal-failed" when the server is too old or does not sync to its disk. One daemon at a time does so. The
// epochs of silent daemons of an earlier Penstock end with the shape that they wrote in.
core::Result<void> prepare_postgres(PostgresConnection& connection);
// For what is to be filled with another journal: also refuses as must_be_unused() does, and leaves what it refuses in
// the shape that it has.
core::Result<void> prepare_unused_postgres(PostgresConnection& connection);

// "conflict" when daemons have worked on the schema, whose journal may have any shape.
core::Result<void> must_be_unused(PostgresConnection& connection);

}  // namespace penstock::journal
