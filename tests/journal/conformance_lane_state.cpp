// Conformance: the lane's own document.
#include "tests/journal/conformance.hpp"

using namespace penstock::journal;
using namespace penstock::journal::testing;
namespace core = penstock::core;

namespace {

const core::LaneKey staging{"fraud", "staging"};

// A decision of nothing but the lane's document.
Write stating(std::string document, std::int64_t version, const core::LaneKey& lane = fraud) {
  Write write;
  write.lane = lane;
  write.expected_version = version;
  write.lane_state = std::move(document);
  return write;
}

}  // namespace

TEMPLATE_TEST_CASE("a lane's state comes back as it was and stays until it is replaced", "", PENSTOCK_JOURNALS) {
  Given<TestType> given;
  CHECK(given.journal->lane(fraud)->state.empty());
  given.kept(opening("prm_1", 1, 0));
  CHECK(given.journal->lane(fraud)->state.empty());

  const auto document = R"({"pinned":"ü"})" + std::string("\0behind", 7);
  given.kept(stating(document, 1));
  CHECK(given.journal->lane(fraud)->state == document);
  CHECK(given.journal->lane(fraud)->version == 2);
  CHECK(ids(given.journal->lane(fraud)->promotions) == std::vector<std::string>{"prm_1"});

  given.kept(opening("prm_2", 2, 2));
  CHECK(given.journal->lane(fraud)->state == document);
  given.kept(stating("{}", 3));
  CHECK(given.journal->lane(fraud)->state == "{}");
  given.kept(stating("", 4));
  CHECK(given.journal->lane(fraud)->state.empty());
}

TEMPLATE_TEST_CASE("a lane has a state of its own, also when it never had a promotion", "", PENSTOCK_JOURNALS) {
  Given<TestType> given;
  const auto receipts = given.commit({stating("production's", 0), stating("staging's", 0, staging)});
  CHECK(receipts.at(0).has_value());
  CHECK(receipts.at(1).has_value());
  CHECK(given.journal->lane(fraud)->state == "production's");
  CHECK(given.journal->lane(staging)->state == "staging's");
  CHECK(given.journal->lane(staging)->promotions.empty());
  CHECK(given.journal->lane({"spam", "staging"})->state.empty());
  CHECK(given.journal->lanes()->size() == 2);
}

TEMPLATE_TEST_CASE("a lane's state is not kept when its Write is refused", "", PENSTOCK_JOURNALS) {
  Given<TestType> given;
  given.kept(stating("before", 0));
  auto write = opening("prm_1", 1, 1);
  write.lane_state = "after";
  std::string code;
  SECTION("as a conflict") {
    write.expected_version = 0;
    code = "conflict";
  }
  SECTION("as a conflict, of a lane that was never seen") {
    write = stating("after", 3, staging);
    code = "conflict";
  }
  SECTION("as a duplicate") {
    write.remember = {{"key", "one", at(9)}, {"key", "other", at(9)}};
    code = "duplicate";
  }
  SECTION("because of a promotion without its candidate") {
    write.new_candidates.clear();
    code = "conflict";
  }
  SECTION("because it comes without the lane's version") {
    write = stating("after", 1);
    write.expected_version.reset();
    code = "journal-failed";
  }
  // A Write behind it in the same transaction neither suffers nor brings it back.
  Write behind;
  behind.cursors["git"] = "1";
  const auto receipts = given.commit({write, behind});
  REQUIRE(receipts.at(0).has_error());
  CHECK(receipts.at(0).error().code == code);
  CHECK(receipts.at(1).has_value());
  CHECK(given.journal->lane(fraud)->state == "before");
  CHECK(given.journal->lane(fraud)->version == 1);
  CHECK(given.journal->lane(staging)->state.empty());
  CHECK(given.journal->lane(staging)->version == 0);
}
