// The documents behind a finding: kept by digest, and a finding that stays readable whatever a gate says.
#include "daemon/gating/evidence.hpp"

#include "daemon/runtime/utf8.hpp"
#include "tests/daemon/performing_world.hpp"

using namespace penstock;
using core::Verdict;

TEST_CASE("evidence is kept by its digest, and what the gate itself says of it is not believed") {
  PerformingWorld world({gate_kind("one", [](const sdk::GateRequest&, sdk::Tools&) {
    auto made = answer(Verdict::passed);
    made.evidence = {{"report.json", "application/json", "{\"rows\": 3}"}, {"log.txt", "text/plain", ""}};
    made.finding.evidence = {{"forged", "text/plain", runtime::sha256("x"), 1}};
    made.finding.at = core::Time(1ms);
    return core::Result<sdk::GateAnswer>(made);
  })});
  world.policy.stages = {{"all", {gate_spec("gate", "one")}}};
  const auto finding = world.finding(world.promote("live"));
  CHECK(finding.at == world.clock.now());
  REQUIRE(finding.evidence.size() == 2);
  CHECK(finding.evidence[0] ==
        core::EvidenceRef{"report.json", "application/json", runtime::sha256("{\"rows\": 3}"), 11});
  CHECK(world.store.get(finding.evidence[0].digest).value() == "{\"rows\": 3}");
  CHECK(world.store.get(finding.evidence[1].digest).value().empty());
}

TEST_CASE("a document that is too large makes the check errored, never a pass without its evidence") {
  PerformingWorld world({gate_kind("one", [](const sdk::GateRequest&, sdk::Tools&) {
    auto made = answer(Verdict::passed);
    made.evidence = {{"all-rows.csv", "text/csv", std::string((8 << 20) + 1, 'x')}};
    return core::Result<sdk::GateAnswer>(made);
  })});
  world.policy.stages = {{"all", {gate_spec("gate", "one")}}};
  const auto finding = world.finding(world.promote("held"));
  CHECK(finding.verdict == Verdict::errored);
  CHECK(finding.observed == "no answer: all-rows.csv has 8388609 bytes; at most 8 MiB are kept");
  CHECK(finding.next == "let the gate summarise it");
}

TEST_CASE("evidence that cannot be stored makes the check errored") {
  PerformingWorld world({gate_kind("one", [](const sdk::GateRequest&, sdk::Tools&) {
    auto made = answer(Verdict::passed);
    made.evidence = {{"report.json", "application/json", "{}"}};
    return core::Result<sdk::GateAnswer>(made);
  })});
  world.policy.stages = {{"all", {gate_spec("gate", "one")}}};
  std::filesystem::remove_all(world.folder / "store/blobs");
  world.folder.write("store/blobs", "a file where the folder was");
  CHECK(world.finding(world.promote("held")).verdict == Verdict::errored);
}

TEST_CASE("of many details the failed ones are kept, and the rest is counted") {
  LendingWorld world;
  auto made = answer(Verdict::failed);
  for (int i = 0; i < 60; ++i)
    made.finding.details.push_back({"rule-" + std::to_string(i), Verdict::passed, "", "", ""});
  made.finding.details.push_back({"last", Verdict::failed, "three", "two", "row 7"});
  made.finding.details.push_back({"unclear", Verdict::inconclusive, "", "", ""});
  const auto finding = gating::keep_evidence(made, world.clock.now(), world.store).value();
  REQUIRE(finding.details.size() == 51);
  CHECK(finding.details[0].rule == "last");
  CHECK(finding.details[1].rule == "unclear");
  CHECK(finding.details[2].rule == "rule-0");
  CHECK(finding.details.back().observed == "12 more rules");
}

TEST_CASE("a long text is cut between two characters") {
  LendingWorld world;
  std::string umlauts;
  while (umlauts.size() < 5000) umlauts += "ä";
  for (const auto* before : {"", "a"}) {
    const auto finding =
        gating::keep_evidence(answer(Verdict::failed, before + umlauts), world.clock.now(), world.store).value();
    CHECK(finding.observed.size() <= 2003);
    CHECK(runtime::is_utf8(finding.observed));
    CHECK(finding.observed.ends_with("…"));
  }
}

TEST_CASE("bytes that are no text are shown as such and break nothing") {
  PerformingWorld world({gate_kind("one", [](const sdk::GateRequest&, sdk::Tools&) {
    auto made = answer(Verdict::failed, "the file \xff\xfe.pkl");
    made.finding.details = {{"rule\x80", Verdict::failed, "\xc3", "", "a\xed\xa0\x80"}};
    made.evidence = {{"\xff.txt", "text/plain", "\xff"}};
    return core::Result<sdk::GateAnswer>(made);
  })});
  world.policy.stages = {{"all", {gate_spec("gate", "one")}}};
  const auto promotion = world.promote("rejected");
  const auto finding = world.finding(promotion);
  CHECK(finding.observed == "the file \\xff\\xfe.pkl");
  CHECK(finding.details[0].where == "a\\xed\\xa0\\x80");
  CHECK(finding.evidence[0].name == "\\xff.txt");
  CHECK_NOTHROW(core::to_json(finding).dump());
}
