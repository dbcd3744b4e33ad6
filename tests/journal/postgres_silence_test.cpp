// Who is declared dead: whoever was silent for a lease as somebody else saw it, whatever the database's clock does.
#include "daemon/journal/postgres_silence.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <thread>

#include "daemon/journal/postgres_epochs.hpp"
#include "tests/journal/conformance.hpp"
#include "tests/runtime/folder.hpp"

using namespace penstock::journal;
using namespace penstock::journal::testing;

namespace {

using std::chrono::milliseconds;
using Signs = std::vector<PostgresSign>;

// A machine that stands still for half a second now and then is to keep it.
constexpr milliseconds short_lease(3000);

PostgresOptions with_short_lease() {
  PostgresOptions options;
  options.lease = short_lease;
  return options;
}

PostgresSign sign(std::int64_t alive_until, bool past = true) { return {7, "other", alive_until, past}; }

// What is looked at in no time.
Signs among(PostgresSilence& silence, const Signs& shown, int at) {
  return silence.among(shown, milliseconds(at), milliseconds(at));
}

template <class Happens>
bool happens(Happens what) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(50);
  while (std::chrono::steady_clock::now() < deadline) {
    if (what()) return true;
    std::this_thread::sleep_for(milliseconds(20));
  }
  return false;
}

// What is written to stderr as long as it lives.
class Log {
 public:
  Log() {
    const int file = ::open((folder_ / "stderr").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    ::dup2(file, STDERR_FILENO);
    ::close(file);
  }
  ~Log() {
    ::dup2(before_, STDERR_FILENO);
    ::close(before_);
  }
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;
  std::vector<std::string> lines_of(const std::string& event) const {
    std::vector<std::string> lines;
    std::istringstream text(folder_.read("stderr"));
    for (std::string line; std::getline(text, line);)
      if (line.find("\"" + event + "\"") != std::string::npos) lines.push_back(line);
    return lines;
  }

 private:
  const TestFolder folder_;
  const int before_ = ::dup(STDERR_FILENO);
};

// A daemon of which there is nothing but what stands in the database.
struct Silent {
  Postgres& adapter;
  std::int64_t epoch = std::stoll(
      adapter.server.sql("INSERT INTO " + adapter.schema +
                         ".daemons (name, alive_until) VALUES ('other', clock_timestamp() - interval '1 hour') "
                         "RETURNING epoch"));
  std::string of(const std::string& what) const {
    return adapter.server.sql("SELECT " + what + " FROM " + adapter.schema +
                              ".daemons WHERE epoch = " + std::to_string(epoch));
  }
  bool has_ended() const { return of("ended_at IS NOT NULL") == "t"; }
  PostgresSign sign() const {
    return {epoch, "other", std::stoll(of("(extract(epoch FROM alive_until) * 1000000)::bigint")), true};
  }
};

PostgresAddress address_of(const Postgres& adapter, const std::string& connection) {
  return PostgresAddress::parse(connection, adapter.schema).value();
}

}  // namespace

TEST_CASE("silent is who is past its time and has shown nothing new for a whole lease") {
  PostgresSilence silence(milliseconds(3000));
  CHECK(among(silence, {sign(1)}, 10'000).empty());
  CHECK(among(silence, {sign(1)}, 12'999).empty());
  CHECK(among(silence, {sign(1)}, 13'000) == Signs{sign(1)});
  CHECK(among(silence, {sign(1, false)}, 14'000).empty());
  CHECK(among(silence, {sign(2)}, 15'000).empty());
  CHECK(among(silence, {sign(2)}, 17'999).empty());
  CHECK(among(silence, {sign(2)}, 18'000) == Signs{sign(2)});
}

TEST_CASE("what counts is the time between an answer and a later question") {
  PostgresSilence silence(milliseconds(3000));
  CHECK(silence.among({sign(1)}, milliseconds(0), milliseconds(1000)).empty());
  CHECK(silence.among({sign(1)}, milliseconds(3500), milliseconds(4500)).empty());
  CHECK(silence.among({sign(1)}, milliseconds(4000), milliseconds(5000)).size() == 1);
}

TEST_CASE("whoever could not look for a while, or saw somebody go, counts anew") {
  PostgresSilence silence(milliseconds(3000));
  CHECK(among(silence, {sign(1)}, 0).empty());
  silence.forget();
  CHECK(among(silence, {sign(1)}, 3000).empty());
  CHECK(among(silence, {}, 4000).empty());
  CHECK(among(silence, {sign(1)}, 6000).empty());
  CHECK(among(silence, {sign(1)}, 9000).size() == 1);
}

TEST_CASE("no daemon that shows itself is declared dead because the database's clock was set forward") {
  Postgres adapter;
  Mailbox mailbox;
  const auto one = adapter.open(mailbox.post(), with_short_lease());
  const auto two = adapter.open(mailbox.post(), with_short_lease());
  // All are past their time whenever somebody looks.
  const auto until = std::chrono::steady_clock::now() + 4 * short_lease;
  while (std::chrono::steady_clock::now() < until)
    adapter.server.sql("UPDATE " + adapter.schema + ".daemons SET alive_until = alive_until - interval '1 hour'");
  CHECK(adapter.server.sql("SELECT count(*) FROM " + adapter.schema + ".daemons WHERE ended_at IS NULL") == "2");
}

TEST_CASE("a daemon that is past its time is declared dead when it was seen to be silent for a lease, and soon then") {
  Postgres adapter;
  Mailbox mailbox;
  const auto journal = adapter.open(mailbox.post(), with_short_lease());
  const Silent silent{adapter};
  REQUIRE(happens([&] { return silent.has_ended(); }));
  CHECK(silent.of("ended_by") == std::to_string(journal->shared()->epoch()));
  CHECK(std::stod(silent.of("extract(epoch FROM ended_at - joined_at)")) >= 3);
}

TEST_CASE("only the sign that was judged ends an epoch, and only while nothing of it is under way") {
  Postgres adapter;
  Mailbox mailbox;
  auto options = with_short_lease();
  options.lease = std::chrono::minutes(1);
  const auto journal = adapter.open(mailbox.post(), options);
  REQUIRE(testing::commit(*journal, mailbox, putting({due_row("a", at(1)), due_row("b", at(1))})).has_value());
  const Silent silent{adapter};
  const auto owner = std::to_string(silent.epoch);
  adapter.server.sql("UPDATE " + adapter.schema + ".outbox SET leased_until = due + 1, owner = " + owner +
                     "; INSERT INTO " + adapter.schema + ".sources (name, owner) VALUES ('git', " + owner + ")");
  const auto address = address_of(adapter, adapter.server.connection());
  const auto judge = PostgresConnection::open(address, {}).value();
  const auto by = journal->shared()->epoch();

  auto earlier = silent.sign();
  --earlier.alive_until;
  CHECK_FALSE(end_epoch(*judge, earlier, by)->has_value());

  const auto busy = PostgresConnection::open(address, {}).value();
  REQUIRE(busy->script("BEGIN"));
  REQUIRE(busy->run(statement("SELECT 1 FROM daemons WHERE epoch = $1 FOR KEY SHARE", silent.epoch)));
  CHECK_FALSE(end_epoch(*judge, silent.sign(), by)->has_value());
  REQUIRE(busy->script("COMMIT"));
  CHECK_FALSE(silent.has_ended());

  const auto freed = end_epoch(*judge, silent.sign(), by).value();
  REQUIRE(freed.has_value());
  CHECK(freed->claims == 2);
  CHECK(freed->sources == 1);
  CHECK(silent.has_ended());
  CHECK(journal->claim(at(100), at(1000), 5)->size() == 2);
  CHECK_FALSE(end_epoch(*judge, silent.sign(), by)->has_value());
}

TEST_CASE("a daemon is declared dead also where the database does not let the other one end its sessions") {
  Postgres adapter;
  const auto ada = adapter.schema + "_ada", bea = adapter.schema + "_bea", both = adapter.schema + "_both";
  adapter.server.sql("CREATE ROLE " + both + "; GRANT CREATE ON DATABASE postgres TO " + both);
  for (const auto& login : {ada, bea})
    adapter.server.sql("CREATE ROLE " + login + " LOGIN IN ROLE " + both + "; ALTER ROLE " + login +
                       " SET role = " + both);
  const auto as = [&](const std::string& login) {
    auto connection = adapter.server.connection();
    return connection.replace(connection.find("user=penstock"), std::string::npos, "user=" + login);
  };
  const Log log;
  Mailbox mailbox;
  auto options = with_short_lease();
  options.connection = as(ada);
  options.schema = adapter.schema;
  const auto journal = open_postgres(options, mailbox.post()).value();
  const Silent silent{adapter};
  PostgresConnection::Session session;
  session.name = session_of(address_of(adapter, as(bea)), silent.epoch);
  // For some tries.
  session.idle_in_transaction = 4 * short_lease;
  const auto frozen = PostgresConnection::open(address_of(adapter, as(bea)), session).value();
  REQUIRE(frozen->script("BEGIN"));
  REQUIRE(frozen->run(statement("SELECT 1 FROM daemons WHERE epoch = $1 FOR KEY SHARE", silent.epoch)));

  REQUIRE(happens([&] { return silent.has_ended(); }));
  CHECK_FALSE(frozen->script("COMMIT").has_value());
  const auto told = log.lines_of("journal.sessions_not_ended");
  REQUIRE(told.size() == 1);
  CHECK_THAT(told.front(), Catch::Contains("pg_signal_backend") && Catch::Contains("42501") &&
                               Catch::Contains("\"epoch\":\"" + std::to_string(silent.epoch) + "\""));
  CHECK(log.lines_of("journal.declared_dead").size() == 1);
}

TEST_CASE("the server keeps the whole of a session's name, but for digits of an epoch that do not matter") {
  Postgres adapter;
  const auto address = address_of(adapter, adapter.server.connection());
  const auto name = session_of(address, 1'795'273'605'205'000'123);
  CHECK(name == "penstock/" + adapter.schema + "/1795273605205000123");
  const auto longest = PostgresAddress::parse(adapter.server.connection(), std::string(40, 's')).value();
  const auto of = [&](std::int64_t milliseconds) { return session_of(longest, milliseconds * 1'000'000 + 123'456); };
  PostgresConnection::Session session;
  session.name = of(1'795'273'605'205);
  const auto connection = PostgresConnection::open(address, session).value();
  const auto kept = connection->first(statement("SELECT current_setting('application_name')"),
                                      [](const PostgresRow& row) { return row.text(0); });
  CHECK(**kept == session.name);
  CHECK(of(1'795'273'605'206) != session.name);
}
