// Conformance: what is due, who has it, until when, and that nothing is taken twice.
#include "tests/journal/conformance.hpp"

using namespace penstock::journal;
using namespace penstock::journal::testing;

TEMPLATE_TEST_CASE("a claim takes what is due, the oldest first, and leases it", "", PENSTOCK_JOURNALS) {
  Given<TestType> given;
  given.kept(putting({due_row("c", at(30)), due_row("a", at(10)), due_row("b2", at(20)), due_row("b1", at(20)),
                      due_row("later", at(100))}));
  const auto first = given.journal->claim(at(50), at(60), 3).value();
  CHECK(keys(first) == std::vector<std::string>{"a", "b1", "b2"});
  CHECK(first.front().tries == 1);
  CHECK(first.front().leased_until == at(60));
  CHECK(first.front().due == at(10));
  CHECK(first.front().kind == "check");
  CHECK(first.front().lane == fraud);
  CHECK(first.front().promotion == "prm_1");
  CHECK(first.front().document == R"({"gate":"smoke"})");
  CHECK(keys(given.journal->claim(at(50), at(61), 3).value()) == std::vector<std::string>{"c"});
  CHECK(given.journal->claim(at(59), at(99), 3)->empty());
}

TEMPLATE_TEST_CASE("a row is due from its very millisecond on", "", PENSTOCK_JOURNALS) {
  Given<TestType> given;
  given.kept(putting({due_row("a", at(10))}));
  CHECK(given.journal->claim(at(9), at(20), 5)->empty());
  CHECK(given.journal->claim(at(10), at(20), 5)->size() == 1);
}

TEMPLATE_TEST_CASE("a lease that has ended lets the row be taken again, and counts another try", "",
                   PENSTOCK_JOURNALS) {
  Given<TestType> given;
  given.kept(putting({due_row("a", at(10)), due_row("z", at(5))}));
  CHECK(keys(given.journal->claim(at(10), at(20), 1).value()) == std::vector<std::string>{"z"});
  CHECK(keys(given.journal->claim(at(10), at(30), 1).value()) == std::vector<std::string>{"a"});
  CHECK(given.journal->claim(at(19), at(40), 5)->empty());
  given.kept(putting({due_row("m", at(7))}));
  // z is taken back, m was never taken; the oldest due goes first whoever had it.
  const auto again = given.journal->claim(at(20), at(40), 5).value();
  CHECK(keys(again) == std::vector<std::string>{"z", "m"});
  CHECK(again.front().tries == 2);
  CHECK(again.back().tries == 1);
  CHECK(keys(given.journal->claim(at(30), at(50), 1).value()) == std::vector<std::string>{"a"});
}

TEMPLATE_TEST_CASE("a claim of nothing takes nothing, and one that ends before it begins is refused", "",
                   PENSTOCK_JOURNALS) {
  Given<TestType> given;
  given.kept(putting({due_row("a", at(10))}));
  CHECK(given.journal->claim(at(10), at(20), 0)->empty());
  CHECK(given.journal->claim(at(10), at(20), -1)->empty());
  CHECK(given.journal->claim(at(10), at(10), 5).error().code == "journal-failed");
  CHECK(given.journal->claim(at(10), at(20), 5)->size() == 1);
}

TEMPLATE_TEST_CASE("voided leases let everything that is due be taken at once", "", PENSTOCK_JOURNALS) {
  Given<TestType> given;
  given.kept(putting({due_row("a", at(10)), due_row("b", at(11)), due_row("c", at(99))}));
  CHECK(given.journal->claim(at(20), at(1000), 5)->size() == 2);
  CHECK(given.journal->claim(at(20), at(1000), 5)->empty());
  REQUIRE(given.journal->void_leases());
  CHECK(keys(given.journal->claim(at(20), at(1000), 5).value()) == std::vector<std::string>{"a", "b"});
}

TEMPLATE_TEST_CASE("a row that is put with a lease is nobody else's until the lease ends", "", PENSTOCK_JOURNALS) {
  Given<TestType> given;
  auto row = due_row("a", at(10));
  row.leased_until = at(50);
  row.tries = 1;
  given.kept(putting({row}));
  CHECK(given.journal->claim(at(49), at(60), 5)->empty());
  CHECK(given.journal->next_due().value() == at(50));
  CHECK_FALSE(given.journal->oldest_due(at(49))->has_value());
  CHECK(given.journal->oldest_due(at(50)).value() == at(10));
  const auto claimed = given.journal->claim(at(50), at(60), 5).value();
  REQUIRE(claimed.size() == 1);
  CHECK(claimed.front().tries == 2);
}

TEMPLATE_TEST_CASE("a lease that ends before the row is due is no lease", "", PENSTOCK_JOURNALS) {
  Given<TestType> given;
  auto row = due_row("a", at(100));
  row.leased_until = at(50);
  given.kept(putting({row}));
  CHECK(given.journal->next_due().value() == at(100));
  CHECK(given.journal->claim(at(60), at(70), 5)->empty());
  CHECK(given.journal->claim(at(100), at(110), 5)->size() == 1);
}

TEMPLATE_TEST_CASE("putting a key that is there replaces the row with its lease and tries", "", PENSTOCK_JOURNALS) {
  Given<TestType> given;
  given.kept(putting({due_row("a", at(10))}));
  auto row = given.journal->claim(at(10), at(50), 1)->front();
  row.due = at(30);
  row.leased_until.reset();
  row.document = "postponed";
  given.kept(putting({row}));
  CHECK(given.journal->claim(at(29), at(60), 5)->empty());
  const auto again = given.journal->claim(at(30), at(60), 5).value();
  REQUIRE(again.size() == 1);
  CHECK(again.front().tries == 2);
  CHECK(again.front().document == "postponed");
}

TEMPLATE_TEST_CASE("dropped rows are gone, and absent ones are no error", "", PENSTOCK_JOURNALS) {
  Given<TestType> given;
  given.kept(putting({due_row("a", at(1), "prm_1"), due_row("b", at(2), "prm_1"), due_row("c", at(3), "prm_2"),
                      due_row("d", at(4), "prm_3")}));
  CHECK(given.journal->claim(at(5), at(6), 5)->size() == 4);
  Write drop;
  drop.drop_keys = {"d", "absent"};
  drop.drop_promotions = {"prm_1", "prm_absent"};
  given.kept(drop);
  CHECK(keys(given.journal->claim(at(9), at(20), 5).value()) == std::vector<std::string>{"c"});
}

TEMPLATE_TEST_CASE("what is done goes as it was claimed, and not what a decision has put in its place", "",
                   PENSTOCK_JOURNALS) {
  Given<TestType> given;
  given.kept(putting({due_row("t", at(1))}));
  CHECK(given.journal->claim(at(2), at(20), 5)->size() == 1);
  // The lane sets the timer anew while its first end is being carried out, and then the timer is done.
  given.kept(putting({due_row("t", at(30))}));
  Write done;
  done.drop_keys = {"t"};
  given.kept(done);
  CHECK(given.journal->next_due().value() == at(30));
  Write called_off;
  called_off.lane = {"m", "production"};
  called_off.expected_version = 0;
  called_off.drop_keys = {"t"};
  given.kept(called_off);
  CHECK_FALSE(given.journal->next_due()->has_value());
}

TEMPLATE_TEST_CASE("a Write drops before it puts", "", PENSTOCK_JOURNALS) {
  Given<TestType> given;
  given.kept(putting({due_row("a", at(1), "prm_1"), due_row("b", at(2), "prm_1"), due_row("t", at(3), "prm_2")}));
  Write write;
  write.drop_promotions = {"prm_1"};
  write.drop_keys = {"t"};
  write.outbox = {due_row("a", at(5), "prm_1"), due_row("t", at(6), "prm_2")};
  given.kept(write);
  const auto left = given.journal->claim(at(9), at(20), 5).value();
  CHECK(keys(left) == std::vector<std::string>{"a", "t"});
  CHECK(left.front().due == at(5));
}

TEMPLATE_TEST_CASE("the next due time is the earliest of free rows and of ends of leases", "", PENSTOCK_JOURNALS) {
  Given<TestType> given;
  given.kept(putting({due_row("a", at(10)), due_row("b", at(40))}));
  CHECK(given.journal->next_due().value() == at(10));
  CHECK(given.journal->claim(at(10), at(30), 1)->size() == 1);
  CHECK(given.journal->next_due().value() == at(30));
  CHECK(given.journal->claim(at(30), at(90), 1)->size() == 1);
  CHECK(given.journal->next_due().value() == at(40));
  CHECK(given.journal->claim(at(40), at(90), 1)->size() == 1);
  Write drop;
  drop.drop_keys = {"a", "b"};
  given.kept(drop);
  CHECK_FALSE(given.journal->next_due()->has_value());
}

TEMPLATE_TEST_CASE("what is late is what is due and in nobody's hands", "", PENSTOCK_JOURNALS) {
  Given<TestType> given;
  given.kept(putting({due_row("a", at(10)), due_row("b", at(20))}));
  CHECK_FALSE(given.journal->oldest_due(at(9))->has_value());
  CHECK(given.journal->oldest_due(at(25)).value() == at(10));
  CHECK(given.journal->claim(at(25), at(50), 1)->size() == 1);
  CHECK(given.journal->oldest_due(at(25)).value() == at(20));
  CHECK(given.journal->oldest_due(at(50)).value() == at(10));
}
