// Conformance: lists, against the plainest possible reading of their filters.
#include <algorithm>
#include <random>
#include <set>

#include "tests/journal/conformance.hpp"

using namespace penstock::journal;
using namespace penstock::journal::testing;
namespace core = penstock::core;

namespace {

const std::vector<std::string> models{"", "fraud", "spam", "absent"};
const std::vector<std::string> environments{"", "staging", "production"};
const std::vector<std::string> phases{"", "checking", "live", "rejected"};
const std::vector<std::string> versions{"", "1", "2", "3"};

std::string numbered(int number) {
  auto text = std::to_string(number);
  return "prm_" + std::string(4 - text.size(), '0') + text;
}

// Some hundred promotions over a few lanes, their candidates shared between environments.
std::vector<PromotionRow> fill(Journal& journal, Mailbox& mailbox) {
  std::mt19937 random(7);
  const auto pick = [&](const std::vector<std::string>& from, std::size_t most) {
    return from.at(1 + random() % most);
  };
  std::map<core::LaneKey, std::int64_t> lanes;
  std::set<std::uint64_t> candidates;
  std::vector<PromotionRow> rows;
  std::vector<Write> writes;
  for (int i = 0; i < 200; ++i) {
    const core::LaneKey lane{pick(models, 2), pick(environments, 2)};
    auto phase = pick(phases, 3);
    auto row = promotion(numbered(i), random() % 40, lane, phase, phase == "rejected");
    row.version = pick(versions, 3);
    Write write;
    write.lane = lane;
    write.expected_version = lanes[lane]++;
    const auto number = std::stoull(row.candidate.hex());
    if (candidates.insert(number).second) write.new_candidates.push_back(candidate(number, lane.model, row.version));
    write.promotions.push_back(row);
    rows.push_back(row);
    writes.push_back(std::move(write));
  }
  for (const auto& receipt : commit(journal, mailbox, std::move(writes))) REQUIRE(receipt.has_value());
  return rows;
}

std::vector<std::string> expected(const std::vector<PromotionRow>& rows, const PromotionQuery& query) {
  std::vector<std::string> found;
  for (auto row = rows.rbegin(); row != rows.rend() && static_cast<int>(found.size()) < query.limit; ++row) {
    if (!query.model.empty() && row->lane.model != query.model) continue;
    if (!query.environment.empty() && row->lane.environment != query.environment) continue;
    if (!query.phase.empty() && row->phase != query.phase) continue;
    if (!query.version.empty() && row->version != query.version) continue;
    if (query.candidate && row->candidate != *query.candidate) continue;
    if (query.ended && row->ended != *query.ended) continue;
    if (!query.after.empty() && row->id >= query.after) continue;
    found.push_back(row->id);
  }
  return found;
}

}  // namespace

TEMPLATE_TEST_CASE("every combination of filters lists exactly the promotions that fit, newest first", "",
                   PENSTOCK_JOURNALS) {
  Given<TestType> given;
  const auto rows = fill(*given.journal, given.mailbox);
  int found = 0;
  for (const auto& model : models)
    for (const auto& environment : environments)
      for (const auto& phase : phases)
        for (const auto& version : versions)
          for (const auto& by_candidate : {std::optional<core::Digest>(), std::optional(digest(3))})
            for (const auto ended : {std::optional<bool>(), std::optional(true), std::optional(false)})
              for (const auto& after : {std::string(), numbered(120)}) {
                const PromotionQuery query{model, environment, phase, version, by_candidate, ended, after, 7};
                const auto listed = given.journal->promotions(query);
                REQUIRE(listed.has_value());
                REQUIRE(ids(*listed) == expected(rows, query));
                found += static_cast<int>(listed->size());
              }
  CHECK(found > 1000);
  CHECK(given.journal->promotions({"", "", "", "", {}, {}, "", 0})->empty());
  CHECK(given.journal->promotions({"", "", "", "", {}, {}, "", -5})->empty());
}

TEMPLATE_TEST_CASE("the pages of a list join without gap or repetition", "", PENSTOCK_JOURNALS) {
  Given<TestType> given;
  const auto rows = fill(*given.journal, given.mailbox);
  PromotionQuery query;
  query.limit = 9;
  std::vector<std::string> joined;
  for (;;) {
    const auto page = given.journal->promotions(query).value();
    if (page.empty()) break;
    for (const auto& row : page) joined.push_back(row.id);
    query.after = joined.back();
  }
  query = {};
  query.limit = 1000;
  CHECK(joined == expected(rows, query));
}

TEMPLATE_TEST_CASE("candidates are listed newest first, by model and version, page by page", "", PENSTOCK_JOURNALS) {
  Given<TestType> given;
  Write write;
  std::vector<CandidateRow> rows;
  for (std::uint64_t i = 0; i < 60; ++i) {
    auto row = candidate(i, i % 3 == 0 ? "spam" : "fraud", std::to_string(i % 4));
    row.seen_at = at(static_cast<std::int64_t>(i / 7));  // several in one millisecond
    write.new_candidates.push_back(row);
    rows.push_back(row);
  }
  given.kept(write);
  std::sort(rows.begin(), rows.end(),
            [](const auto& a, const auto& b) { return std::tie(a.seen_at, a.id) > std::tie(b.seen_at, b.id); });
  for (const std::string model : {"", "spam", "fraud", "absent"})
    for (const std::string version : {"", "1", "absent"}) {
      std::vector<std::string> wanted;
      for (const auto& row : rows)
        if ((model.empty() || row.model == model) && (version.empty() || row.version == version))
          wanted.push_back(row.id.hex());
      std::vector<std::string> joined;
      CandidateQuery query{model, version, "", 4};
      for (;;) {
        const auto page = given.journal->candidates(query).value();
        if (page.empty()) break;
        for (const auto& row : page) joined.push_back(row.id.hex());
        query.after = std::to_string(page.back().seen_at.time_since_epoch().count()) + "/" + page.back().id.hex();
      }
      CHECK(joined == wanted);
    }
  for (const std::string broken : {"x", "12", "/", "12x/3", "99999999999999999999/a"})
    CHECK(given.journal->candidates({"", "", broken, 4}).error().code == "bad-cursor");
  CHECK(given.journal->candidates({"", "", "", -1})->empty());
}

TEMPLATE_TEST_CASE("lanes are listed with their versions", "", PENSTOCK_JOURNALS) {
  Given<TestType> given;
  given.kept(opening("prm_1", 1, 0, {"spam", "staging"}));
  given.kept(opening("prm_2", 2, 0, {"fraud", "production"}));
  given.kept(opening("prm_3", 3, 1, {"fraud", "production"}));
  const auto lanes = given.journal->lanes().value();
  REQUIRE(lanes.size() == 2);
  CHECK(lanes[0].key == core::LaneKey{"fraud", "production"});
  CHECK(lanes[0].version == 2);
  CHECK(lanes[1].key == core::LaneKey{"spam", "staging"});
  CHECK(lanes[1].version == 1);
}
