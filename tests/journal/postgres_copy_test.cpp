// A PostgreSQL journal becomes a SQLite file and a PostgreSQL journal again, and nothing of it is lost or changed.
#include <filesystem>

#include "tests/journal/conformance.hpp"
#include "tests/journal/live.hpp"
#include "tests/runtime/folder.hpp"

using namespace penstock::journal;
using namespace penstock::journal::testing;
namespace core = penstock::core;

namespace {

std::string line(const PromotionRow& row) {
  return row.id + " " + core::to_text(row.lane) + " " + row.candidate.hex() + " " + row.version + " " + row.phase +
         (row.ended ? " ended " : " ") + core::to_text(row.opened_at) + " " + core::to_text(row.changed_at) + " " +
         row.document;
}

// All that can be read of a journal, a line each; what is due is claimed.
std::vector<std::string> everything_in(Journal& journal) {
  std::vector<std::string> lines;
  for (const auto& lane : {fraud, core::LaneKey{"fraud", "staging"}}) {
    const auto stored = journal.lane(lane).value();
    lines.push_back(core::to_text(lane) + " " + std::to_string(stored.version) + " " + stored.state);
    for (const auto& row : stored.promotions) lines.push_back("open " + line(row));
    for (const auto& span : journal.live_spans(lane, std::nullopt, 100).value())
      lines.push_back("span " + span.promotion + " " + core::to_text(span.since) +
                      (span.until ? " until " + core::to_text(*span.until) : ""));
  }
  PromotionQuery every;
  every.limit = 100;
  for (const auto& row : journal.promotions(every).value()) lines.push_back(line(row));
  for (std::uint64_t number = 1; number <= 3; ++number) {
    const auto row = journal.candidate(digest(number)).value().value();
    lines.push_back(row.id.hex() + row.document + row.model + row.version + row.submitter + row.trigger +
                    core::to_text(row.seen_at));
  }
  lines.push_back(journal.policy(digest(77)).value().value().document);
  for (const auto& row : journal.events(0, 100).value())
    lines.push_back(std::to_string(row.seq) + " " + core::to_text(row.at) + " " + core::to_text(row.lane) + " " +
                    row.promotion + " " + row.name + " " + row.document);
  lines.push_back(std::to_string(journal.newest_seq().value()) + " events");
  for (const auto& row : journal.audit(0, 100).value())
    lines.push_back(std::to_string(row.index) + " " + row.promotion + " " + row.entry);
  lines.push_back(std::to_string(journal.audit_size().value()) + " entries");
  lines.push_back(journal.cursor("git").value().value());
  lines.push_back(journal.remembered("key", at(1)).value().value());
  for (const auto& row : journal.claim(at(50), at(60), 10).value())
    lines.push_back("due " + row.key + " " + row.kind + " " + core::to_text(row.lane) + " " + row.promotion + " " +
                    core::to_text(row.due) + " " + std::to_string(row.tries) + " " + row.document);
  return lines;
}

// Three promotions: one live, one that was, one that waits; and a lease that somebody holds.
void fill(Given<Postgres>& given) {
  open_three(given);
  auto write = changing({began("prm_1", 1, 10)}, 3);
  write.promotions = {promotion("prm_1", 1, fraud, "live")};
  write.lane_state = R"({"pin":"ö\u0000\n"})";
  write.policies = {{digest(77), R"({"name":"p"})"}};
  write.cursors["git"] = std::string("4\0002", 3);
  write.remember = {{"key", "answer", at(100)}};
  write.audit = {{0, "prm_1", "first entry"}, {0, "", "second entry"}};
  write.outbox = {due_row("check/1", at(5)), due_row("check/2", at(9), "prm_3")};
  given.kept(write);
  write = changing({ended("prm_1", 20), began("prm_2", 2, 20)}, 4);
  write.promotions = {promotion("prm_1", 1, fraud, "replaced", true), promotion("prm_2", 2, fraud, "live")};
  write.events = {event("prm_2", "delivery_confirmed")};
  write.audit = {{0, "prm_2", "third entry"}};
  given.kept(write);
  REQUIRE(given.journal->claim(at(6), at(1000), 1)->size() == 1);
}

}  // namespace

TEST_CASE("a PostgreSQL journal is copied into a file and out of it into another database, row for row") {
  Given<Postgres> given;
  fill(given);
  TestFolder folder;
  const auto file = (folder / "copy.db").string();
  REQUIRE(given.journal->copy_to(file));
  CHECK_FALSE(std::filesystem::exists(file + "-wal"));
  PostgresOptions options;
  options.connection = given.adapter.server.connection();
  options.schema = given.adapter.server.fresh_schema();
  const auto evidence = penstock::core::Digest::from_hex(std::string(64, 'e'));
  const auto read = [](const core::Digest&) -> core::Result<std::string> {
    return std::string("what a gate has seen");
  };
  REQUIRE(fill_postgres(options, file, {evidence}, read));

  const auto before = everything_in(*given.journal);
  Mailbox mailbox;
  {
    const auto copy = open_sqlite(file, mailbox.post()).value();
    REQUIRE(copy->void_leases());
    auto copied = everything_in(*copy);
    // The lease of the daemon that was copied from is nobody's.
    CHECK(copied.size() == before.size() + 1);
    copied.erase(std::find_if(copied.begin(), copied.end(),
                              [](const std::string& text) { return text.starts_with("due check/1"); }));
    CHECK(copied == before);
  }
  const auto other = open_postgres(options, mailbox.post()).value();
  auto carried = everything_in(*other);
  REQUIRE(carried.size() == before.size() + 1);
  CHECK(std::equal(before.begin(), before.end() - 1, carried.begin()));
  CHECK(other->shared()->document(evidence).value() == "what a gate has seen");
  CHECK(other->shared()->documents_after({}, 10).value() == std::vector<core::Digest>{evidence});
  // It goes on where the other one was.
  const auto next = commit(*other, mailbox, opening("prm_4", 4, 5)).value();
  CHECK(next.last_seq == given.journal->newest_seq().value() + 1);
}

TEST_CASE("a database that daemons have worked on is not filled, and keeps what it has") {
  Given<Postgres> given;
  fill(given);
  TestFolder folder;
  const auto file = (folder / "copy.db").string();
  REQUIRE(given.journal->copy_to(file));
  CHECK(given.journal->copy_to(file).error().code == "journal-failed");  // it is there already
  PostgresOptions options;
  options.connection = given.adapter.server.connection();
  options.schema = given.adapter.schema;
  const auto refused = fill_postgres(options, file, {}, {});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == "conflict");
  CHECK(given.journal->newest_seq().value() == 4);
}

TEST_CASE("a copy of more rows than are fetched at once is whole, and is of one instant") {
  Given<Postgres> given;
  for (int i = 0; i < 1203; ++i) given.kept(opening("prm_" + std::to_string(i), static_cast<std::uint64_t>(i), i));
  TestFolder folder;
  const auto file = (folder / "copy.db").string();
  REQUIRE(given.journal->copy_to(file));
  Mailbox mailbox;
  const auto copy = open_sqlite(file, mailbox.post()).value();
  CHECK(copy->newest_seq().value() == 1203);
  CHECK(copy->lane(fraud)->promotions.size() == 1203);
  CHECK(ids(copy->lane(fraud)->promotions) == ids(given.journal->lane(fraud)->promotions));
}
