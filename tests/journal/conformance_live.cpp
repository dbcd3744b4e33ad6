// Conformance: what was live when.
#include <random>

#include "tests/journal/conformance.hpp"
#include "tests/journal/live.hpp"

using namespace penstock::journal;
using namespace penstock::journal::testing;
namespace core = penstock::core;

TEMPLATE_TEST_CASE("what was live is listed newest first, with who it was, since when and until when", "",
                   PENSTOCK_JOURNALS) {
  Given<TestType> given;
  CHECK(given.journal->live_spans(fraud, std::nullopt, 10)->empty());
  open_three(given);
  given.kept(changing({began("prm_1", 1, 100)}, 3));
  given.kept(changing({ended("prm_1", 200), began("prm_2", 2, 200)}, 4));

  const auto spans = given.journal->live_spans(fraud, std::nullopt, 10).value();
  REQUIRE(spans.size() == 2);
  CHECK(spans[0].promotion == "prm_2");
  CHECK(spans[0].candidate == digest(2));
  CHECK(spans[0].version == "7");
  CHECK(spans[0].since == at(200));
  CHECK_FALSE(spans[0].until.has_value());
  CHECK(spans[1].promotion == "prm_1");
  CHECK(spans[1].candidate == digest(1));
  CHECK(spans[1].since == at(100));
  CHECK(spans[1].until == at(200));

  CHECK(text(given.journal->live_spans(fraud, std::nullopt, 1)) == "prm_2[200,) ");
  CHECK(given.journal->live_spans(fraud, std::nullopt, 0)->empty());
  CHECK(given.journal->live_spans(fraud, std::nullopt, -1)->empty());
  CHECK(given.journal->live_spans({"fraud", "staging"}, std::nullopt, 10)->empty());
}

TEMPLATE_TEST_CASE("what was live is read page by page, each from where the one before ended", "", PENSTOCK_JOURNALS) {
  Given<TestType> given;
  open_three(given);
  given.kept(changing({began("prm_1", 1, 100)}, 3));
  given.kept(changing({ended("prm_1", 200), began("prm_2", 2, 200)}, 4));
  given.kept(changing({ended("prm_2", 300), began("prm_1", 1, 300)}, 5));
  const auto first = given.journal->live_spans(fraud, std::nullopt, 1).value();
  CHECK(text(first) == "prm_1[300,) ");
  // What becomes live meanwhile is in no later page.
  given.kept(changing({ended("prm_1", 400), began("prm_3", 3, 400)}, 6));
  const auto second = given.journal->live_spans(fraud, std::nullopt, 1, first.back().number).value();
  CHECK(text(second) == "prm_2[200,300) ");
  CHECK(second.back().number < first.back().number);
  const auto third = given.journal->live_spans(fraud, std::nullopt, 5, second.back().number).value();
  CHECK(text(third) == "prm_1[100,200) ");
  CHECK(given.journal->live_spans(fraud, std::nullopt, 5, third.back().number)->empty());
  CHECK(given.journal->live_spans(fraud, at(350), 5, second.back().number)->empty());
  CHECK(given.journal->live_spans({"fraud", "staging"}, std::nullopt, 5, first.back().number)->empty());
}

TEMPLATE_TEST_CASE("at an instant, a span holds its beginning and not its end", "", PENSTOCK_JOURNALS) {
  Given<TestType> given;
  open_three(given);
  given.kept(changing({began("prm_1", 1, 100)}, 3));
  given.kept(changing({ended("prm_1", 200)}, 4));
  given.kept(changing({began("prm_2", 2, 300)}, 5));
  const auto live_at = [&](std::int64_t time) { return text(given.journal->live_spans(fraud, at(time), 10)); };
  CHECK(live_at(99).empty());
  CHECK(live_at(100) == "prm_1[100,200) ");
  CHECK(live_at(199) == "prm_1[100,200) ");
  CHECK(live_at(200).empty());
  CHECK(live_at(299).empty());
  CHECK(live_at(300) == "prm_2[300,) ");
  CHECK(live_at(1'000'000'000) == "prm_2[300,) ");
  CHECK(given.journal->live_spans(fraud, at(150), 0)->empty());
  CHECK(given.journal->live_spans({"fraud", "staging"}, at(150), 10)->empty());
}

TEMPLATE_TEST_CASE("a promotion may be live again, and its first span stays", "", PENSTOCK_JOURNALS) {
  Given<TestType> given;
  open_three(given);
  given.kept(changing({began("prm_1", 1, 100)}, 3));
  // The order within a Write does not matter.
  given.kept(changing({began("prm_2", 2, 200), ended("prm_1", 200)}, 4));
  given.kept(changing({ended("prm_2", 300), began("prm_1", 1, 300)}, 5));
  CHECK(text(given.journal->live_spans(fraud, std::nullopt, 10)) == "prm_1[300,) prm_2[200,300) prm_1[100,200) ");
  // At one instant, in one Write.
  given.kept(changing({ended("prm_1", 400), began("prm_1", 1, 400)}, 6));
  CHECK(text(given.journal->live_spans(fraud, std::nullopt, 2)) == "prm_1[400,) prm_1[300,400) ");
  CHECK(text(given.journal->live_spans(fraud, at(400), 10)) == "prm_1[400,) ");
}

TEMPLATE_TEST_CASE("a promotion may be opened and live, or live and over, in one decision", "", PENSTOCK_JOURNALS) {
  Given<TestType> given;
  auto write = opening("prm_1", 1, 0);
  LiveChange over = began("prm_1", 1, 100);
  over.ended = at(150);
  write.live_changes = {over};
  CHECK(given.kept(write).last_seq == 1);
  write = opening("prm_2", 2, 1);
  write.events.push_back(event("prm_2"));
  write.live_changes = {began("prm_2", 2, 200)};
  // The seqs of a Write's events are theirs, whatever else it inserts.
  CHECK(given.kept(write).last_seq == 3);
  CHECK(given.kept(changing({ended("prm_2", 300), began("prm_1", 1, 300)}, 2)).last_seq == 3);
  CHECK(text(given.journal->live_spans(fraud, std::nullopt, 10)) == "prm_1[300,) prm_2[200,300) prm_1[100,150) ");
}

TEMPLATE_TEST_CASE("where the clock went back, a span ends when it began and the newest holds the instant", "",
                   PENSTOCK_JOURNALS) {
  Given<TestType> given;
  open_three(given);
  given.kept(changing({began("prm_1", 1, 1000)}, 3));
  given.kept(changing({ended("prm_1", 1300), began("prm_2", 2, 1300)}, 4));
  given.kept(changing({ended("prm_2", 500), began("prm_3", 3, 500)}, 5));
  CHECK(text(given.journal->live_spans(fraud, std::nullopt, 10)) == "prm_3[500,) prm_2[1300,1300) prm_1[1000,1300) ");
  CHECK(text(given.journal->live_spans(fraud, at(1100), 10)) == "prm_3[500,) ");
  CHECK(text(given.journal->live_spans(fraud, at(1300), 10)) == "prm_3[500,) ");
  given.kept(changing({ended("prm_3", 600)}, 6));
  CHECK(text(given.journal->live_spans(fraud, at(1100), 10)) == "prm_1[1000,1300) ");
  CHECK(given.journal->live_spans(fraud, at(1300), 10)->empty());
}

TEMPLATE_TEST_CASE("any history answers every question as the plainest reading of it does", "", PENSTOCK_JOURNALS) {
  Given<TestType> given;
  std::mt19937 random(5);
  const std::vector<core::LaneKey> lanes{fraud, {"fraud", "staging"}, {"spam", "production"}};
  std::map<core::LaneKey, std::vector<LiveSpan>> history;
  std::vector<Write> writes;
  for (std::uint64_t i = 0; i < 300; ++i) {
    const auto& lane = lanes.at(random() % lanes.size());
    auto& spans = history[lane];
    const bool is_live = !spans.empty() && !spans.back().until;
    const auto now = static_cast<std::int64_t>(10 * i + random() % 40);  // sometimes before the one before
    auto write = opening("prm_" + std::to_string(i), i, 0, lane);
    if (random() % 4 != 0) write.live_changes.push_back(began("prm_" + std::to_string(i), i, now));
    if (is_live && (!write.live_changes.empty() || random() % 2 == 0)) {
      write.live_changes.push_back(ended(spans.back().promotion, now));
      spans.back().until = std::max(spans.back().since, at(now));
    }
    if (!write.live_changes.empty() && write.live_changes.front().began)
      spans.push_back({"prm_" + std::to_string(i), digest(i), "7", at(now), std::nullopt});
    write.expected_version = static_cast<std::int64_t>(
        std::count_if(writes.begin(), writes.end(), [&](const Write& one) { return one.lane == lane; }));
    writes.push_back(std::move(write));
  }
  for (const auto& receipt : given.commit(std::move(writes))) REQUIRE(receipt.has_value());

  std::size_t found = 0;
  for (const auto& lane : lanes) {
    auto wanted = history[lane];
    std::reverse(wanted.begin(), wanted.end());
    REQUIRE(text(given.journal->live_spans(lane, std::nullopt, 1000)) == text(wanted));
    found += wanted.size();
    for (std::int64_t time = -5; time < 3100; time += 7) {
      std::vector<LiveSpan> holding;
      for (const auto& span : wanted)
        if (holding.empty() && span.since <= at(time) && (!span.until || at(time) < *span.until))
          holding.push_back(span);
      REQUIRE(text(given.journal->live_spans(lane, at(time), 1000)) == text(holding));
    }
  }
  CHECK(found > 150);
}
