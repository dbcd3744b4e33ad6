// The PostgreSQL adapter: one journal for several daemons.
#pragma once

#include <chrono>

#include "daemon/journal/journal.hpp"
#include "daemon/journal/shared.hpp"

namespace penstock::journal {

struct PostgresOptions {
  // A libpq connection string or URI, with the password if there is one: never shown.
  std::string connection;
  // Created in the database when it is not there; all of the journal is in it.
  std::string schema = "penstock";
  // For people: which daemon this is.
  std::string name = "penstockd";
  // How long a daemon may be silent before the others declare it dead.
  std::chrono::milliseconds lease{3000};
  // This daemon's epoch has ended, or the database has lost what it acknowledged to it: it drops everything it has in
  // memory, which is to say that it ends. Called once, from a thread of the journal's.
  std::function<void(const core::Problem&)> fenced;
};

// Problems: "bad-connection", "journal-newer" when a newer Penstock wrote the schema, "journal-damaged" when it is not
// a Penstock journal, "journal-in-use" when daemons of an earlier Penstock are at work on it, "journal-failed".
//
// Several of these may be open on one schema; each has an epoch (Journal::shared). After the epoch has ended every
// Write is refused as "journal-fenced".
core::Result<std::unique_ptr<Journal>> open_postgres(PostgresOptions options, Post post);

// Makes the journal of the schema out of a file that open_sqlite() opens, as a whole or not at all, and keeps
// `documents`, each as `read` gives it, beside it. Problems of open_postgres() and of `read`; "conflict" when daemons
// have worked on the schema before. Blocks.
using ReadDocument = std::function<core::Result<std::string>(const core::Digest&)>;
core::Result<void> fill_postgres(const PostgresOptions& options, const std::string& file,
                                 const std::vector<core::Digest>& documents, const ReadDocument& read);

// Whether it can be a connection at all; the passwords in it, for the log's scrubber. Problem "bad-connection".
core::Result<std::vector<std::string>> secrets_of_connection(const std::string& connection, const std::string& schema);

}  // namespace penstock::journal
