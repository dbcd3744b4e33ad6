// A schema that is dropped and made anew, as by a restore, while daemons of before still live: they end, and nothing of
// theirs can pass for what a daemon of after does.
#include "daemon/journal/postgres_connection.hpp"
#include "tests/journal/watched.hpp"

using namespace penstock::journal;
using namespace penstock::journal::testing;

namespace {

// What the daemons do meanwhile may be in its way, and it in theirs.
void drop_schema(Postgres& adapter) {
  for (int tries = 0;; ++tries) try {
      adapter.server.sql("SET client_min_messages TO warning; DROP SCHEMA " + adapter.schema + " CASCADE");
      return;
    } catch (const std::runtime_error&) {
      if (tries == 5) throw;
    }
}

std::unique_ptr<PostgresConnection> connection_to(const Postgres& adapter) {
  const auto address = PostgresAddress::parse(adapter.server.connection(), adapter.schema).value();
  return PostgresConnection::open(address, {}).value();
}

}  // namespace

TEST_CASE("no daemon of a schema that was made anew has the epoch of one of before, which is refused") {
  Postgres adapter;
  Watched before(adapter);
  REQUIRE(before.refused(opening("prm_1", 1, 0)) == "kept");
  drop_schema(adapter);
  std::vector<std::unique_ptr<Watched>> after;
  for (int i = 0; i < 3; ++i) after.push_back(std::make_unique<Watched>(adapter));
  for (const auto& daemon : after) CHECK(daemon->epoch() != before.epoch());
  CHECK(before.refused(opening("prm_late", 2, 0)) == "journal-fenced");
  CHECK(before.ended().code == "journal-fenced");
  CHECK(after.front()->journal().newest_seq().value() == 0);
  CHECK(after.front()->refused(opening("prm_new", 3, 0)) == "kept");
  CHECK(after.front()->reasons().empty());
}

TEST_CASE("a daemon that does nothing but show itself ends when its schema was made anew") {
  Postgres adapter;
  Watched idle(adapter);
  idle.show_itself();
  drop_schema(adapter);
  Watched after(adapter);
  CHECK_THAT(idle.ended().message, Catch::Contains("nothing of that epoch"));
  CHECK_FALSE(idle.in_force());
}

TEST_CASE("a daemon whose schema was made anew reads nothing of the new one") {
  Postgres adapter;
  Watched reader(adapter);
  REQUIRE(reader.refused(opening("prm_1", 1, 0)) == "kept");
  REQUIRE(reader.journal().lane(fraud)->version == 1);
  drop_schema(adapter);
  Watched after(adapter);
  REQUIRE(after.refused(opening("prm_1", 1, 0)) == "kept");
  CHECK(reader.journal().lane(fraud).error().code == "journal-fenced");
}

TEST_CASE("a session whose prepared statements the server cannot carry out any more counts as lost") {
  Postgres adapter;
  REQUIRE(Watched(adapter).in_force());
  SECTION("as a table has other columns") {
    const auto session = connection_to(adapter);
    adapter.server.sql("CREATE TABLE " + adapter.schema + ".other (one BIGINT)");
    REQUIRE(session->run(statement("SELECT * FROM other")));
    adapter.server.sql("ALTER TABLE " + adapter.schema + ".other ALTER one TYPE TEXT");
    const auto refused = session->run(statement("SELECT * FROM other"));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().transient);
    CHECK_THAT(refused.error().message, Catch::Contains("0A000"));
    CHECK(session->lost());
  }
  SECTION("as it has forgotten them") {
    const auto session = connection_to(adapter);
    REQUIRE(session->run(statement("SELECT 1")));
    REQUIRE(session->script("DEALLOCATE ALL"));
    const auto refused = session->run(statement("SELECT 1"));
    REQUIRE_FALSE(refused);
    CHECK_THAT(refused.error().message, Catch::Contains("26000"));
    CHECK(session->lost());
  }
}
