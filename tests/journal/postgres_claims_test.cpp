// What daemons on one PostgreSQL have claimed of one another's work.
#include "daemon/journal/shared.hpp"
#include "tests/journal/conformance.hpp"

using namespace penstock::journal;
using namespace penstock::journal::testing;

TEST_CASE("what one daemon has claimed another one does not get, until the first one leaves") {
  Given<Postgres> given;
  Mailbox mailbox;
  auto other = given.adapter.open(mailbox.post());
  given.kept(putting({due_row("a", at(1)), due_row("b", at(2)), due_row("c", at(3))}));
  auto handed_over = due_row("d", at(4));
  handed_over.leased_until = at(1'000'000);
  REQUIRE(testing::commit(*other, mailbox, putting({handed_over})).has_value());
  CHECK(keys(other->claim(at(10), at(1'000'000), 2).value()) == std::vector<std::string>{"a", "b"});
  CHECK(keys(given.journal->claim(at(10), at(1'000'000), 9).value()) == std::vector<std::string>{"c"});
  // Voiding is for what nobody in force holds, and for one's own.
  REQUIRE(given.journal->void_leases());
  CHECK(keys(given.journal->claim(at(10), at(1'000'000), 9).value()) == std::vector<std::string>{"c"});
  other.reset();
  CHECK(keys(given.journal->claim(at(10), at(1'000'000), 9).value()) == std::vector<std::string>{"a", "b", "d"});
}

TEST_CASE("a daemon knows what another one has claimed in a lane, and until when") {
  Given<Postgres> given;
  Mailbox mailbox;
  const auto other = given.adapter.open(mailbox.post());
  const auto row = due_row("a", at(1));
  given.kept(putting({row}));
  auto& shared = *given.journal->shared();
  REQUIRE(other->claim(at(10), at(1'000), 1)->size() == 1);
  CHECK(shared.others_claim(row.lane, row.kind, at(10)).value());
  CHECK_FALSE(shared.others_claim(row.lane, row.kind, at(1'000)).value());
  CHECK_FALSE(shared.others_claim(row.lane, "another", at(10)).value());
  CHECK_FALSE(shared.others_claim({row.lane.model, "elsewhere"}, row.kind, at(10)).value());
  CHECK_FALSE(other->shared()->others_claim(row.lane, row.kind, at(10)).value());
}
