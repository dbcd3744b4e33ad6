#include "daemon/journal/postgres_connection.hpp"

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <functional>

namespace penstock::journal {
namespace {

constexpr std::chrono::seconds connect_patience(10);
// Who has another place to go does not wait long at one that is silent: for less than a lease, so that nobody is
// declared dead for having asked there first.
constexpr std::chrono::seconds connect_patience_each(2);

// A peer that is gone without a word is noticed within about ten seconds.
const std::vector<std::pair<std::string, std::string>> unless_given{{"keepalives_idle", "5"},
                                                                    {"keepalives_interval", "2"},
                                                                    {"keepalives_count", "3"},
                                                                    {"tcp_user_timeout", "10000"},
                                                                    {"target_session_attrs", "read-write"}};

int milliseconds_until(PostgresConnection::Deadline deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, 3'600'000));
}

}  // namespace

core::Result<std::unique_ptr<PostgresConnection>> PostgresConnection::open(const PostgresAddress& address,
                                                                           const Session& session) {
  std::unique_ptr<PostgresConnection> connection(new PostgresConnection(address, session));
  if (const auto connected = connection->connect(); !connected) return connected.error();
  if (const auto begun = connection->begin_session(); !begun) return begun.error();
  return connection;
}

PostgresConnection::~PostgresConnection() { PQfinish(handle_); }

core::Result<void> PostgresConnection::connect() {
  auto settings = address_.options();
  for (const auto& option : unless_given) {
    const auto is_it = [&](const auto& given) { return given.first == option.first; };
    if (std::none_of(settings.begin(), settings.end(), is_it)) settings.push_back(option);
  }
  settings.emplace_back("application_name", session_.name);
  settings.emplace_back("client_encoding", "UTF8");
  const auto places = places_of(settings);
  const auto patience = places.size() == 1 ? connect_patience : connect_patience_each;
  std::string refusals;
  for (const auto& place : places) {
    const auto refused = connect_to(place, patience);
    if (!refused) return {};
    refusals += (refusals.empty() ? "" : "; ") + refused->substr(0, refused->find_last_not_of('\n') + 1);
  }
  return lose(refusals);
}

std::optional<std::string> PostgresConnection::connect_to(const PostgresSettings& place,
                                                          std::chrono::seconds patience) {
  std::vector<const char*> keys;
  std::vector<const char*> values;
  for (const auto& [key, value] : place) {
    keys.push_back(key.c_str());
    values.push_back(value.c_str());
  }
  keys.push_back(nullptr);
  values.push_back(nullptr);
  PQfinish(handle_);
  handle_ = PQconnectStartParams(keys.data(), values.data(), 0);
  if (handle_ == nullptr) return "out of memory";
  const auto deadline = std::chrono::steady_clock::now() + patience;
  for (auto wanted = PGRES_POLLING_WRITING; wanted != PGRES_POLLING_OK; wanted = PQconnectPoll(handle_)) {
    if (wanted == PGRES_POLLING_FAILED || PQstatus(handle_) == CONNECTION_BAD) return PQerrorMessage(handle_);
    pollfd watched{PQsocket(handle_), static_cast<short>(wanted == PGRES_POLLING_WRITING ? POLLOUT : POLLIN), 0};
    const int ready = ::poll(&watched, 1, milliseconds_until(deadline));
    if (ready == 0)
      return std::string("no connection to ") + PQhost(handle_) + ", port " + PQport(handle_) + ", within " +
             std::to_string(patience.count()) + " s";
    if (ready < 0 && errno != EINTR) return std::strerror(errno);
  }
  // Notices go nowhere: what matters comes as a result.
  PQsetNoticeProcessor(
      handle_, [](void*, const char*) {}, nullptr);
  if (PQsetnonblocking(handle_, 1) != 0) return PQerrorMessage(handle_);
  return std::nullopt;
}

core::Result<void> PostgresConnection::begin_session() {
  const auto& patience = session_.patience;
  auto sql = "SET search_path TO " + address_.schema() +
             ", pg_temp; SET default_transaction_isolation TO 'read committed'; "
             "SET lock_timeout TO " +
             std::to_string(patience.count() / 3) + "; SET statement_timeout TO " + std::to_string(patience.count()) +
             "; SET idle_in_transaction_session_timeout TO " + std::to_string(session_.idle_in_transaction.count()) +
             ";";
  // Each statement is planned once: left to itself, the server plans those with arrays each time, which takes longer
  // than to carry them out. Each has an index that was made for it; a plan of when a table was empty would otherwise
  // read the whole of what has come since. No statement runs for long enough to be compiled.
  sql += "SET plan_cache_mode TO force_generic_plan; SET enable_seqscan TO off; SET jit TO off;";
  // Half the server's work for a long document, where the server was built with it.
  sql +=
      "SELECT set_config('default_toast_compression', 'lz4', false) FROM pg_settings WHERE name = "
      "'default_toast_compression' AND 'lz4' = ANY (enumvals);";
  // What the server does beyond its own disk (synchronous standbys) stays as its operator has set it.
  sql += session_.durable ? "SELECT set_config('synchronous_commit', 'on', false) WHERE "
                            "current_setting('synchronous_commit') IN ('off', 'local')"
                          : "SET synchronous_commit TO off";
  return script(sql);
}

core::Problem PostgresConnection::lose(const std::string& why) {
  lost_ = true;
  return postgres_problem("", why.empty() ? "the connection is gone" : why, address_);
}

core::Problem PostgresConnection::problem(const PostgresResult& result) const {
  return postgres_problem(result.code(), result.said(), address_);
}

core::Result<void> PostgresConnection::wait(bool writing, Deadline deadline) {
  pollfd watched{PQsocket(handle_), static_cast<short>(POLLIN | (writing ? POLLOUT : 0)), 0};
  const int ready = ::poll(&watched, 1, milliseconds_until(deadline));
  if (ready == 0) return lose("no answer within " + std::to_string(session_.patience.count()) + " ms");
  if (ready < 0 && errno != EINTR) return lose(std::strerror(errno));
  // Also while sending: a server whose answers nobody reads stops reading.
  if (ready > 0 && (watched.revents & ~POLLOUT) != 0 && PQconsumeInput(handle_) == 0)
    return lose(PQerrorMessage(handle_));
  return {};
}

core::Result<PGresult*> PostgresConnection::next(Deadline deadline) {
  for (;;) {
    const int unsent = PQflush(handle_);
    if (unsent < 0) return lose(PQerrorMessage(handle_));
    if (PQisBusy(handle_) == 0) break;
    if (const auto waited = wait(unsent > 0, deadline); !waited) return waited.error();
  }
  auto* result = PQgetResult(handle_);
  if (PQstatus(handle_) == CONNECTION_BAD) {
    PQclear(result);
    return lose(PQerrorMessage(handle_));
  }
  return result;
}

std::string PostgresConnection::name_of(const std::string& sql) const {
  // A name is a session's own; two texts of one hash would be caught by the server, which refuses the second name.
  return "p" + std::to_string(std::hash<std::string>()(sql));
}

bool PostgresConnection::send(const PostgresStatement& statement, std::vector<std::string>& preparing) {
  const auto name = name_of(statement.sql);
  const bool is_new = !prepared_.contains(statement.sql) &&
                      std::find(preparing.begin(), preparing.end(), statement.sql) == preparing.end();
  if (is_new) {
    if (PQsendPrepare(handle_, name.c_str(), statement.sql.c_str(), 0, nullptr) == 0) return false;
    preparing.push_back(statement.sql);
  }
  std::vector<const char*> values;
  std::vector<int> lengths;
  std::vector<int> formats;
  for (const auto& value : statement.values) {
    values.push_back(value.bytes ? value.bytes->c_str() : nullptr);
    lengths.push_back(value.bytes ? static_cast<int>(value.bytes->size()) : 0);
    formats.push_back(value.binary ? 1 : 0);
  }
  return PQsendQueryPrepared(handle_, name.c_str(), static_cast<int>(values.size()), values.data(), lengths.data(),
                             formats.data(), 1) != 0;
}

core::Result<std::vector<PostgresResult>> PostgresConnection::pipeline(
    const std::vector<PostgresStatement>& statements) {
  if (lost_) return lose("");
  const auto deadline = std::chrono::steady_clock::now() + session_.patience;
  if (PQenterPipelineMode(handle_) == 0) return lose(PQerrorMessage(handle_));
  std::vector<std::string> preparing;  // in the order of their Parse messages
  std::vector<bool> parsed;            // whether a statement's results begin with that of its Parse
  for (const auto& statement : statements) {
    const auto before = preparing.size();
    if (!send(statement, preparing)) return lose(PQerrorMessage(handle_));
    parsed.push_back(preparing.size() != before);
  }
  if (PQpipelineSync(handle_) == 0) return lose(PQerrorMessage(handle_));

  std::vector<PostgresResult> results;
  std::size_t prepared = 0;
  for (std::size_t i = 0; i < statements.size(); ++i) {
    std::optional<PostgresResult> refused;
    for (int part = parsed[i] ? 0 : 1; part < 2; ++part) {
      auto got = next(deadline);
      if (!got) return got.error();
      PostgresResult result(*got);
      auto end = next(deadline);
      if (!end) return end.error();
      if (*end != nullptr || *got == nullptr) {
        PQclear(*end);
        return lose("results came out of step");
      }
      if (part == 0) {
        if (result.good()) prepared_.insert(preparing[prepared]);
        ++prepared;
        if (!result.good() && !result.code().empty()) refused.emplace(std::move(result));
      } else {
        results.push_back(refused ? std::move(*refused) : std::move(result));
      }
    }
  }
  auto sync = next(deadline);
  if (!sync) return sync.error();
  const PostgresResult synced(*sync);
  if (PQresultStatus(*sync) != PGRES_PIPELINE_SYNC || PQexitPipelineMode(handle_) == 0)
    return lose("the pipeline did not end");
  for (const auto& result : results) {
    if (!is_of_session(result.code())) continue;
    lost_ = true;
    return problem(result);
  }
  return results;
}

core::Result<PostgresResult> PostgresConnection::run(PostgresStatement statement) {
  std::vector<PostgresStatement> one;
  one.push_back(std::move(statement));
  auto results = pipeline(one);
  if (!results) return results.error();
  if (!results->front().good()) return problem(results->front());
  return std::move(results->front());
}

core::Result<void> PostgresConnection::script(const std::string& sql) {
  if (lost_) return lose("");
  if (PQsendQuery(handle_, sql.c_str()) == 0) return lose(PQerrorMessage(handle_));
  const auto deadline = std::chrono::steady_clock::now() + session_.patience;
  std::optional<core::Problem> refused;
  for (;;) {
    auto got = next(deadline);
    if (!got) return got.error();
    if (*got == nullptr) break;
    const PostgresResult result(*got);
    if (!result.good() && !refused) refused = problem(result);
  }
  if (refused) return *refused;
  return {};
}

std::vector<std::string> PostgresConnection::notes() {
  if (PQconsumeInput(handle_) == 0) lost_ = true;
  std::vector<std::string> payloads;
  for (auto* note = PQnotifies(handle_); note != nullptr; note = PQnotifies(handle_)) {
    payloads.emplace_back(note->extra);
    PQfreemem(note);
  }
  return payloads;
}

}  // namespace penstock::journal
