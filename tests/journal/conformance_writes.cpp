// Conformance: what a Write does, and how it is answered.
#include "tests/journal/conformance.hpp"

using namespace penstock::journal;
using namespace penstock::journal::testing;
namespace core = penstock::core;

TEMPLATE_TEST_CASE("an empty journal knows nothing", "", PENSTOCK_JOURNALS) {
  Given<TestType> given;
  auto& journal = *given.journal;
  CHECK(journal.lane(fraud)->version == 0);
  CHECK(journal.lane(fraud)->promotions.empty());
  CHECK(journal.newest_seq().value() == 0);
  CHECK(journal.lanes()->empty());
  CHECK_FALSE(journal.promotion("prm_1")->has_value());
  CHECK_FALSE(journal.candidate(digest(1))->has_value());
  CHECK_FALSE(journal.policy(digest(1))->has_value());
  CHECK_FALSE(journal.cursor("git")->has_value());
  CHECK_FALSE(journal.remembered("k", at(0))->has_value());
  CHECK_FALSE(journal.next_due()->has_value());
  CHECK_FALSE(journal.oldest_due(at(0))->has_value());
}

TEMPLATE_TEST_CASE("a Write's rows come back as they were", "", PENSTOCK_JOURNALS) {
  Given<TestType> given;
  auto write = opening("prm_1", 1, 0);
  write.policies.push_back({digest(5), R"({"p":"ü"})"});
  write.cursors["git"] = "commit-9";
  write.remember.push_back({"key", "answer", at(100)});
  write.promotions.front().document = std::string("zero\0inside", 11);
  CHECK(given.kept(write).last_seq == 1);

  const auto lane = given.journal->lane(fraud).value();
  CHECK(lane.version == 1);
  REQUIRE(lane.promotions.size() == 1);
  const auto stored = given.journal->promotion("prm_1").value().value();
  CHECK(stored.lane == fraud);
  CHECK(stored.candidate == digest(1));
  CHECK(stored.version == "7");
  CHECK(stored.phase == "checking");
  CHECK_FALSE(stored.ended);
  CHECK(stored.opened_at == at(1));
  CHECK(stored.changed_at == at(2));
  CHECK(stored.document == write.promotions.front().document);
  const auto seen = given.journal->candidate(digest(1)).value().value();
  CHECK(seen.document == R"({"model":"fraud"})");
  CHECK(seen.model == "fraud");
  CHECK(seen.version == "7");
  CHECK(seen.submitter == "ada");
  CHECK(seen.trigger == "api");
  CHECK(seen.seen_at == at(1));
  CHECK(given.journal->policy(digest(5)).value()->document == R"({"p":"ü"})");
  CHECK(given.journal->cursor("git").value() == "commit-9");
  CHECK(given.journal->remembered("key", at(99)).value() == "answer");
  const auto events = given.journal->events(0, 10).value();
  REQUIRE(events.size() == 1);
  CHECK(events.front().seq == 1);
  CHECK(events.front().at == at(3));
  CHECK(events.front().lane == fraud);
  CHECK(events.front().promotion == "prm_1");
  CHECK(events.front().name == "candidate_seen");
  CHECK(events.front().document == R"({"a":1})");
}

TEMPLATE_TEST_CASE("a lane holds its open promotions in the order in which they were opened", "", PENSTOCK_JOURNALS) {
  Given<TestType> given;
  given.kept(opening("prm_b", 1, 0));
  given.kept(opening("prm_a", 2, 1));
  given.kept(opening("prm_c", 3, 2));
  Write change;
  change.lane = fraud;
  change.expected_version = 3;
  change.promotions = {promotion("prm_c", 3, fraud, "live"), promotion("prm_b", 1, fraud, "rejected", true)};
  change.promotions.front().document = "changed";
  change.promotions.front().changed_at = at(50);
  given.kept(change);

  const auto lane = given.journal->lane(fraud).value();
  CHECK(lane.version == 4);
  CHECK(ids(lane.promotions) == std::vector<std::string>{"prm_a", "prm_c"});
  CHECK(lane.promotions.back().phase == "live");
  CHECK(lane.promotions.back().document == "changed");
  CHECK(lane.promotions.back().changed_at == at(50));
  CHECK(given.journal->promotion("prm_b").value()->ended);
  CHECK(given.journal->promotion("prm_b").value()->phase == "rejected");
}

TEMPLATE_TEST_CASE("a policy that is there is left as it is", "", PENSTOCK_JOURNALS) {
  Given<TestType> given;
  Write write;
  write.policies = {{digest(5), "first"}};
  given.kept(write);
  write.policies = {{digest(5), "second"}, {digest(6), "other"}};
  given.kept(write);
  CHECK(given.journal->policy(digest(5)).value()->document == "first");
  CHECK(given.journal->policy(digest(6)).value()->document == "other");
}

TEMPLATE_TEST_CASE("the events of a Write have consecutive seqs that end with the receipt's", "", PENSTOCK_JOURNALS) {
  Given<TestType> given;
  Write three;
  three.events = {event("prm_1", "a"), event("prm_2", "b"), event("prm_1", "c")};
  Write none;
  none.cursors["git"] = "1";
  auto refused = opening("prm_9", 9, 5);
  const auto receipts = given.commit({three, none, refused, three});
  CHECK(receipts[0]->last_seq == 3);
  CHECK(receipts[1]->last_seq == 3);
  CHECK(receipts[3]->last_seq - 2 > 3);
  CHECK(given.journal->newest_seq().value() == receipts[3]->last_seq);

  const auto all = given.journal->events(0, 100).value();
  REQUIRE(all.size() == 6);
  CHECK(all[5].seq == receipts[3]->last_seq);
  CHECK(all[3].seq == receipts[3]->last_seq - 2);
  CHECK(given.journal->events(all[1].seq, 2)->front().name == "c");
  CHECK(given.journal->events(all[1].seq, 2)->size() == 2);
  CHECK(given.journal->events(all[5].seq, 2)->empty());
  CHECK(given.journal->events(0, 0)->empty());
  CHECK(given.journal->events(0, -1)->empty());
  const auto name = [](const auto& row) { return row.name; };
  CHECK(keys(given.journal->events_of("prm_1", 3).value(), name) == std::vector<std::string>{"a", "c", "a"});
  CHECK(keys(given.journal->events_of("prm_1", 2, all[0].seq).value(), name) == std::vector<std::string>{"c", "a"});
  CHECK(given.journal->events_of("prm_1", 3, all[5].seq)->empty());
  CHECK(given.journal->events_of("prm_7", 3)->empty());
}

TEMPLATE_TEST_CASE("answers come through the post, in the order of the commits", "", PENSTOCK_JOURNALS) {
  Given<TestType> given;
  std::vector<int> order;
  for (int i = 0; i < 100; ++i) {
    Write write;
    write.cursors["git"] = std::to_string(i);
    given.journal->commit({write}, [&order, i](Receipts) { order.push_back(i); });
  }
  CHECK(order.empty());
  for (int i = 0; i < 100; ++i) REQUIRE(given.mailbox.run_one());
  CHECK(std::is_sorted(order.begin(), order.end()));
  CHECK(order.size() == 100);
  CHECK(given.journal->cursor("git").value() == "99");
  CHECK(given.journal->statistics().writes == 100);
}

TEMPLATE_TEST_CASE("a commit of nothing is answered with nothing", "", PENSTOCK_JOURNALS) {
  Given<TestType> given;
  CHECK(given.commit(std::vector<Write>{}).empty());
}

TEMPLATE_TEST_CASE("a journal that is destroyed finishes and answers everything it was given", "", PENSTOCK_JOURNALS) {
  Given<TestType> given;
  int kept = 0;
  for (int i = 0; i < 300; ++i)
    given.journal->commit({opening("prm_" + std::to_string(i), static_cast<std::uint64_t>(i), i)},
                          [&](Receipts receipts) { kept += receipts.at(0).has_value() ? 1 : 0; });
  given.journal.reset();
  CHECK(given.mailbox.waiting() == 300);
  while (given.mailbox.waiting() > 0) given.mailbox.run_one();
  CHECK(kept == 300);
}
