// Conformance: the Writes that are refused, by which word, and that they leave nothing behind.
#include "tests/journal/conformance.hpp"

using namespace penstock::journal;
using namespace penstock::journal::testing;
namespace core = penstock::core;

TEMPLATE_TEST_CASE("a decision on another version of the lane is a conflict and writes nothing", "",
                   PENSTOCK_JOURNALS) {
  Given<TestType> given;
  given.kept(opening("prm_1", 1, 0));
  for (const std::int64_t stale : {0, 2, 17}) {
    auto write = opening("prm_2", 2, stale);
    write.cursors["git"] = "moved";
    write.remember.push_back({"key", "answer", at(100)});
    write.outbox.push_back(due_row("check/1", at(1)));
    write.policies.push_back({digest(5), "{}"});
    CHECK(given.refused(write) == "conflict");
  }
  CHECK(given.journal->lane(fraud)->version == 1);
  CHECK_FALSE(given.journal->promotion("prm_2")->has_value());
  CHECK_FALSE(given.journal->candidate(digest(2))->has_value());
  CHECK_FALSE(given.journal->cursor("git")->has_value());
  CHECK_FALSE(given.journal->remembered("key", at(1))->has_value());
  CHECK_FALSE(given.journal->next_due()->has_value());
  CHECK_FALSE(given.journal->policy(digest(5))->has_value());
  CHECK(given.journal->newest_seq().value() == 1);
  const auto message = to_text(given.commit(opening("prm_2", 2, 17)).error());
  CHECK_THAT(message, Catch::Contains("is at version 1") && Catch::Contains("version 17"));
}

TEMPLATE_TEST_CASE("a decision on another version of what holds for all lanes is a conflict", "", PENSTOCK_JOURNALS) {
  Given<TestType> given;
  auto write = opening("prm_1", 1, 0);
  write.every_lane_version = 1;
  CHECK(given.refused(write) == "conflict");
  write.every_lane_version = 0;
  given.kept(write);
  Write stop;
  stop.lane = core::every_lane;
  stop.expected_version = 0;
  stop.lane_state = "stopped";
  auto before = opening("prm_2", 2, 1);
  before.every_lane_version = 0;
  auto after = opening("prm_3", 3, 2);
  after.every_lane_version = 0;
  auto knowing = opening("prm_4", 4, 2);
  knowing.every_lane_version = 1;
  const auto receipts = given.commit({before, stop, after, knowing});
  CHECK(receipts.at(0).has_value());
  CHECK(receipts.at(1).has_value());
  CHECK(receipts.at(2).error().code == "conflict");
  CHECK(receipts.at(3).has_value());
  CHECK(ids(given.journal->lane(fraud)->promotions) == std::vector<std::string>{"prm_1", "prm_2", "prm_4"});
  CHECK_FALSE(given.journal->candidate(digest(3))->has_value());
}

TEMPLATE_TEST_CASE("a conflict takes only its own Write with it", "", PENSTOCK_JOURNALS) {
  Given<TestType> given;
  const core::LaneKey spam{"spam", "production"};
  const auto receipts = given.commit(
      {opening("prm_1", 1, 0), opening("prm_2", 2, 0), opening("prm_3", 3, 1), opening("prm_4", 4, 0, spam)});
  REQUIRE(receipts.size() == 4);
  CHECK(receipts[0]->last_seq == 1);
  CHECK(receipts[1].error().code == "conflict");
  CHECK(receipts[2]->last_seq == 2);
  CHECK(receipts[3]->last_seq == 3);
  CHECK(ids(given.journal->lane(fraud)->promotions) == std::vector<std::string>{"prm_1", "prm_3"});
  CHECK(given.journal->lane(fraud)->version == 2);
  CHECK(given.journal->lanes()->size() == 2);
}

TEMPLATE_TEST_CASE("a candidate that is known makes the whole Write a duplicate", "", PENSTOCK_JOURNALS) {
  Given<TestType> given;
  given.kept(opening("prm_1", 1, 0));
  CHECK(given.refused(opening("prm_2", 1, 1)) == "duplicate");
  CHECK(given.journal->lane(fraud)->version == 1);
  CHECK(given.journal->newest_seq().value() == 1);

  auto twice = opening("prm_3", 3, 1);
  twice.new_candidates.push_back(twice.new_candidates.front());
  CHECK(given.refused(twice) == "duplicate");
  CHECK_FALSE(given.journal->candidate(digest(3))->has_value());
}

TEMPLATE_TEST_CASE("an answer that is remembered makes the whole Write a duplicate until it is forgotten", "",
                   PENSTOCK_JOURNALS) {
  Given<TestType> given;
  Write write;
  write.remember.push_back({"key", "first", at(100)});
  write.cursors["git"] = "1";
  given.kept(write);
  write.cursors["git"] = "2";
  write.remember.front().answer = "second";
  CHECK(given.refused(write) == "duplicate");
  CHECK(given.journal->cursor("git").value() == "1");
  CHECK(given.journal->remembered("key", at(99)).value() == "first");
  CHECK_FALSE(given.journal->remembered("key", at(100))->has_value());

  REQUIRE(given.journal->forget(at(99)));
  CHECK(given.refused(write) == "duplicate");
  REQUIRE(given.journal->forget(at(100)));
  given.kept(write);
  CHECK(given.journal->remembered("key", at(99)).value() == "second");

  write.remember = {{"other", "a", at(200)}, {"other", "b", at(200)}};
  CHECK(given.refused(write) == "duplicate");
}

TEMPLATE_TEST_CASE("a promotion keeps its lane, candidate and opening time, and one that has ended stays ended", "",
                   PENSTOCK_JOURNALS) {
  Given<TestType> given;
  given.kept(opening("prm_1", 1, 0));
  given.kept(opening("prm_2", 2, 1));
  Write change;
  change.lane = fraud;
  change.expected_version = 2;
  change.promotions = {promotion("prm_1", 1)};
  SECTION("another candidate") { change.promotions.front().candidate = digest(2); }
  SECTION("another version") { change.promotions.front().version = "8"; }
  SECTION("another opening time") { change.promotions.front().opened_at = at(9); }
  SECTION("another lane") {
    change.lane = {"spam", "production"};
    change.expected_version = 0;
    change.promotions.front().lane = change.lane;
  }
  SECTION("twice in one Write") { change.promotions.push_back(change.promotions.front()); }
  change.events.push_back(event("prm_1"));
  CHECK(given.refused(change) == "journal-failed");
  CHECK(given.journal->lane(fraud)->version == 2);
  CHECK(given.journal->newest_seq().value() == 2);
  CHECK(given.journal->promotion("prm_1").value()->phase == "checking");
}

TEMPLATE_TEST_CASE("a promotion that has ended is not opened again", "", PENSTOCK_JOURNALS) {
  Given<TestType> given;
  given.kept(opening("prm_1", 1, 0));
  Write change;
  change.lane = fraud;
  change.expected_version = 1;
  change.promotions = {promotion("prm_1", 1, fraud, "withdrawn", true)};
  given.kept(change);
  change.expected_version = 2;
  change.promotions = {promotion("prm_1", 1)};
  CHECK(given.refused(change) == "journal-failed");
  CHECK(given.journal->promotion("prm_1").value()->phase == "withdrawn");
  change.promotions = {promotion("prm_1", 1, fraud, "rejected", true)};
  given.kept(change);
  CHECK(given.journal->promotion("prm_1").value()->phase == "rejected");
}

TEMPLATE_TEST_CASE("a promotion of a candidate that is not there is a conflict", "", PENSTOCK_JOURNALS) {
  Given<TestType> given;
  auto write = opening("prm_1", 1, 0);
  write.new_candidates.clear();
  CHECK(given.refused(write) == "conflict");
  CHECK(given.journal->lane(fraud)->version == 0);

  // Two lanes of one candidate, the first of which loses its race: the other must not be left without the candidate.
  given.kept(opening("prm_0", 9, 0));
  const core::LaneKey staging{"fraud", "staging"};
  auto second = opening("prm_2", 1, 0, staging);
  second.new_candidates.clear();
  const auto receipts = given.commit({opening("prm_1", 1, 0), second});
  CHECK(receipts.at(0).error().code == "conflict");
  CHECK(receipts.at(1).error().code == "conflict");
  CHECK(given.journal->lane(staging)->version == 0);
  // In the other order of luck, both are there.
  const auto again = given.commit({opening("prm_1", 1, 1), second});
  CHECK(again.at(0).has_value());
  CHECK(again.at(1).has_value());
}

TEMPLATE_TEST_CASE("a malformed Write is refused as a whole and says why", "", PENSTOCK_JOURNALS) {
  Given<TestType> given;
  auto write = opening("prm_1", 1, 0);
  write.cursors["git"] = "1";
  std::string said;
  SECTION("a promotion without its lane's version") {
    write.expected_version.reset();
    said = "lane's version";
  }
  SECTION("a promotion of another lane") {
    write.promotions.front().lane.environment = "staging";
    said = "one lane";
  }
  SECTION("a promotion without an id") {
    write.promotions.front().id.clear();
    said = "no id";
  }
  SECTION("a version below zero") {
    write.expected_version = -1;
    said = "-1";
  }
  SECTION("a candidate without an id") {
    write.new_candidates.front().id = {};
    said = "no id";
  }
  SECTION("an outbox row without a key") {
    write.outbox.push_back(due_row("", at(1)));
    said = "no key";
  }
  SECTION("an event without a name") {
    write.events.front().name.clear();
    said = "no name";
  }
  const auto receipt = given.commit(write);
  REQUIRE(receipt.has_error());
  CHECK(receipt.error().code == "journal-failed");
  CHECK_THAT(to_text(receipt.error()), Catch::Contains(said));
  CHECK_FALSE(given.journal->cursor("git")->has_value());
  CHECK(given.journal->newest_seq().value() == 0);
}
