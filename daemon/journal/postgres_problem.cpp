#include "daemon/journal/postgres_problem.hpp"

#include "daemon/journal/postgres_steps.hpp"

namespace penstock::journal {
namespace {

// It is told to people who run a daemon, and to those who start one or restore into a database.
constexpr const char* then = "a daemon that runs goes on by itself then; start again what has ended";

bool is_class(const std::string& code, const char* first_two) { return code.starts_with(first_two); }

// " (PostgreSQL says: …, SQLSTATE …)"
std::string told(const std::string& code, const std::string& said, const PostgresAddress& address) {
  auto observed = address.scrubbed(said.substr(0, 500));
  while (!observed.empty() && (observed.back() == '\n' || observed.back() == ' ')) observed.pop_back();
  return " (PostgreSQL says: " + observed + (code.empty() ? "" : ", SQLSTATE " + code) + ")";
}

}  // namespace

core::Problem postgres_problem(const std::string& code, const std::string& said, const PostgresAddress& address) {
  const auto observed = told(code, said, address);
  const auto where = address.told();
  if (code == "53100")
    return {"journal-full", "there is no room left for the journal" + observed + "; nothing of this was kept", where,
            std::string("free space on the database's disk; ") + then, true};
  if (is_class(code, "28"))
    return {"journal-failed", "the database refuses the login" + observed, where,
            "check user and password of the journal's connection, and the server's pg_hba.conf", false};
  if (code == "3D000" || is_not_allowed(code) || code == "3F000")
    return {"journal-failed", "the database does not let Penstock keep its journal" + observed, where,
            "create the database, and let the user create a schema in it", false};
  if (is_class(code, "XX"))
    return {"journal-damaged", "the database found itself damaged" + observed, where,
            "look into the server's log, and restore the newest backup", false};
  if (code.empty() || is_class(code, "08") || is_class(code, "57") || is_class(code, "53") || code == "25006" ||
      code == "25P03")
    return {"journal-failed", "the database is away" + observed + "; nothing of this was kept", where,
            std::string("see that the server runs, accepts writes and can be reached; ") + then, true};
  if (is_worth_repeating(code))
    return {"journal-failed", "other transactions were in the way" + observed + "; nothing of this was kept", where,
            "try again", true};
  if (is_of_session(code))
    return {"journal-failed",
            "the schema was made anew under this connection" + observed + "; nothing of this was kept", where,
            "a daemon goes on by itself on a new connection, or ends when the database knows nothing of it", true};
  return {"journal-failed", "the journal refused a statement" + observed + "; nothing of this was kept", where,
          "report this as a bug of Penstock", false};
}

bool is_worth_repeating(const std::string& code) {
  // Serialization failure, deadlock, lock not available, lock timeout's statement.
  return is_class(code, "40") || code == "55P03";
}

bool is_of_statement(const std::string& code) { return is_class(code, "22") || is_class(code, "23"); }

bool is_of_session(const std::string& code) {
  // Cached plan must not change result type (feature not supported, which no statement of the journal's asks for),
  // prepared statement does not exist.
  return code == "0A000" || code == "26000";
}

bool is_not_allowed(const std::string& code) { return code == "42501"; }

core::Problem journal_is_newer(std::int64_t version, const PostgresAddress& address) {
  return {"journal-newer",
          "the journal has schema version " + std::to_string(version) + ", this Penstock knows versions up to " +
              std::to_string(postgres_schema_version),
          address.told(), "start the newer Penstock that wrote it, or restore the backup from before the upgrade",
          false};
}

core::Problem may_not_end_sessions(const std::string& said, const PostgresAddress& address) {
  return {"journal-failed",
          "the database does not let this daemon end the sessions of another one, which was silent for its lease" +
              told("42501", said, address) + "; what it has locked is free when the server ends them by itself",
          address.told(), "give this daemon's user the role pg_signal_backend, or all daemons one user", true};
}

core::Problem epoch_ended(std::int64_t epoch, const PostgresAddress& address) {
  return {"journal-fenced",
          "another daemon has declared this one dead: its epoch " + std::to_string(epoch) +
              " has ended; nothing of this was kept",
          address.told(), "this daemon ends by itself; started again, it joins under a new epoch", false};
}

core::Problem outcome_unknown(const PostgresAddress& address) {
  return {"journal-fenced",
          "the connection broke while a transaction was being committed, and the database cannot say what became of it",
          address.told(), "this daemon ends by itself; started again, it goes on from what the database holds", false};
}

}  // namespace penstock::journal
