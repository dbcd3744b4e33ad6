#include "tests/journal/postgres_server.hpp"

#include <libpq-fe.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

namespace penstock::journal::testing {
namespace {

namespace fs = std::filesystem;

std::string programs() {
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen("pg_config --bindir 2>/dev/null", "r"), pclose);
  std::array<char, 500> line{};
  if (!pipe || std::fgets(line.data(), line.size(), pipe.get()) == nullptr)
    throw std::runtime_error("there is no pg_config: install postgresql-15 and libpq-dev (./setup.sh test)");
  std::string folder = line.data();
  folder.erase(folder.find_last_not_of('\n') + 1);
  if (fs::exists(folder + "/initdb")) return folder;
  for (const auto& version : fs::directory_iterator("/usr/lib/postgresql"))
    if (fs::exists(version.path() / "bin/initdb")) return version.path() / "bin";
  throw std::runtime_error("there is no initdb in " + folder + ": install postgresql-15 (./setup.sh test)");
}

// PostgreSQL refuses to run as root.
void become_somebody() {
  if (geteuid() != 0) return;
  const auto* user = getpwnam("postgres");
  if (user == nullptr || setgid(user->pw_gid) != 0 || setuid(user->pw_uid) != 0) _exit(126);
}

enum class As { somebody, oneself };

int start_program(const std::vector<std::string>& arguments, const std::string& log, As whom = As::somebody) {
  const int child = fork();
  if (child != 0) return child;
  if (whom == As::somebody) become_somebody();
  prctl(PR_SET_PDEATHSIG, SIGINT);
  if (std::freopen(log.c_str(), "a", stdout) == nullptr || dup2(1, 2) < 0) _exit(127);
  std::vector<char*> words;
  for (const auto& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));
  words.push_back(nullptr);
  execv(words.front(), words.data());
  _exit(127);
}

void run_program(const std::vector<std::string>& arguments, const std::string& folder, As whom = As::somebody) {
  const auto log = folder + "/made.log";
  const int child = start_program(arguments, log, whom);
  int status = 0;
  if (waitpid(child, &status, 0) != child || status != 0)
    throw std::runtime_error(arguments.front() + " failed: see " + log);
}

// A cluster nobody has worked on, in folder/data. It is made once in a build, and copied from then on: initdb takes
// several times as long as a copy.
void make_cluster(const std::string& folder) {
  const fs::path version = fs::path(programs()).parent_path().filename();
  const auto kept = fs::path(PENSTOCK_BINARY_DIR) / ("postgres-" + version.string());
  if (fs::exists(kept)) return run_program({"/bin/cp", "-a", kept, folder + "/data"}, folder, As::oneself);
  run_program({programs() + "/initdb", "-D", folder + "/data", "-A", "trust", "-U", "penstock", "-E", "UTF8",
               "--locale=C", "--wal-segsize=4", "--no-sync"},
              folder);
  const auto copy = kept.string() + "-" + std::to_string(getpid());
  run_program({"/bin/cp", "-a", folder + "/data", copy}, folder, As::oneself);
  std::error_code another_was_first;
  fs::rename(copy, kept, another_was_first);
  if (another_was_first) fs::remove_all(copy);
}

}  // namespace

PostgresServer& PostgresServer::shared() {
  static PostgresServer server;
  return server;
}

PostgresServer::PostgresServer(const std::string& settings) {
  auto name = (fs::temp_directory_path() / "penstock-postgres-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder: " + name);
  folder_ = name;
  if (geteuid() == 0)
    if (const auto* user = getpwnam("postgres");
        user == nullptr || chown(folder_.c_str(), user->pw_uid, user->pw_gid) != 0)
      throw std::runtime_error("there is no user postgres: install postgresql-15 (./setup.sh test)");
  make_cluster(folder_);
  std::ofstream(folder_ + "/data/postgresql.conf", std::ios::app)
      << "listen_addresses = ''\nunix_socket_directories = '" << folder_
      << "'\nmax_connections = 60\nshared_buffers = 32MB\n"
      << settings << "\n";
  start();
}

PostgresServer::~PostgresServer() {
  if (process_ != 0) {
    kill(process_, SIGINT);
    waitpid(process_, nullptr, 0);
  }
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

std::string PostgresServer::connection() const { return "host=" + folder_ + " dbname=postgres user=penstock"; }

std::string PostgresServer::fresh_schema() { return "s" + std::to_string(getpid()) + "_" + std::to_string(++schemas_); }

void PostgresServer::start() {
  for (int i = 0; i < 600; ++i) {
    // One that was stopped at once may still hold its memory when the next one begins, which then ends.
    if (process_ == 0 || waitpid(process_, nullptr, WNOHANG) == process_)
      process_ = start_program({programs() + "/postgres", "-D", folder_ + "/data"}, folder_ + "/server.log");
    if (PQping(connection().c_str()) == PQPING_OK) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  throw std::runtime_error("PostgreSQL did not start: " + folder_);
}

void PostgresServer::stop_at_once() {
  kill(process_, SIGQUIT);
  waitpid(process_, nullptr, 0);
  process_ = 0;
}

std::string PostgresServer::sql(const std::string& statements) {
  const std::unique_ptr<PGconn, void (*)(PGconn*)> client(PQconnectdb(connection().c_str()), PQfinish);
  const std::unique_ptr<PGresult, void (*)(PGresult*)> result(PQexec(client.get(), statements.c_str()), PQclear);
  const auto status = PQresultStatus(result.get());
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
    throw std::runtime_error(statements + ": " + PQerrorMessage(client.get()));
  return PQntuples(result.get()) > 0 ? PQgetvalue(result.get(), 0, 0) : "";
}

}  // namespace penstock::journal::testing
