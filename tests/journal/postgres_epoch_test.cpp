// The PostgreSQL adapter among several daemons: who is alive, who is declared dead, and what a dead one can still do.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

#include "daemon/journal/postgres_connection.hpp"
#include "tests/journal/conformance.hpp"

using namespace penstock::journal;
using namespace penstock::journal::testing;
namespace core = penstock::core;

namespace {

// A machine that stands still for half a second now and then is to keep it.
constexpr std::chrono::milliseconds short_lease(3000);
// Some leases: a declared death takes one lease of silence and one sign of life of somebody else.
constexpr std::chrono::seconds soon(50);

PostgresOptions with_lease(std::chrono::milliseconds lease, std::string name = "one") {
  PostgresOptions options;
  options.lease = lease;
  options.name = std::move(name);
  return options;
}

template <class Happens>
bool happens(Happens what) {
  const auto deadline = std::chrono::steady_clock::now() + soon;
  while (std::chrono::steady_clock::now() < deadline) {
    if (what()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return false;
}

// A daemon in a process of its own, which can be frozen. It opens the journal, does `first`, waits to be told, does
// `then`, and ends with what that returned.
class OtherDaemon {
 public:
  using Act = std::function<int(Journal&, Mailbox&)>;
  OtherDaemon(Postgres& adapter, const Act& first, const Act& then) {
    int ready[2], go[2];
    if (pipe(ready) != 0 || pipe(go) != 0) throw std::runtime_error("no pipe");
    process_ = fork();
    if (process_ == 0) _exit(live(adapter, first, then, ready[1], go[0]));
    char byte = 0;
    if (read(ready[0], &byte, 1) != 1 || byte != 'y') throw std::runtime_error("the other daemon did not begin");
    close(ready[0]), close(ready[1]), close(go[0]);
    go_ = go[1];
  }
  ~OtherDaemon() {
    if (process_ != 0) end(SIGKILL);
    close(go_);
  }
  void freeze() {
    kill(process_, SIGSTOP);
    waitpid(process_, nullptr, WUNTRACED);
  }
  void wake() { kill(process_, SIGCONT); }
  void end(int signal) {
    kill(process_, signal);
    waitpid(process_, nullptr, 0);
    process_ = 0;
  }
  int finish() {
    if (write(go_, "g", 1) != 1) return 91;
    int status = 0;
    waitpid(process_, &status, 0);
    process_ = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 92;
  }

 private:
  // What the process ends with, after its journal is closed and its threads have ended.
  static int live(Postgres& adapter, const Act& first, const Act& then, int ready, int go) {
    Mailbox mailbox;
    const auto journal = adapter.open(mailbox.post(), with_lease(short_lease, "other"));
    char byte = first(*journal, mailbox) == 0 ? 'y' : 'n';
    if (write(ready, &byte, 1) != 1 || read(go, &byte, 1) != 1) return 90;
    return then(*journal, mailbox);
  }

  int process_ = 0;
  int go_ = -1;
};

int claims_one(Journal& journal, Mailbox&) {
  const auto rows = journal.claim(at(100), at(1'000'000), 1);
  return rows && rows->size() == 1 ? 0 : 1;
}

int nothing(Journal&, Mailbox&) { return 0; }

// What is still accepted of it: 0 when every kind of write is refused as fenced.
int is_fenced(Journal& journal, Mailbox& mailbox) {
  Write cursor;
  cursor.cursors["git"] = "late";
  const auto late = commit(journal, mailbox, std::vector<Write>{cursor, opening("prm_late", 77, 0)});
  for (const auto& receipt : late)
    if (receipt || receipt.error().code != "journal-fenced") return 1;
  const auto claimed = journal.claim(at(100), at(1'000'000), 5);
  if (claimed || claimed.error().code != "journal-fenced") return 2;
  const auto owned = journal.shared()->own_source("git");
  if (owned && *owned) return 3;
  if (!owned && owned.error().code != "journal-fenced") return 4;
  if (journal.shared()->in_force()) return 5;
  return 0;
}

// For an adapter that a child has written to.
void put(Postgres& adapter, Write write) {
  Mailbox mailbox;
  const auto journal = adapter.open(mailbox.post());
  REQUIRE(commit(*journal, mailbox, std::move(write)).has_value());
}

}  // namespace

TEST_CASE("each daemon has an epoch of its own, later ones greater ones, and none is given twice") {
  Given<Postgres> given;
  const auto first = given.journal->shared()->epoch();
  Mailbox mailbox;
  auto second = given.adapter.open(mailbox.post());
  const auto epoch = second->shared()->epoch();
  CHECK(epoch > first);
  second.reset();
  CHECK(given.adapter.open(mailbox.post())->shared()->epoch() > epoch);
}

TEST_CASE("a daemon that was killed is declared dead, and what it had claimed is free") {
  Postgres adapter;
  put(adapter, putting({due_row("a", at(1))}));
  OtherDaemon other(adapter, claims_one, nothing);
  Mailbox mailbox;
  const auto journal = adapter.open(mailbox.post(), with_lease(short_lease));
  CHECK(journal->claim(at(100), at(1'000'000), 5).value().empty());
  other.end(SIGKILL);
  CHECK(happens([&] { return journal->claim(at(100), at(1'000'000), 5).value().size() == 1; }));
}

TEST_CASE("a daemon that was frozen past its lease finds all its writes refused when it wakes") {
  Postgres adapter;
  put(adapter, putting({due_row("a", at(1))}));
  OtherDaemon other(adapter, claims_one, is_fenced);
  Mailbox mailbox;
  const auto journal = adapter.open(mailbox.post(), with_lease(short_lease));
  other.freeze();
  CHECK(happens([&] { return journal->claim(at(100), at(1'000'000), 5).value().size() == 1; }));
  other.wake();
  CHECK(other.finish() == 0);
  CHECK_FALSE(journal->promotion("prm_late")->has_value());
  CHECK_FALSE(journal->cursor("git")->has_value());
}

TEST_CASE("a daemon that is alone goes on after however long a pause") {
  Postgres adapter;
  const auto still_writes = [](Journal& journal, Mailbox& mailbox) {
    return commit(journal, mailbox, opening("prm_1", 1, 0)).has_value() ? 0 : 1;
  };
  OtherDaemon other(adapter, nothing, still_writes);
  other.freeze();
  std::this_thread::sleep_for(2 * short_lease);
  other.wake();
  CHECK(other.finish() == 0);
}

TEST_CASE("a daemon that is frozen in the middle of a transaction holds nobody up for long") {
  Given<Postgres> given{{}, {}, nullptr};
  given.journal = given.adapter.open(given.mailbox.post(), with_lease(short_lease));
  given.kept(opening("prm_1", 1, 0));
  // What a daemon looks like in the database that has sent half of its transaction and then stands still: all its locks
  // are held, and it does not show itself.
  const auto& server = given.adapter.server;
  const auto address = PostgresAddress::parse(server.connection(), given.adapter.schema).value();
  auto plain = PostgresConnection::open(address, {}).value();
  const auto epoch = plain->first(statement("INSERT INTO daemons (name, alive_until) VALUES ('frozen', "
                                            "clock_timestamp()) RETURNING epoch"),
                                  [](const PostgresRow& row) { return row.integer(0); });
  PostgresConnection::Session session;
  session.name = "penstock/" + given.adapter.schema + "/" + std::to_string(**epoch);
  auto frozen = PostgresConnection::open(address, session).value();
  REQUIRE(frozen->pipeline({
      statement("BEGIN"),
      statement("SELECT 1 FROM daemons WHERE epoch = $1 FOR KEY SHARE", **epoch),
      statement("UPDATE lanes SET version = version + 1"),
      statement("UPDATE counters SET newest_seq = newest_seq + 5"),
  }));
  CHECK(happens([&] { return given.refused(opening("prm_2", 2, 1)) == "kept"; }));
  CHECK_FALSE(frozen->run(statement("COMMIT")).has_value());
  CHECK(given.journal->newest_seq().value() == 2);
  CHECK(given.journal->lane(fraud)->version == 2);
}

TEST_CASE("the one who is declared dead is told once, and its journal still answers everything") {
  std::atomic<int> told = 0;
  Given<Postgres> given{{}, {}, nullptr};
  auto options = with_lease(std::chrono::seconds(20));
  options.fenced = [&](const core::Problem& why) { told += why.code == "journal-fenced" ? 1 : 100; };
  given.journal = given.adapter.open(given.mailbox.post(), options);
  given.kept(opening("prm_1", 1, 0));
  given.adapter.server.sql("UPDATE " + given.adapter.schema + ".daemons SET ended_at = now(), ended_by = epoch");
  CHECK(given.refused(opening("prm_2", 2, 1)) == "journal-fenced");
  CHECK(given.refused(putting({due_row("a", at(1))})) == "journal-fenced");
  CHECK(given.journal->lane(fraud)->version == 1);
  CHECK(happens([&] { return told == 1; }));
  given.journal.reset();
  CHECK(told == 1);
}

TEST_CASE("a source is watched by one daemon, and by the next one when that is gone") {
  Postgres adapter;
  OtherDaemon other(
      adapter, [](Journal& journal, Mailbox&) { return journal.shared()->own_source("registry").value() ? 0 : 1; },
      nothing);
  Mailbox mailbox;
  const auto journal = adapter.open(mailbox.post(), with_lease(short_lease));
  CHECK_FALSE(journal->shared()->own_source("registry").value());
  CHECK(journal->shared()->own_source("repository").value());
  CHECK(journal->shared()->own_source("repository").value());
  other.end(SIGKILL);
  CHECK(happens([&] { return journal->shared()->own_source("registry").value(); }));
}

TEST_CASE("a nudge that came to another daemon reaches the one that watches the source") {
  Given<Postgres> given;
  Mailbox mailbox;
  const auto other = given.adapter.open(mailbox.post());
  REQUIRE(given.journal->shared()->own_source("git").value());
  std::vector<std::string> nudges;
  given.journal->shared()->listen(
      {{}, [&](const std::string& source, const std::string& hook) { nudges.push_back(source + " by " + hook); }});
  REQUIRE(other->shared()->pass_nudge("git", "forge"));
  REQUIRE(other->shared()->pass_nudge("unknown", "forge"));
  REQUIRE(given.journal->shared()->pass_nudge("git", "own"));
  while (nudges.empty() && given.mailbox.run_one()) continue;
  CHECK(nudges == std::vector<std::string>{"git by forge"});
}

TEST_CASE("a daemon hears soon of what another one wrote") {
  Given<Postgres> given;
  Mailbox mailbox;
  const auto other = given.adapter.open(mailbox.post());
  std::atomic<int> heard = 0;
  other->shared()->listen({[&] { ++heard; }, {}});
  // The first sign of life tells where it stands.
  while (mailbox.run_one(std::chrono::milliseconds(700))) continue;
  const auto before = heard.load();
  given.kept(opening("prm_1", 1, 0));
  REQUIRE(mailbox.run_one());
  CHECK(heard > before);
}

TEST_CASE("whoever begins to listen hears of what was written before, too") {
  Given<Postgres> given;
  Mailbox mailbox;
  const auto other = given.adapter.open(mailbox.post());
  given.kept(opening("prm_1", 1, 0));
  const auto shown = "SELECT alive_until FROM " + given.adapter.schema +
                     ".daemons WHERE epoch = " + std::to_string(other->shared()->epoch());
  for (int signs = 0; signs < 2; ++signs) {
    const auto before = given.adapter.server.sql(shown);
    REQUIRE(happens([&] { return given.adapter.server.sql(shown) != before; }));
  }
  int heard = 0;
  other->shared()->listen({[&] { ++heard; }, {}});
  REQUIRE(mailbox.run_one());
  CHECK(heard == 1);
}

TEST_CASE("evidence that one daemon keeps another one can show") {
  Given<Postgres> given;
  Mailbox mailbox;
  const auto other = given.adapter.open(mailbox.post());
  std::string content(3 << 20, '\0');
  for (std::size_t i = 0; i < content.size(); ++i) content[i] = static_cast<char>(i * 31 >> 3);
  REQUIRE(given.journal->shared()->keep_document(digest(1), content));
  REQUIRE(other->shared()->keep_document(digest(1), content));
  CHECK((other->shared()->document(digest(1)).value() == content));
  CHECK_FALSE(other->shared()->document(digest(2))->has_value());
}

TEST_CASE("daemons know how far the database's clock is ahead") {
  Given<Postgres> given;
  CHECK(given.journal->shared()->in_force());
  const auto ahead = given.journal->shared()->clock_ahead();
  CHECK(std::chrono::abs(ahead) < std::chrono::seconds(1));
}
