// Conformance: Writes that are committed together are what they are one after another. The memory adapter, which is
// given them one by one, tells what that is.
#include <sstream>

#include "tests/chance.hpp"
#include "tests/journal/conformance.hpp"
#include "tests/journal/live.hpp"

namespace penstock::journal::testing {
namespace {

const std::vector<core::LaneKey> lanes{{"a", "production"}, {"b", "production"}, {"b", "staging"}, {"c", "production"}};

// Makes Writes that fit to what a journal holds, or with one mistake in some of them.
class Author {
 public:
  Author(std::uint64_t seed, Journal& journal) : chance_(seed), journal_(journal), makes_mistakes_(seed % 2 == 0) {}

  Write next() {
    Write write;
    const auto kind = chance_.below(10);
    if (kind == 0) {
      write.lane = core::every_lane;
      write.expected_version = version_of(core::every_lane);
      write.lane_state = R"({"n":)" + std::to_string(++made_) + "}";
    } else if (kind <= 7) {
      decide(write);
    }
    for (auto i = chance_.below(3); i > 0; --i) write.outbox.push_back(row(write.lane));
    for (auto i = chance_.below(3); i > 0; --i) write.drop_keys.push_back(key());
    if (chance_.percent(20)) write.cursors[chance_.percent(50) ? "git" : "shelf"] = std::to_string(++made_);
    if (chance_.percent(20)) write.remember.push_back({"answer " + std::to_string(++made_), "yes", at(1'000'000)});
    if (chance_.percent(20)) write.policies.push_back({digest(5000 + chance_.below(4)), std::to_string(++made_)});
    write.events.push_back(event("prm", "candidate_seen", write.lane));
    if (chance_.percent(50)) write.audit.push_back({0, "prm", "entry " + std::to_string(++made_)});
    if (makes_mistakes_ && chance_.percent(10)) mistake(write);
    return write;
  }

 private:
  std::int64_t version_of(const core::LaneKey& key) { return journal_.lane(key).value().version; }

  // In a lane: opens a promotion, moves or ends one, begins or ends being live.
  void decide(Write& write) {
    write.lane = chance_.one_of(lanes);
    const auto stored = journal_.lane(write.lane).value();
    write.expected_version = stored.version;
    if (chance_.percent(70)) write.every_lane_version = version_of(core::every_lane);
    const auto spans = journal_.live_spans(write.lane, std::nullopt, 1).value();
    const bool is_live = !spans.empty() && !spans.front().until;
    if (stored.promotions.empty() || chance_.percent(30)) {
      const auto number = ++candidates_;
      write.new_candidates.push_back(candidate(number, write.lane.model));
      write.promotions.push_back(promotion("prm_" + std::to_string(number), number, write.lane));
      write.promotions.back().document = std::string(chance_.below(4000), 'd');
      if (is_live || chance_.percent(50)) return;
      write.live_changes = {began(write.promotions.front().id, number, ++time_)};
      if (chance_.percent(30)) write.live_changes.front().ended = at(++time_);
      return;
    }
    auto row = chance_.one_of(stored.promotions);
    row.phase = "phase " + std::to_string(++made_);
    row.ended = chance_.percent(40);
    if (row.ended || chance_.percent(10)) write.drop_promotions.push_back(row.id);
    if (is_live) write.live_changes.push_back(ended(spans.front().promotion, ++time_));
    if (chance_.percent(50)) {
      LiveChange change{row.id, row.candidate, row.version, at(++time_), std::nullopt};
      write.live_changes.insert(write.live_changes.begin(), change);
    }
    write.promotions.push_back(std::move(row));
    if (chance_.percent(20)) write.lane_state = R"({"n":)" + std::to_string(++made_) + "}";
  }

  void mistake(Write& write) {
    switch (chance_.below(4)) {
      case 0:
        if (write.expected_version) ++*write.expected_version;
        break;
      case 1:
        write.every_lane_version = 77;
        break;
      case 2:
        if (candidates_ > 0) write.new_candidates.push_back(candidate(1 + chance_.below(candidates_)));
        break;
      default:
        for (auto& row : write.promotions) row.opened_at = at(77);
        for (auto& change : write.live_changes) change.promotion = "prm_of_nobody";
    }
  }

  std::string key() { return "key " + std::to_string(chance_.below(8)); }
  OutboxRow row(const core::LaneKey& lane) {
    const auto number = candidates_ < 6 ? candidates_ : candidates_ - chance_.below(6);
    auto made = due_row(key(), at(static_cast<std::int64_t>(++made_)), "prm_" + std::to_string(number));
    made.lane = lane;
    made.tries = chance_.between(0, 3);
    if (chance_.percent(50)) made.leased_until = at(chance_.between(0, 1'000'000));
    return made;
  }

  tests::Chance chance_;
  Journal& journal_;
  const bool makes_mistakes_;
  std::uint64_t candidates_ = 0;
  std::int64_t time_ = 0;
  std::uint64_t made_ = 0;
};

std::string all_of(Journal& journal) {
  std::ostringstream told;
  const auto put = [&](const PromotionRow& row) {
    told << row.id << " " << core::to_text(row.lane) << row.candidate.hex() << row.phase << row.ended << row.document
         << "\n";
  };
  auto every = lanes;
  every.push_back(core::every_lane);
  for (const auto& key : every) {
    const auto lane = journal.lane(key).value();
    told << core::to_text(key) << lane.version << lane.state << text(journal.live_spans(key, std::nullopt, 1000))
         << "\n";
    for (const auto& row : lane.promotions) put(row);
  }
  PromotionQuery query;
  query.limit = 10'000;
  for (const auto& row : journal.promotions(query).value()) put(row);
  for (const auto& row : journal.candidates({"", "", "", 10'000}).value()) told << row.id.hex() << row.model << "\n";
  for (const auto& row : journal.events(0, 10'000).value())
    told << row.seq << core::to_text(row.lane) << row.name << "\n";
  for (const auto& row : journal.audit(0, 10'000).value()) told << row.index << row.entry << "\n";
  for (std::uint64_t n = 5000; n < 5004; ++n)
    if (const auto policy = journal.policy(digest(n)).value()) told << policy->document << "\n";
  for (const auto* source : {"git", "shelf"}) told << journal.cursor(source).value().value_or("none") << "\n";
  // Last, because they write: what is free now, and what is when every lease has ended.
  for (const auto now : {500'000, 2'000'000})
    for (const auto& row : journal.claim(at(now), at(now + 1), 10'000).value())
      told << row.key << row.kind << core::to_text(row.lane) << row.promotion << core::to_text(row.due) << row.tries
           << row.document << "\n";
  return told.str();
}

}  // namespace

TEMPLATE_TEST_CASE("Writes that are committed together are kept as if they had come one by one", "",
                   PENSTOCK_JOURNALS) {
  std::size_t refused = 0;
  std::size_t kept = 0;
  for (std::uint64_t seed = 1; seed <= 24; ++seed) {
    CAPTURE(seed);
    Given<Memory> one_by_one;
    Given<TestType> together;
    Author author(seed, *one_by_one.journal);
    for (int batch = 0; batch < 5; ++batch) {
      std::vector<Write> writes;
      std::vector<std::string> expected;
      for (int i = 0; i < 20; ++i) {
        writes.push_back(author.next());
        const auto receipt = one_by_one.commit(writes.back());
        expected.push_back(receipt ? "kept " + std::to_string(receipt->last_seq) : core::to_text(receipt.error()));
        ++(receipt ? kept : refused);
      }
      std::vector<std::string> seen;
      for (const auto& receipt : together.commit(writes))
        seen.push_back(receipt ? "kept " + std::to_string(receipt->last_seq) : core::to_text(receipt.error()));
      REQUIRE(seen == expected);
    }
    REQUIRE(all_of(*together.journal) == all_of(*one_by_one.journal));
  }
  // Of both there were enough.
  CHECK(kept > 1500);
  CHECK(refused > 50);
}

}  // namespace penstock::journal::testing
