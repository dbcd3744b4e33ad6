// The PostgreSQL adapter and its server: who may open what, connections that break, and many who write at once.
#include <atomic>
#include <fstream>
#include <random>
#include <sstream>
#include <thread>

#include "daemon/journal/postgres_shapes.hpp"
#include "tests/journal/conformance.hpp"

using namespace penstock::journal;
using namespace penstock::journal::testing;
namespace core = penstock::core;

namespace {

core::Problem refusal(const std::string& connection, const std::string& schema) {
  Mailbox mailbox;
  PostgresOptions options;
  options.connection = connection;
  options.schema = schema;
  const auto opened = open_postgres(options, mailbox.post());
  REQUIRE(opened.has_error());
  CHECK_FALSE(opened.error().message.empty());
  CHECK_FALSE(opened.error().hint.empty());
  return opened.error();
}

}  // namespace

TEST_CASE("a PostgreSQL journal that is opened again holds everything it acknowledged") {
  Given<Postgres> given;
  auto write = opening("prm_1", 1, 0);
  write.outbox = {due_row("check/1", at(5))};
  write.cursors["git"] = "42";
  write.remember = {{"key", "answer", at(100)}};
  write.lane_state = "pinned";
  write.audit = {{0, "prm_1", "entry"}};
  given.kept(write);
  REQUIRE(given.journal->claim(at(5), at(50), 1)->size() == 1);
  given.journal.reset();
  given.journal = given.adapter.open(given.mailbox.post());
  CHECK(given.journal->lane(fraud)->version == 1);
  CHECK(given.journal->lane(fraud)->state == "pinned");
  CHECK(given.journal->cursor("git").value() == "42");
  CHECK(given.journal->remembered("key", at(1)).value() == "answer");
  CHECK(given.journal->audit(0, 5)->front().entry == "entry");
  // Whoever leaves in good order takes no claims along.
  CHECK(given.journal->claim(at(5), at(50), 1)->front().tries == 2);
}

TEST_CASE("a schema that a newer Penstock wrote is refused, and left as it is") {
  Given<Postgres> given;
  given.journal.reset();
  auto& server = given.adapter.server;
  server.sql("UPDATE " + given.adapter.schema + ".penstock_shape SET version = 999");
  const auto problem = refusal(server.connection(), given.adapter.schema);
  CHECK(problem.code == "journal-newer");
  CHECK_THAT(problem.message, Catch::Contains("999") && Catch::Contains(std::to_string(postgres_schema_version)));
  CHECK(server.sql("SELECT version FROM " + given.adapter.schema + ".penstock_shape") == "999");
}

TEST_CASE("a schema of another program is refused, and an empty one is taken") {
  auto& server = PostgresServer::shared();
  const auto taken = server.fresh_schema();
  server.sql("CREATE SCHEMA " + taken + "; CREATE TABLE " + taken + ".orders (id int)");
  CHECK(refusal(server.connection(), taken).code == "journal-damaged");
  CHECK(server.sql("SELECT count(*) FROM pg_tables WHERE schemaname = '" + taken + "'") == "1");

  Postgres adapter;
  server.sql("CREATE SCHEMA " + adapter.schema);
  Mailbox mailbox;
  CHECK(adapter.open(mailbox.post())->newest_seq().value() == 0);
}

TEST_CASE("daemons that open an empty schema at once all find the same one") {
  Postgres adapter;
  std::atomic<int> opened = 0;
  std::vector<std::thread> daemons;
  for (int i = 0; i < 4; ++i)
    daemons.emplace_back([&] {
      Mailbox mailbox;
      if (adapter.open(mailbox.post())->newest_seq()) ++opened;
    });
  for (auto& daemon : daemons) daemon.join();
  CHECK(opened == 4);
}

TEST_CASE("no part of a password is in what a refused connection tells") {
  auto& server = PostgresServer::shared();
  for (const std::string connection :
       {"host=/nowhere dbname=penstock user=ada password=hunter-two-42", "postgresql://ada:hunter-two-42@127.0.0.1:1/x",
        "hunter-two-42", "host='hunter-two-42", "password=hunter-two-42 nonsense=hunter-two-42",
        "postgresql://ada:hunter-two-42@[bad"}) {
    const auto problem = refusal(connection, "penstock");
    CHECK_THAT(to_text(problem) + problem.code, !Catch::Contains("hunter"));
  }
  CHECK(secrets_of_connection("postgresql://ada:hunter-two-42@db/x", "penstock").value() ==
        std::vector<std::string>{"hunter-two-42"});
  CHECK(refusal(server.connection(), "penstock; DROP").code == "bad-connection");
  CHECK(refusal(server.connection(), "").code == "bad-connection");
  CHECK(refusal(server.connection() + " dbname=absent", "penstock").code == "journal-failed");
}

TEST_CASE("a server that does not sync to its disk is refused") {
  PostgresServer careless("fsync = off");
  const auto problem = refusal(careless.connection(), "penstock");
  CHECK(problem.code == "journal-failed");
  CHECK_THAT(problem.message, Catch::Contains("fsync"));
}

TEST_CASE("commits that wait together share a transaction of the server") {
  Given<Postgres> given;
  constexpr int commits = 1000;
  int kept = 0;
  for (int i = 0; i < commits; ++i)
    given.journal->commit({opening("prm_" + std::to_string(i), static_cast<std::uint64_t>(i), i)},
                          [&](Receipts receipts) { kept += receipts.at(0).has_value() ? 1 : 0; });
  for (int i = 0; i < commits; ++i) REQUIRE(given.mailbox.run_one());
  CHECK(kept == commits);
  CHECK(given.journal->statistics().writes == commits);
  CHECK(given.journal->statistics().transactions < commits / 4);
}

// Two daemons, two lanes, and both want both: each decision is made on what was read, and a lost race is a reload.
TEST_CASE("of two daemons that decide on the same lanes none overwrites the other, and numbers have no gap") {
  Given<Postgres> given;
  Mailbox other_mailbox;
  const auto other = given.adapter.open(other_mailbox.post());
  constexpr int decisions = 40;
  std::atomic<bool> finished = false;
  std::atomic<int> torn = 0;
  std::atomic<int> conflicts = 0;
  std::thread reader([&] {
    std::int64_t seen = 0;
    while (!finished) {
      // Whoever sees a number sees all below it.
      const auto events = given.journal->events(seen, 1000);
      if (!events) ++torn;
      for (const auto& event : *events)
        if (event.seq != ++seen) ++torn;
    }
  });
  const auto decide = [&](Journal& journal, Mailbox& mailbox, int daemon) {
    for (int i = 0; i < decisions; ++i)
      for (const auto& lane : {core::LaneKey{"fraud", "production"}, core::LaneKey{"spam", "production"}})
        for (bool kept = false; !kept;) {
          const auto version = journal.lane(lane)->version;
          const auto number = static_cast<std::uint64_t>(daemon * 1000 + i);
          auto write = opening("prm_" + lane.model + std::to_string(number), number + (lane.model == "spam" ? 500 : 0),
                               version, lane);
          write.audit = {{0, "", "entry"}, {0, "", "entry"}};
          kept = commit(journal, mailbox, write).has_value();
          if (!kept) ++conflicts;
        }
  };
  std::thread second([&] { decide(*other, other_mailbox, 2); });
  decide(*given.journal, given.mailbox, 1);
  second.join();
  finished = true;
  reader.join();
  CHECK(torn == 0);
  CHECK(conflicts > 0);
  CHECK(given.journal->lane(fraud)->version == 2 * decisions);
  CHECK(given.journal->lane(fraud)->promotions.size() == 2 * decisions);
  CHECK(given.journal->newest_seq().value() == 4 * decisions);
  const auto audit = given.journal->audit(0, 10'000).value();
  CHECK(audit.size() == 8 * decisions);
  for (std::size_t i = 0; i < audit.size(); ++i) REQUIRE(audit[i].index == static_cast<std::int64_t>(i));
}

// The server ends the writer's session at any moment: also between a COMMIT and its answer.
TEST_CASE("a connection that breaks at any moment loses nothing, repeats nothing and refuses nothing") {
  Given<Postgres> given;
  std::atomic<bool> finished = false;
  std::atomic<int> broken = 0;
  std::atomic<int> decided = 0;
  std::thread breaker([&] {
    std::mt19937 random(11);
    for (int before = -1; !finished;) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5 + random() % 40));
      // A busy machine may need longer than that for a new session, and the writer's patience ends.
      if (decided == before) continue;
      before = decided;
      broken += std::stoi(given.adapter.server.sql(
          "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name LIKE 'penstock/" +
          given.adapter.schema + "/%' AND query !~ 'LISTEN'"));
    }
  });
  constexpr int decisions = 300;
  std::string refusals;
  for (int i = 0; i < decisions; ++i) {
    const auto receipt = given.commit(opening("prm_" + std::to_string(i), static_cast<std::uint64_t>(i), i));
    ++decided;
    // The database is back at once, so that nobody need be refused.
    if (!receipt) refusals += std::to_string(i) + ": " + to_text(receipt.error()) + "\n";
    if (receipt && receipt->last_seq != i + 1) refusals += std::to_string(i) + ": its event has another number\n";
  }
  finished = true;
  breaker.join();
  CHECK(refusals == "");  // tells them
  CHECK(broken > 10);
  CHECK(given.journal->lane(fraud)->version == decisions);
  CHECK(given.journal->newest_seq().value() == decisions);
}

namespace {

// Writes without a pause while the server dies three times; every Write is acknowledged once and kept once. A busy
// machine may need 200 ms for the new session alone, so a life goes on until its share of the fewest is acknowledged.
void write_through_deaths(const std::string& settings, std::int64_t fewest) {
  PostgresServer server(settings);
  Mailbox mailbox;
  PostgresOptions options;
  options.connection = server.connection();
  options.lease = std::chrono::seconds(20);
  const auto journal = open_postgres(options, mailbox.post()).value();
  std::atomic<std::int64_t> so_far = 0;
  std::atomic<bool> finished = false;
  std::atomic<int> refused = 0;
  std::thread writer([&] {
    while (!finished) {
      const auto number = static_cast<std::uint64_t>(so_far.load());
      const auto receipt = commit(*journal, mailbox, opening("prm_" + std::to_string(number), number, so_far));
      if (receipt)
        ++so_far;
      else
        ++refused;
    }
  });
  constexpr int deaths = 3;
  for (int life = 1; life <= deaths + 1; ++life) {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (so_far * (deaths + 1) <= fewest * life && std::chrono::steady_clock::now() < patience)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    if (life > deaths) break;
    server.stop_at_once();
    server.start();
  }
  finished = true;
  writer.join();
  const std::int64_t acknowledged = so_far;
  CHECK(refused == 0);
  CHECK(acknowledged > fewest);
  CHECK(journal->lane(fraud)->version == acknowledged);
  CHECK(journal->newest_seq().value() == acknowledged);
}

}  // namespace

TEST_CASE("a server that dies and comes back has everything that was acknowledged") { write_through_deaths("", 20); }

TEST_CASE("what was being committed when the server died is written again, and not lost") {
  // A commit is nearly always under way then, and nothing of it on the disk: the server forgets its number as well.
  write_through_deaths("commit_delay = 30000\ncommit_siblings = 0\nwal_writer_delay = 10000\n", 3);
}

TEST_CASE("a schema of every former shape is brought forward when it is opened") {
  for (std::int64_t version = 1; version < postgres_schema_version; ++version) {
    PostgresServer server;
    std::ifstream file(PENSTOCK_SOURCE_DIR "/tests/journal/shapes/postgres-" + std::to_string(version) + ".sql");
    server.sql((std::ostringstream() << file.rdbuf()).str());
    REQUIRE(server.sql("SELECT version FROM penstock.penstock_shape") == std::to_string(version));
    const auto events = server.sql("SELECT count(*) FROM penstock.events");
    REQUIRE(std::stoi(events) > 0);
    Mailbox mailbox;
    PostgresOptions options;
    options.connection = server.connection();
    const auto journal = open_postgres(options, mailbox.post()).value();
    CHECK(server.sql("SELECT version FROM penstock.penstock_shape") == std::to_string(postgres_schema_version));
    CHECK(std::to_string(journal->newest_seq().value()) == events);
    CHECK(commit(*journal, mailbox, opening("prm_after", 7, 0)));
    CHECK(std::to_string(journal->newest_seq().value() - 1) == events);
  }
}
