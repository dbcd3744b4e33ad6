// A real PostgreSQL for tests: started once in a program that needs it, in a temporary folder on a unix socket, and
// gone with the program.
#pragma once

#include <string>

namespace penstock::journal::testing {

class PostgresServer {
 public:
  // The program's server; started when it is first asked for.
  static PostgresServer& shared();
  // One of a test's own, that it may stop and start. `settings` are lines of postgresql.conf.
  explicit PostgresServer(const std::string& settings = "");
  ~PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  // A libpq connection string.
  std::string connection() const;
  // A schema that nobody has had yet.
  std::string fresh_schema();
  // To be called on the test's main thread: the server ends with the thread that started it.
  void start();
  // As a power cut would, but for what the kernel has.
  void stop_at_once();
  // Statements of a plain client, as the superuser; the first value that comes back.
  std::string sql(const std::string& statements);

 private:
  std::string folder_;
  int process_ = 0;
  int schemas_ = 0;
};

}  // namespace penstock::journal::testing
