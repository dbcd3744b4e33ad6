// One connection to the database: statements prepared once and sent in pipelines, every wait with a deadline. One
// thread at a time. PostgreSQL documentation: "Pipeline Mode", "Asynchronous Command Processing".
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "daemon/core/result.hpp"
#include "daemon/journal/postgres_address.hpp"
#include "daemon/journal/postgres_places.hpp"
#include "daemon/journal/postgres_problem.hpp"
#include "daemon/journal/postgres_result.hpp"

namespace penstock::journal {

class PostgresConnection {
 public:
  using Deadline = std::chrono::steady_clock::time_point;

  struct Session {
    std::string name = "penstock";                     // application_name
    std::chrono::milliseconds idle_in_transaction{0};  // the server ends a session that idles longer inside one
    std::chrono::milliseconds patience{30'000};        // for one round trip
    bool durable = true;                               // false: a commit need not be on the disk when it is answered
  };
  // Connects, and brings the session into the state that all of the journal's statements rely on.
  static core::Result<std::unique_ptr<PostgresConnection>> open(const PostgresAddress& address, const Session& session);
  ~PostgresConnection();
  PostgresConnection(const PostgresConnection&) = delete;
  PostgresConnection& operator=(const PostgresConnection&) = delete;

  // Sends all, then one Sync, and gives one result for each: after the first refused statement the others are not
  // carried out (see PostgresResult::code). Without BEGIN among them they are one transaction. A Problem means that the
  // connection is lost, and with it what was not committed.
  core::Result<std::vector<PostgresResult>> pipeline(const std::vector<PostgresStatement>& statements);
  // One statement; its refusal is a Problem too.
  core::Result<PostgresResult> run(PostgresStatement statement);
  // Several statements without arguments or rows, as one transaction.
  core::Result<void> script(const std::string& sql);

  // `read` makes something of each row.
  template <class Read>
  auto all(PostgresStatement statement, Read read)
      -> core::Result<std::vector<std::invoke_result_t<Read, PostgresRow>>> {
    const auto result = run(std::move(statement));
    if (!result) return result.error();
    std::vector<std::invoke_result_t<Read, PostgresRow>> rows;
    for (int row = 0; row < result->rows(); ++row) rows.push_back(read(PostgresRow(*result, row)));
    return rows;
  }
  // The first row, if there is one.
  template <class Read>
  auto first(PostgresStatement statement, Read read)
      -> core::Result<std::optional<std::invoke_result_t<Read, PostgresRow>>> {
    const auto result = run(std::move(statement));
    if (!result) return result.error();
    if (result->rows() == 0) return std::optional<std::invoke_result_t<Read, PostgresRow>>();
    return std::optional(read(PostgresRow(*result, 0)));
  }

  // Nothing more can be done with it.
  bool lost() const { return lost_; }
  int process() const { return PQbackendPID(handle_); }
  int socket() const { return PQsocket(handle_); }
  // The payloads of the NOTIFYs that have come; forgets them.
  std::vector<std::string> notes();
  const PostgresAddress& address() const { return address_; }
  core::Problem problem(const PostgresResult& result) const;

 private:
  PostgresConnection(PostgresAddress address, Session session)
      : address_(std::move(address)), session_(std::move(session)) {}
  // To the first place that takes it. Each of several has its own bounded time.
  core::Result<void> connect();
  // Why there is no connection; nothing when there is.
  std::optional<std::string> connect_to(const PostgresSettings& place, std::chrono::seconds patience);
  core::Result<void> begin_session();
  // Sends a Parse for what is not prepared yet; false when libpq refuses.
  bool send(const PostgresStatement& statement, std::vector<std::string>& preparing);
  // The next result, or nothing at the end of one statement's results.
  core::Result<PGresult*> next(Deadline deadline);
  core::Result<void> wait(bool writing, Deadline deadline);
  core::Problem lose(const std::string& why);
  std::string name_of(const std::string& sql) const;

  PostgresAddress address_;
  Session session_;
  PGconn* handle_ = nullptr;
  bool lost_ = false;
  std::unordered_set<std::string> prepared_;  // SQL
};

}  // namespace penstock::journal
