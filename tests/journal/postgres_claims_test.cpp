// What daemons on one PostgreSQL have claimed of one another's work.
#include <thread>

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

TEST_CASE("no row is claimed by two daemons that claim at once") {
  Given<Postgres> given;
  std::vector<std::unique_ptr<Mailbox>> mailboxes;
  std::vector<std::unique_ptr<Journal>> daemons;
  for (int i = 0; i < 3; ++i) {
    mailboxes.push_back(std::make_unique<Mailbox>());
    daemons.push_back(given.adapter.open(mailboxes.back()->post()));
  }
  Write write;
  for (int i = 0; i < 400; ++i) write.outbox.push_back(due_row("check/" + std::to_string(i), at(i % 7)));
  given.kept(write);
  std::mutex mutex;
  std::vector<std::string> taken;
  std::vector<std::thread> claimers;
  for (auto& daemon : daemons)
    claimers.emplace_back([&] {
      while (true) {
        {
          const std::lock_guard lock(mutex);
          if (taken.size() >= 400) return;
        }
        const auto rows = daemon->claim(at(10), at(1'000'000), 7);
        if (!rows) return;
        const std::lock_guard lock(mutex);
        for (const auto& row : *rows) taken.push_back(row.key);
      }
    });
  for (auto& claimer : claimers) claimer.join();
  CHECK(taken.size() == 400);
  std::sort(taken.begin(), taken.end());
  CHECK(std::adjacent_find(taken.begin(), taken.end()) == taken.end());
}

TEST_CASE("what one daemon has done does not take the row that another one has claimed by then") {
  Given<Postgres> given;
  Mailbox mailbox;
  const auto other = given.adapter.open(mailbox.post());
  given.kept(putting({due_row("t", at(1))}));
  REQUIRE(given.journal->claim(at(10), at(20), 1)->size() == 1);
  REQUIRE(testing::commit(*other, mailbox, putting({due_row("t", at(15))})).has_value());
  REQUIRE(other->claim(at(15), at(40), 1)->size() == 1);
  Write done;
  done.drop_keys = {"t"};
  given.kept(done);
  CHECK(given.journal->next_due().value() == at(40));
  REQUIRE(testing::commit(*other, mailbox, done).has_value());
  CHECK_FALSE(given.journal->next_due()->has_value());
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
