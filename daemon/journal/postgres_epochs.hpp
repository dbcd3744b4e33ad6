// How an epoch begins in the database, and how it ends: what was claimed under it is free then.
#pragma once

#include <optional>

#include "daemon/journal/postgres_connection.hpp"
#include "daemon/journal/postgres_silence.hpp"

namespace penstock::journal {

// What the sessions of that epoch's daemon are called in the server.
std::string session_of(const PostgresAddress& address, std::int64_t epoch);

// An epoch that no daemon has had before, also when the database went back behind some, or was made anew. Problem
// "journal-newer" when the journal has another shape by now than prepare_postgres() has left.
core::Result<std::int64_t> begin_epoch(PostgresConnection& connection, const std::string& name,
                                       std::chrono::milliseconds lease);

// Ends the server's sessions of that daemon, with the transactions that stand still in them. What the server says where
// it does not let this user end them, which is to be told and no reason to stop; empty otherwise.
core::Result<std::string> end_sessions(PostgresConnection& connection, std::int64_t epoch);

struct PostgresFreed {
  std::int64_t claims = 0;
  std::int64_t sources = 0;
};
// Declares the daemon of that sign dead, in the name of `by`. Nothing when it has shown another one since, or when
// something of it is still under way.
core::Result<std::optional<PostgresFreed>> end_epoch(PostgresConnection& connection, const PostgresSign& silent,
                                                     std::int64_t by);

// In good order, by its own daemon.
core::Result<void> leave_epoch(PostgresConnection& connection, std::int64_t epoch);

// All that are in force, inside the caller's transaction, which keeps daemons from beginning any; how many. On every
// shape that the journal has had.
core::Result<std::int64_t> end_every_epoch(PostgresConnection& connection);

}  // namespace penstock::journal
