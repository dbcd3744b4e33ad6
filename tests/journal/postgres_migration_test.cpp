// A journal of an earlier shape: its silent daemons do not outlive it, and what is not to be changed stays as it is.
#include <fstream>
#include <sstream>

#include "daemon/journal/postgres_epochs.hpp"
#include "daemon/journal/postgres_shapes.hpp"
#include "tests/journal/conformance.hpp"

using namespace penstock::journal;
using namespace penstock::journal::testing;
namespace core = penstock::core;

namespace {

// As the Penstock that wrote version 1 left it.
struct Stored {
  PostgresServer server;
  Mailbox mailbox;
  Stored() {
    std::ifstream file(PENSTOCK_SOURCE_DIR "/tests/journal/shapes/postgres-1.sql");
    server.sql((std::ostringstream() << file.rdbuf()).str());
  }
  PostgresOptions options() const {
    PostgresOptions options;
    options.connection = server.connection();
    return options;
  }
  PostgresAddress address() const { return PostgresAddress::parse(server.connection(), "penstock").value(); }
  core::Result<std::unique_ptr<Journal>> open() { return open_postgres(options(), mailbox.post()); }
  std::string version() { return server.sql("SELECT version FROM penstock.penstock_shape"); }
  // A daemon that has claimed all that is due, and watches a source; `shown`: until when it has shown itself.
  std::string daemon(const std::string& shown) {
    const auto epoch = server.sql("INSERT INTO penstock.daemons (name, alive_until) VALUES ('earlier', " + shown +
                                  ") RETURNING epoch");
    server.sql("UPDATE penstock.outbox SET leased_until = due + 1, owner = " + epoch +
               "; INSERT INTO penstock.sources (name, owner) VALUES ('git', " + epoch + ")");
    return epoch;
  }
  std::string claims() {
    return server.sql(
        "SELECT (SELECT count(*) FROM penstock.outbox WHERE owner IS NOT NULL) + (SELECT count(*) FROM "
        "penstock.sources WHERE owner IS NOT NULL)");
  }
  std::string ended_by(const std::string& epoch) {
    return server.sql("SELECT ended_by FROM penstock.daemons WHERE epoch = " + epoch);
  }
};

constexpr auto a_minute_ago = "clock_timestamp() - interval '1 minute'";
constexpr auto in_a_minute = "clock_timestamp() + interval '1 minute'";

// A journal in a file with one promotion.
std::string made_file(const TemporaryFolder& folder) {
  const auto file = folder / "journal.db";
  Mailbox mailbox;
  const auto journal = open_sqlite(file, mailbox.post()).value();
  REQUIRE(commit(*journal, mailbox, opening("prm_1", 1, 0)).has_value());
  return file;
}

}  // namespace

TEST_CASE("a silent daemon of an earlier shape has no epoch and no claim any more when the shape has changed") {
  Stored stored;
  const auto epoch = stored.daemon(a_minute_ago);
  REQUIRE(stored.claims() == "2");
  const auto journal = stored.open();
  REQUIRE(journal.has_value());
  CHECK(stored.version() == std::to_string(postgres_schema_version));
  CHECK(stored.ended_by(epoch) == epoch);
  CHECK(stored.claims() == "0");
}

TEST_CASE("what a silent daemon of an earlier shape has under way ends before the shape is changed") {
  Stored stored;
  const auto epoch = stored.daemon(a_minute_ago);
  PostgresConnection::Session session;
  session.idle_in_transaction = std::chrono::milliseconds(500);
  const auto frozen = PostgresConnection::open(stored.address(), session).value();
  REQUIRE(frozen->script("BEGIN; SELECT 1 FROM daemons WHERE epoch = " + epoch + " FOR KEY SHARE"));
  CHECK(stored.open().has_value());
  CHECK_FALSE(frozen->script("COMMIT").has_value());
  CHECK(stored.ended_by(epoch) == epoch);
}

TEST_CASE("a journal of an earlier shape is left as it is while a daemon is at work on it") {
  Stored stored;
  stored.daemon(a_minute_ago);
  const auto at_work = stored.server.sql("INSERT INTO penstock.daemons (name, alive_until) VALUES ('at work', " +
                                         std::string(in_a_minute) + ") RETURNING epoch");
  const auto refused = stored.open();
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == "journal-in-use");
  CHECK(stored.version() == "1");
  CHECK(stored.claims() == "2");
  CHECK(stored.server.sql("SELECT count(*) FROM penstock.daemons WHERE ended_at IS NULL") == "2");
}

TEST_CASE("whoever found a shape that has changed by now does not join") {
  Postgres adapter;
  const auto address = PostgresAddress::parse(adapter.server.connection(), adapter.schema).value();
  const auto connection = PostgresConnection::open(address, {}).value();
  REQUIRE(prepare_postgres(*connection));
  adapter.server.sql("UPDATE " + adapter.schema + ".penstock_shape SET version = 999");
  const auto refused = begin_epoch(*connection, "late", std::chrono::seconds(3));
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == "journal-newer");
  CHECK_THAT(refused.error().message, Catch::Contains("999"));
  CHECK(adapter.server.sql("SELECT count(*) FROM " + adapter.schema + ".daemons") == "0");

  adapter.server.sql("UPDATE " + adapter.schema +
                     ".penstock_shape SET version = " + std::to_string(postgres_schema_version));
  CHECK(begin_epoch(*connection, "in time", std::chrono::seconds(3)).has_value());
}

TEST_CASE("a restore into a journal of an earlier shape that is used changes nothing of it") {
  Stored stored;
  const TemporaryFolder folder;
  const auto evidence = core::Digest::from_hex(std::string(64, 'e'));
  bool was_read = false;
  const auto read = [&](const core::Digest&) -> core::Result<std::string> {
    was_read = true;
    return std::string("what a gate has seen");
  };
  const auto refused = fill_postgres(stored.options(), made_file(folder), {evidence}, read);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == "conflict");
  CHECK_FALSE(was_read);
  CHECK(stored.version() == "1");
  CHECK(stored.server.sql("SELECT count(*) FROM pg_tables WHERE tablename = 'last_transactions'") == "0");
}

TEST_CASE("a restore into a journal of an earlier shape that nobody has used brings it forward and fills it") {
  Stored stored;
  stored.server.sql(
      "SET client_min_messages TO warning; TRUNCATE penstock.lanes, penstock.events, penstock.daemons, "
      "penstock.promotions, "
      "penstock.candidates, penstock.policies, penstock.audit, penstock.outbox, penstock.live_spans CASCADE");
  const TemporaryFolder folder;
  REQUIRE(fill_postgres(stored.options(), made_file(folder), {}, {}));
  CHECK(stored.version() == std::to_string(postgres_schema_version));
  const auto journal = stored.open();
  REQUIRE(journal.has_value());
  CHECK((*journal)->lane(fraud)->version == 1);
}
