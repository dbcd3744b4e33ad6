// What daemons on one PostgreSQL have claimed of one another's work.
#include "daemon/journal/shared.hpp"
#include "tests/journal/conformance.hpp"

namespace core = penstock::core;
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
  const auto is_claimed = [&](Shared& by, const core::LaneKey& lane, const std::string& kind, Time now) {
    return by.standings({{lane, kind}}, now).value().front().claimed_elsewhere;
  };
  CHECK(is_claimed(shared, row.lane, row.kind, at(10)));
  CHECK_FALSE(is_claimed(shared, row.lane, row.kind, at(1'000)));
  CHECK_FALSE(is_claimed(shared, row.lane, "another", at(10)));
  CHECK_FALSE(is_claimed(shared, row.lane, "", at(10)));
  CHECK_FALSE(is_claimed(shared, {row.lane.model, "elsewhere"}, row.kind, at(10)));
  CHECK_FALSE(is_claimed(*other->shared(), row.lane, row.kind, at(10)));
}

TEST_CASE("how lanes stand is answered for each in the order asked, also for those that were never seen") {
  Given<Postgres> given;
  Mailbox mailbox;
  const auto other = given.adapter.open(mailbox.post());
  const core::LaneKey twice{"m", "twice"};
  const core::LaneKey once{"m", "once"};
  const auto moving = [](const core::LaneKey& lane, std::int64_t version) {
    Write write;
    write.lane = lane;
    write.expected_version = version;
    return write;
  };
  given.kept(moving(twice, 0));
  given.kept(moving(twice, 1));
  REQUIRE(testing::commit(*other, mailbox, moving(once, 0)).has_value());
  auto row = due_row("a", at(1));
  row.lane = once;
  given.kept(putting({row}));
  REQUIRE(other->claim(at(10), at(1'000), 1)->size() == 1);
  const std::vector<LaneAsked> asked{
      {once, ""}, {{"m", "never"}, row.kind}, {twice, row.kind}, {once, row.kind}, {once, ""}};
  const auto standings = given.journal->shared()->standings(asked, at(10)).value();
  REQUIRE(standings.size() == asked.size());
  CHECK(standings[0].version == 1);
  CHECK(standings[1].version == 0);
  CHECK(standings[2].version == 2);
  CHECK(standings[3].version == 1);
  for (std::size_t i = 0; i < asked.size(); ++i) CHECK(standings[i].claimed_elsewhere == (i == 3));
  CHECK(given.journal->shared()->standings({}, at(10)).value().empty());
}
