// What speaks for a clause and what against it.
#include "tests/audit/bom_facts.hpp"

using namespace penstock;
using namespace penstock::audit;
using namespace penstock::audit::testing;

TEST_CASE("a promotion that did everything shows every fact and every kind of gate that its policy has") {
  const auto bom = bom_of({});
  for (const auto& entry : bom.at("declarations").at("attestations")[0].at("map")) {
    INFO(entry.dump(2));
    const bool is_asked = entry.at("requirement") != "framework/house/1/executable";
    CHECK(entry.at("conformance").at("score") == (is_asked ? 1.0 : 0.0));
    CHECK(entry.contains("claims") == is_asked);
    CHECK_FALSE(entry.contains("counterClaims"));
  }
}

TEST_CASE("a clause for which there is nothing has score 0 and says what is missing") {
  CHECK(says(rationale(bom_of({}), "executable"),
             "0 of 1 piece of evidence. Missing: what it shows (the policy has no "
             "gate of the kind executable)"));
  Promoted bare;
  bare.candidate = {};
  bare.candidate.model = "fraud-eu";
  bare.candidate.version = "7";
  bare.policy = {};
  bare.promotion.checks.clear();
  bare.promotion.approvals.clear();
  bare.promotion.deliveries.clear();
  bare.promotion.phase = core::Queued{};
  auto facts = bare.facts();
  facts.explanation = nullptr;
  facts.files.clear();
  const auto bom = model_bom(facts, {all_facts()}).value();
  for (const auto& entry : bom.at("declarations").at("attestations")[0].at("map")) {
    INFO(entry.dump(2));
    const bool is_whole_glass = entry.at("requirement") == "framework/house/1/emergency-review";
    CHECK(entry.at("conformance").at("score") == (is_whole_glass ? 1.0 : 0.0));
    CHECK(says(entry.at("conformance").at("rationale"), is_whole_glass ? "Shown: " : "Missing: "));
  }
  CHECK_FALSE(bom.at("declarations").contains("affirmation"));
}

TEST_CASE("a clause's score is the share of its evidence, rounded down") {
  auto framework = all_facts();
  framework.clauses = {{"R",
                        "A rule",
                        {{{"executable"}, "", std::nullopt, "x"},
                         {{}, "", definitions::Fact::metrics, "y"},
                         {{}, "", definitions::Fact::gates, "z"}}}};
  const auto bom = model_bom(Promoted().facts(), {framework}).value();
  CHECK(score(bom, "R") == 0.66);
  CHECK(says(rationale(bom, "R"), "2 of 3 pieces of evidence"));
}

TEST_CASE("evidence refers to the dossier's files, with when it was made and until when it holds") {
  const auto bom = bom_of({});
  const auto scan = part(bom, "evidence", "evidence/gate/scan");
  CHECK(scan.at("data")[0].at("contents").at("url") == "evidence/" + digest('e').hex());
  CHECK(says(scan.at("data")[0].at("name"), "scan.json: evidence/"));
  CHECK(scan.at("created") == "2026-11-20T08:30:00.000Z");
  CHECK_FALSE(scan.contains("expires"));
  CHECK(part(bom, "evidence", "evidence/gate/contract").at("expires") == "2026-11-20T20:30:00.000Z");
  CHECK(part(bom, "evidence", "evidence/attestation").at("data")[0].at("contents").at("url") == "attestation.json");
  auto facts = Promoted().facts();
  facts.files.pop_back();
  const auto without = model_bom(facts, {all_facts()}).value();
  CHECK(says(part(without, "evidence", "evidence/gate/scan").at("data")[0].at("name"), "not in this dossier"));
}

TEST_CASE("a gate that failed speaks against its clause") {
  for (const auto verdict : {core::Verdict::failed, core::Verdict::inconclusive, core::Verdict::errored}) {
    Promoted promoted;
    promoted.promotion.checks[0] = Promoted::check("scan", verdict);
    promoted.promotion.phase = core::Rejected{"gate scan", "it is not well"};
    const auto bom = bom_of(promoted);
    CHECK(score(bom, "security-signoff") == 0);
    CHECK(says(rationale(bom, "security-signoff"), std::string(core::name_of(verdict)) + ": it is not well"));
    CHECK(clause(bom, "security-signoff").at("counterClaims") == json::parse(R"(["claim/counter/gate/scan"])"));
    CHECK(score(bom, "gates") == 0);
    CHECK(score(bom, "data-contract") == 1);
    CHECK(says(rationale(bom, "approvals"), "the promotion is rejected"));
    CHECK(part(bom, "claims", "claim/counter/end").at("predicate") == "the promotion was rejected");
  }
}

TEST_CASE("the newest attempt of a gate counts") {
  Promoted promoted;
  promoted.promotion.checks.insert(promoted.promotion.checks.begin(), Promoted::check("scan", core::Verdict::failed));
  CHECK(score(bom_of(promoted), "security-signoff") == 1);
}

TEST_CASE("an advisory gate that failed speaks against its clause, not against the gates that can stop") {
  Promoted promoted;
  promoted.promotion.checks[2] = Promoted::check("advice", core::Verdict::failed);
  CHECK(score(bom_of(promoted), "champion-comparison") == 0);
  CHECK(score(bom_of(promoted), "gates") == 1);
}

TEST_CASE("a gate of the watch that was not asked yet speaks neither for nor against") {
  Promoted promoted;
  promoted.promotion.checks.pop_back();
  CHECK(score(bom_of(promoted), "smoke-test") == 0);
  CHECK_FALSE(clause(bom_of(promoted), "smoke-test").contains("counterClaims"));
  promoted.policy.stages[0].gates.push_back(Promoted::gate("smoke", "smoke-test"));
  promoted.promotion.checks.push_back(Promoted::check("smoke", core::Verdict::passed));
  CHECK(score(bom_of(promoted), "smoke-test") == 1);
}

TEST_CASE("a waived gate is a counter-claim with the waiver, who granted it, and what is done instead") {
  Promoted promoted;
  promoted.promotion.checks[0] = Promoted::check("scan", core::Verdict::failed);
  promoted.promotion.checks[0].waivers = {promoted.waiver("scan")};
  const auto bom = bom_of(promoted);
  CHECK(score(bom, "security-signoff") == 0);
  CHECK(says(rationale(bom, "security-signoff"), "was waived by eve (wvr_1)"));
  const auto entry = clause(bom, "security-signoff");
  CHECK(entry.at("counterClaims") == json::parse(R"(["claim/counter/waiver/scan/wvr_1"])"));
  CHECK(entry.at("conformance").at("mitigationStrategies") == json::parse(R"(["evidence/waiver/scan/wvr_1"])"));
  const auto evidence = part(bom, "evidence", "evidence/waiver/scan/wvr_1");
  CHECK(evidence.at("expires") == "2026-11-27T08:40:00.000Z");
  CHECK(evidence.at("author").at("name") == "bob");
  CHECK(evidence.at("reviewer").at("name") == "eve");
  CHECK(says(evidence.at("description"), "transactions over 100"));
  CHECK(score(bom, "gates") == 0);
}

TEST_CASE("a waiver that was handed in counts once, and one that nobody granted not at all") {
  Promoted promoted;
  promoted.promotion.checks[0] = Promoted::check("scan", core::Verdict::failed);
  promoted.promotion.checks[0].waivers = {promoted.waiver("scan")};
  auto facts = promoted.facts();
  facts.waivers.push_back(core::to_json(promoted.waiver("scan")));
  auto asked = promoted.waiver("scan");
  asked.id = "wvr_2";
  asked.granter.clear();
  facts.waivers.push_back(core::to_json(asked));
  const auto bom = model_bom(facts, {all_facts()}).value();
  CHECK(clause(bom, "security-signoff").at("counterClaims").size() == 1);
}

TEST_CASE("what was gone without behind broken glass is a counter-claim, and its review is looked for") {
  Promoted promoted;
  promoted.promotion.checks.erase(promoted.promotion.checks.begin());
  promoted.promotion.approvals.clear();
  promoted.promotion.glass = core::BreakGlass{"ann",
                                              "bob",
                                              "all cards are refused",
                                              at("2026-11-20T09:00:00Z"),
                                              at("2026-11-20T10:00:00Z"),
                                              {"gate scan", "approvals"}};
  auto facts = promoted.facts();
  const auto reviewed = model_bom(facts, {all_facts()}).value();
  CHECK(score(reviewed, "security-signoff") == 0);
  CHECK(clause(reviewed, "security-signoff").at("counterClaims") == json::parse(R"(["claim/counter/glass/scan"])"));
  CHECK(score(reviewed, "approvals") == 0);
  CHECK(clause(reviewed, "approvals").at("counterClaims") == json::parse(R"(["claim/counter/approvals"])"));
  CHECK(score(reviewed, "emergency-review") == 1);
  CHECK(clause(reviewed, "emergency-review").at("counterClaims") == json::parse(R"(["claim/counter/break-glass"])"));
  CHECK(
      says(part(reviewed, "evidence", "evidence/break-glass").at("description"), "gone without: gate scan, approvals"));
  facts.explanation["tree"]["children"] = {{{"kind", "lane"}, {"children", {{{"kind", "review"}}}}}};
  const auto owed = model_bom(facts, {all_facts()}).value();
  CHECK(score(owed, "emergency-review") == 0);
  CHECK(says(rationale(owed, "emergency-review"), "its review is owed"));
}

TEST_CASE("glass that only one person has touched is whole") {
  Promoted promoted;
  promoted.promotion.glass =
      core::BreakGlass{"ann", "", "in a hurry", at("2026-11-20T09:00:00Z"), at("2026-11-20T10:00:00Z"), {}};
  CHECK(score(bom_of(promoted), "emergency-review") == 1);
}

TEST_CASE("only people who really approved are signatories") {
  Promoted promoted;
  promoted.promotion.approvals.push_back(
      {"max", {"managers"}, at("2026-11-20T09:00:00Z"), "", "", "the policy changed"});
  const auto affirmation = bom_of(promoted).at("declarations").at("affirmation");
  REQUIRE(affirmation.at("signatories").size() == 1);
  CHECK(affirmation.at("signatories")[0].at("name") == "ann");
  CHECK(affirmation.at("signatories")[0].at("organization").at("name") == "managers");
  CHECK(says(affirmation.at("statement"), promoted.promotion.candidate.text()));
  promoted.promotion.approvals.erase(promoted.promotion.approvals.begin());
  const auto none = bom_of(promoted);
  CHECK_FALSE(none.at("declarations").contains("affirmation"));
  CHECK(score(none, "approvals") == 0);
  CHECK(says(rationale(none, "approvals"), "managers: 0 of 1"));
}

TEST_CASE("somebody who made or submitted it does not speak for independence") {
  for (const auto* hand : {"mia", "ci"}) {
    Promoted promoted;
    promoted.promotion.approvals[0].person = hand;
    CHECK(score(bom_of(promoted), "independence") == 0);
    CHECK(clause(bom_of(promoted), "independence").contains("counterClaims"));
    promoted.promotion.approvals[0].person = "ann";
    promoted.promotion.approvals[0].on_behalf_of = hand;
    CHECK(score(bom_of(promoted), "independence") == 0);
  }
}

TEST_CASE("what was rolled back speaks against delivery and watch, and drift against drift") {
  Promoted promoted;
  promoted.promotion.phase = core::RolledBack{"the watch"};
  auto bom = bom_of(promoted);
  for (const auto* fact : {"delivery", "watch"}) {
    CHECK(score(bom, fact) == 0);
    CHECK(clause(bom, fact).contains("counterClaims"));
  }
  promoted = {};
  promoted.promotion.deliveries[0].look->effect = core::Effect::drifted;
  promoted.promotion.deliveries[0].look->observed = "the alias points to 6";
  bom = bom_of(promoted);
  CHECK(score(bom, "drift") == 0);
  CHECK(says(rationale(bom, "drift"), "the alias points to 6"));
}

TEST_CASE("only gates whose name matches count where a clause says so") {
  auto framework = all_facts();
  framework.clauses = {{"R", "A rule", {{{"security-signoff"}, "fair*", std::nullopt, "x"}}}};
  CHECK(score(model_bom(Promoted().facts(), {framework}).value(), "R") == 0);
  framework.clauses[0].evidence[0].named = "sc*";
  CHECK(score(model_bom(Promoted().facts(), {framework}).value(), "R") == 1);
}
