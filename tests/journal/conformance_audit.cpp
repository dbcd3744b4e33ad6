// Conformance: the entries of the audit log.
#include "tests/journal/conformance.hpp"

using namespace penstock::journal;
using namespace penstock::journal::testing;
using namespace std::string_literals;
namespace core = penstock::core;

namespace {

Write noting(std::vector<std::string> entries, const std::string& promotion = "") {
  Write write;
  for (auto& entry : entries) write.audit.push_back({99, promotion, std::move(entry)});
  return write;
}

std::vector<std::string> entries(const std::vector<AuditRow>& rows) {
  std::vector<std::string> found;
  for (const auto& row : rows) found.push_back(std::to_string(row.index) + " " + row.entry);
  return found;
}

using Entries = std::vector<std::string>;

}  // namespace

TEMPLATE_TEST_CASE("audit entries are numbered from 0 in the order of their Writes", "", PENSTOCK_JOURNALS) {
  Given<TestType> given;
  CHECK(given.journal->audit_size().value() == 0);
  CHECK(given.journal->audit(0, 10)->empty());
  given.kept(noting({"a", "b"}));
  auto decision = opening("prm_1", 1, 0);
  decision.audit = {{0, "prm_1", "c"}, {0, "", "d"}};
  for (const auto& receipt : given.commit({decision, noting({"e"}, "prm_1")})) CHECK(receipt.has_value());

  CHECK(given.journal->audit_size().value() == 5);
  CHECK(entries(given.journal->audit(0, 10).value()) == Entries{"0 a", "1 b", "2 c", "3 d", "4 e"});
  CHECK(entries(given.journal->audit(1, 2).value()) == Entries{"1 b", "2 c"});
  CHECK(given.journal->audit(5, 10)->empty());
  CHECK(given.journal->audit(0, 0)->empty());
  CHECK(entries(given.journal->audit(-7, 1).value()) == Entries{"0 a"});
}

TEMPLATE_TEST_CASE("the audit entries of one promotion are found by it", "", PENSTOCK_JOURNALS) {
  Given<TestType> given;
  given.kept(noting({"a"}, "prm_1"));
  given.kept(noting({"b"}, "prm_2"));
  given.kept(noting({"c"}));
  given.kept(noting({"d", "e"}, "prm_1"));
  CHECK(entries(given.journal->audit_of("prm_1", 10).value()) == Entries{"0 a", "3 d", "4 e"});
  CHECK(entries(given.journal->audit_of("prm_1", 2).value()) == Entries{"0 a", "3 d"});
  CHECK(entries(given.journal->audit_of("prm_1", 10, 1).value()) == Entries{"3 d", "4 e"});
  CHECK(entries(given.journal->audit_of("prm_1", 1, 3).value()) == Entries{"3 d"});
  CHECK(given.journal->audit_of("prm_1", 10, 5)->empty());
  CHECK(entries(given.journal->audit_of("prm_1", 1, -7).value()) == Entries{"0 a"});
  CHECK(given.journal->audit_of("prm_3", 10)->empty());
  CHECK(given.journal->audit_of("", 10)->empty());
  CHECK(given.journal->audit(1, 1)->at(0).promotion == "prm_2");
}

TEMPLATE_TEST_CASE("a Write that is refused leaves no gap in the audit log", "", PENSTOCK_JOURNALS) {
  Given<TestType> given;
  given.kept(opening("prm_1", 1, 0));
  auto refused = opening("prm_2", 2, 0);  // the lane is at version 1
  refused.audit = {{0, "", "never"}};
  auto late = noting({"never"});  // refused by what is applied after everything that has numbers
  late.events = {event("prm_1")};
  late.remember = {{"key", "one", at(9)}, {"key", "other", at(9)}};
  auto unnamed = noting({"never"});
  unnamed.live_changes = {{"prm_1", digest(1), "7", at(1), std::nullopt}};
  const auto receipts = given.commit({noting({"a"}), refused, noting({"b"}), late, unnamed, noting({"c"})});
  CHECK(std::count_if(receipts.begin(), receipts.end(), [](const auto& one) { return one.has_value(); }) == 3);
  CHECK(given.refused(noting({"x", ""})) == "journal-failed");
  given.kept(noting({"d"}));
  CHECK(entries(given.journal->audit(0, 10).value()) == Entries{"0 a", "1 b", "2 c", "3 d"});
}

TEMPLATE_TEST_CASE("an audit entry is kept byte for byte, up to 65535 of them", "", PENSTOCK_JOURNALS) {
  Given<TestType> given;
  const auto longest = std::string(65'534, 'x') + "y";
  const auto odd = "{\"\u00fc\":1}\0 behind"s;
  given.kept(noting({longest, odd}));
  CHECK(given.refused(noting({longest + "z"})) == "journal-failed");
  CHECK(given.refused(noting({""})) == "journal-failed");
  CHECK(given.journal->audit(0, 1)->at(0).entry == longest);
  CHECK(given.journal->audit(1, 1)->at(0).entry == odd);
  CHECK(given.journal->audit_size().value() == 2);
}

TEMPLATE_TEST_CASE("the receipt tells the newest event also where audit entries came with it", "", PENSTOCK_JOURNALS) {
  Given<TestType> given;
  auto write = opening("prm_1", 1, 0);
  write.audit = {{0, "", "a"}, {0, "", "b"}, {0, "", "c"}};
  CHECK(given.kept(write).last_seq == 1);
  CHECK(given.kept(noting({"d"})).last_seq == 1);
}
