// How daemons hear of one another's events: one word for a whole transaction, and none where nobody else is.
#include <libpq-fe.h>
#include <poll.h>

#include "tests/journal/conformance.hpp"

using namespace penstock::journal;
using namespace penstock::journal::testing;

namespace {

// A plain client that listens where daemons do.
class Listener {
 public:
  explicit Listener(const Postgres& adapter) : connection_(PQconnectdb(adapter.server.connection().c_str())) {
    REQUIRE(PQstatus(connection_) == CONNECTION_OK);
    auto* result = PQexec(connection_, ("LISTEN penstock_" + adapter.schema).c_str());
    REQUIRE(PQresultStatus(result) == PGRES_COMMAND_OK);
    PQclear(result);
  }
  ~Listener() { PQfinish(connection_); }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  // What came until nothing has come for that long.
  int heard(std::chrono::milliseconds quiet) {
    int count = 0;
    pollfd watched{PQsocket(connection_), POLLIN, 0};
    while (::poll(&watched, 1, static_cast<int>(quiet.count())) > 0) {
      REQUIRE(PQconsumeInput(connection_) == 1);
      while (auto* notice = PQnotifies(connection_)) {
        ++count;
        PQfreemem(notice);
      }
    }
    return count;
  }

 private:
  PGconn* connection_;
};

}  // namespace

TEST_CASE("the others are told once of all the events of a transaction, and of nothing when there are none") {
  using std::chrono::milliseconds;
  Given<Postgres> given;
  Listener listener(given.adapter);
  std::uint64_t number = 0;
  const auto next = [&] {
    ++number;
    return opening("prm_" + std::to_string(number), number, 0, {"m" + std::to_string(number), "production"});
  };
  given.kept(next());
  CHECK(listener.heard(milliseconds(200)) == 0);
  Mailbox mailbox;
  const auto other = given.adapter.open(mailbox.post());
  // Each daemon sees at its next sign of life that it is no longer alone.
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  do {
    REQUIRE(std::chrono::steady_clock::now() < deadline);
    given.kept(next());
  } while (listener.heard(milliseconds(100)) == 0);
  std::vector<Write> many;
  for (int i = 0; i < 100; ++i) many.push_back(next());
  for (const auto& receipt : given.commit(std::move(many))) REQUIRE(receipt.has_value());
  CHECK(listener.heard(milliseconds(200)) == 1);
  Write silent;
  silent.cursors["git"] = "42";
  given.kept(silent);
  CHECK(listener.heard(milliseconds(200)) == 0);
}
