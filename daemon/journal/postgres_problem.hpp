// From what the server or libpq said to a Problem.
#pragma once

#include <string>

#include "daemon/core/result.hpp"
#include "daemon/journal/postgres_address.hpp"

namespace penstock::journal {

// `code` is the SQLSTATE (PostgreSQL documentation, appendix A); "" when libpq itself has something to say.
core::Problem postgres_problem(const std::string& code, const std::string& said, const PostgresAddress& address);
// Two transactions were in each other's way: the same statements may do now.
bool is_worth_repeating(const std::string& code);
// The statement itself is refused; the rest of its transaction can go on from a savepoint.
bool is_of_statement(const std::string& code);
// What a connection has prepared cannot be carried out any more, as when the schema was made anew: only another
// connection can go on.
bool is_of_session(const std::string& code);
// The user lacks a right.
bool is_not_allowed(const std::string& code);

// The journal has a shape that this Penstock does not know.
core::Problem journal_is_newer(std::int64_t version, const PostgresAddress& address);
// The sessions of a daemon that is declared dead go on until the server ends them by itself.
core::Problem may_not_end_sessions(const std::string& said, const PostgresAddress& address);
// Another daemon has declared this one dead.
core::Problem epoch_ended(std::int64_t epoch, const PostgresAddress& address);
// The connection broke while a COMMIT was on its way, and the database cannot be asked what became of it.
core::Problem outcome_unknown(const PostgresAddress& address);

}  // namespace penstock::journal
