// A database that has gone back behind what it acknowledged, as a standby has that took over without having heard of
// it, or a backup that was restored under running daemons: whoever has seen more ends, and nobody else.
#include "tests/journal/watched.hpp"

using namespace penstock::journal;
using namespace penstock::journal::testing;
namespace core = penstock::core;

namespace {

void lose_newest_transaction(Postgres& adapter, const Watched& daemon) {
  adapter.server.sql("UPDATE " + adapter.schema +
                     ".last_transactions SET number = number - 1 WHERE epoch = " + daemon.epoch());
}

// As when another server takes over.
void break_connections(Postgres& adapter) {
  adapter.server.sql(
      "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name LIKE 'penstock/" +
      adapter.schema + "/%'");
}

}  // namespace

TEST_CASE("whoever connects to a database that has lost what it acknowledged neither writes nor reads, and ends") {
  Postgres adapter;
  Watched daemon(adapter);
  REQUIRE(daemon.refused(opening("prm_1", 1, 0)) == "kept");
  REQUIRE(daemon.refused(opening("prm_2", 2, 1)) == "kept");
  lose_newest_transaction(adapter, daemon);
  break_connections(adapter);
  CHECK(daemon.refused(opening("prm_3", 3, 2)) == "journal-fenced");
  CHECK(daemon.journal().lane(fraud).error().code == "journal-fenced");
  CHECK(daemon.journal().shared()->standings({{fraud, ""}}, at(1)).error().code == "journal-fenced");
  CHECK(adapter.server.sql("SELECT version FROM " + adapter.schema + ".lanes") == "2");
  const auto why = daemon.ended();
  CHECK(why.code == "journal-fenced");
  CHECK_THAT(why.message, Catch::Contains("lost") &&
                              Catch::Contains("transaction 2 of this daemon's epoch " + daemon.epoch()) &&
                              Catch::Contains("none after 1"));
  CHECK_FALSE(why.hint.empty());
  CHECK(daemon.reasons().size() == 1);
}

TEST_CASE("a sign of life finds out that the database has lost something, and only whoever had written it ends") {
  Postgres adapter;
  Watched daemon(adapter);
  Watched other(adapter);
  REQUIRE(daemon.refused(opening("prm_1", 1, 0)) == "kept");
  REQUIRE(other.refused(opening("prm_2", 2, 1)) == "kept");
  lose_newest_transaction(adapter, daemon);
  CHECK_THAT(daemon.ended().message, Catch::Contains("none after 0"));
  CHECK_FALSE(daemon.in_force());
  other.show_itself();
  other.show_itself();
  CHECK(other.in_force());
  CHECK(other.refused(opening("prm_3", 3, 2)) == "kept");
  CHECK(other.reasons().empty());
}

TEST_CASE("a daemon that the database knows nothing of any more ends") {
  Postgres adapter;
  Watched daemon(adapter);
  adapter.server.sql("DELETE FROM " + adapter.schema + ".daemons");
  CHECK_THAT(daemon.ended().message, Catch::Contains("nothing of that epoch"));
}

TEST_CASE("a daemon that has only heard of events ends when the database has fewer") {
  Postgres adapter;
  Watched writer(adapter);
  Watched idle(adapter);
  REQUIRE(writer.refused(opening("prm_1", 1, 0)) == "kept");
  // The first of two surely began after that.
  idle.show_itself();
  idle.show_itself();
  adapter.server.sql("UPDATE " + adapter.schema + ".counters SET newest_seq = 0");
  CHECK_THAT(idle.ended().message, Catch::Contains("events up to 1"));
}
