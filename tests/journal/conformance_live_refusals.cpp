// Conformance: changes of what is live that are refused, and that they leave nothing behind.
#include "tests/journal/conformance.hpp"
#include "tests/journal/live.hpp"

using namespace penstock::journal;
using namespace penstock::journal::testing;
namespace core = penstock::core;

TEMPLATE_TEST_CASE("nothing becomes live or stops being live by a Write that is refused", "", PENSTOCK_JOURNALS) {
  Given<TestType> given;
  open_three(given);
  given.kept(changing({began("prm_1", 1, 100)}, 3));
  auto write = opening("prm_4", 4, 4);
  write.live_changes = {ended("prm_1", 200), began("prm_4", 4, 200)};
  std::string code = "conflict";
  SECTION("decided on an older version of the lane") { write.expected_version = 3; }
  SECTION("decided on a version that is not there yet") { write.expected_version = 5; }
  SECTION("of a lane that was never seen") {
    write = opening("prm_4", 4, 9, {"spam", "production"});
    write.live_changes = {began("prm_4", 4, 200)};
  }
  SECTION("with a candidate that is known") {
    write.new_candidates.front() = candidate(1);
    code = "duplicate";
  }
  SECTION("with a promotion whose candidate is not there") { write.new_candidates.clear(); }
  // A Write behind it in the same transaction is kept.
  const auto receipts = given.commit({write, opening("prm_5", 5, 4)});
  REQUIRE(receipts.at(0).has_error());
  CHECK(receipts.at(0).error().code == code);
  CHECK(receipts.at(1).has_value());
  CHECK(text(given.journal->live_spans(fraud, std::nullopt, 10)) == "prm_1[100,) ");
  CHECK(given.journal->live_spans({"spam", "production"}, std::nullopt, 10)->empty());
  CHECK_FALSE(given.journal->promotion("prm_4")->has_value());
  // The change is made when it is decided again.
  write = opening("prm_4", 4, 5);
  write.live_changes = {ended("prm_1", 200), began("prm_4", 4, 200)};
  given.kept(write);
  CHECK(text(given.journal->live_spans(fraud, std::nullopt, 10)) == "prm_4[200,) prm_1[100,200) ");
}

TEMPLATE_TEST_CASE("a change that cannot be is refused with everything beside it, and says why", "",
                   PENSTOCK_JOURNALS) {
  Given<TestType> given;
  open_three(given);
  given.kept(opening("prm_9", 9, 0, {"spam", "production"}));
  given.kept(changing({began("prm_1", 1, 100)}, 3));
  Write write = changing({}, 4);
  std::string said;
  SECTION("two would be live") {
    write.live_changes = {began("prm_2", 2, 200)};
    said = "prm_2 is to begin being live in fraud in production, where another one or it itself is live";
  }
  SECTION("two begin at once") {
    write.live_changes = {ended("prm_1", 200), began("prm_2", 2, 200), began("prm_3", 3, 200)};
    said = "prm_3 is to begin";
  }
  SECTION("it is live already") {
    write.live_changes = {began("prm_1", 1, 200)};
    said = "it itself is live";
  }
  SECTION("it begins and is over while another one is live") {
    write.live_changes = {began("prm_2", 2, 200)};
    write.live_changes.front().ended = at(300);
    said = "another one";
  }
  SECTION("what ends was never live") {
    write.live_changes = {ended("prm_2", 200)};
    said = "prm_2 is to end being live in fraud in production, where it is not live";
  }
  SECTION("what ends has ended") {
    given.kept(changing({ended("prm_1", 150)}, 4));
    write = changing({ended("prm_1", 200)}, 5);
    said = "not live";
  }
  SECTION("what ends twice") {
    write.live_changes = {ended("prm_1", 200), ended("prm_1", 201)};
    said = "not live";
  }
  SECTION("what ends is live in another lane") {
    write = changing({ended("prm_1", 200)}, 1, {"spam", "production"});
    said = "in spam in production, where it is not live";
  }
  SECTION("a promotion that is not there") {
    write.live_changes = {ended("prm_1", 200), began("prm_7", 7, 200)};
    said = "no such promotion";
  }
  SECTION("a promotion of another lane") {
    write.live_changes = {ended("prm_1", 200), began("prm_9", 9, 200)};
    said = "no such promotion";
  }
  SECTION("another candidate than the promotion's") {
    write.live_changes = {ended("prm_1", 200), began("prm_2", 3, 200)};
    said = "no such promotion";
  }
  SECTION("another version than the promotion's") {
    write.live_changes = {ended("prm_1", 200), began("prm_2", 2, 200)};
    write.live_changes.back().version = "8";
    said = "no such promotion";
  }
  SECTION("no promotion at all") {
    write.live_changes = {ended("", 200)};
    said = "of no promotion";
  }
  SECTION("neither a beginning nor an end") {
    write.live_changes = {began("prm_2", 2, 200)};
    write.live_changes.front().began.reset();
    said = "neither begins nor ends";
  }
  SECTION("without the lane's version") {
    write.live_changes = {ended("prm_1", 200)};
    write.expected_version.reset();
    said = "without the lane's version";
  }
  const auto before = text(given.journal->live_spans(fraud, std::nullopt, 10));
  const auto version = given.journal->lane(fraud)->version;
  write.cursors["git"] = "moved";
  write.events = {event("prm_1")};
  const auto receipt = given.commit(write);
  REQUIRE(receipt.has_error());
  CHECK(receipt.error().code == "journal-failed");
  CHECK_THAT(to_text(receipt.error()), Catch::Contains(said) && Catch::Contains("needed"));
  CHECK(text(given.journal->live_spans(fraud, std::nullopt, 10)) == before);
  CHECK(given.journal->live_spans({"spam", "production"}, std::nullopt, 10)->empty());
  CHECK(given.journal->lane(fraud)->version == version);
  CHECK_FALSE(given.journal->cursor("git")->has_value());
  CHECK(given.journal->newest_seq().value() == 4);
}
