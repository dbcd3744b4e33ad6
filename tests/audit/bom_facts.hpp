// A promotion as the daemon tells it, with everything that can speak for it; each test takes something away.
#pragma once

#include <set>

#include "daemon/audit/bom.hpp"
#include "daemon/core/candidate.hpp"
#include "daemon/core/codec.hpp"
#include "tests/catch.hpp"

namespace penstock::audit::testing {

using nlohmann::json;

inline core::Time at(const char* text) { return core::parse_time(text).value(); }
inline core::Digest digest(char c) { return core::Digest::from_hex(std::string(64, c)); }

struct Promoted {
  core::Policy policy;
  core::Promotion promotion;
  core::Candidate candidate;

  Promoted() {
    policy.name = "high-risk";
    policy.model = "fraud-*";
    policy.environment = "production";
    policy.stages = {
        {"safety",
         {gate("scan", "security-signoff"), gate("contract", "data-contract"), gate("advice", "champion-comparison")}}};
    policy.stages[0].gates[1].max_age = std::chrono::hours(12);
    policy.stages[0].gates[2].blocking = false;
    policy.approvals.resize(1);
    policy.approvals[0].group = "managers";
    policy.deliveries = {{"serving", "webhook", json::object()}};
    policy.watch = core::WatchSpec{};
    policy.watch->on_failure = core::OnFailure::roll_back;
    policy.watch->gates = {gate("watch/smoke", "smoke-test")};
    policy.drift = core::DriftSpec{};
    policy.digest = digest('b');
    candidate.model = "fraud-eu";
    candidate.version = "7";
    candidate.artifact = core::Artifact{digest('a'), "models:/m-1"};
    candidate.git = core::GitRef{"https://git.example.com/fraud.git", std::string(40, 'c')};
    candidate.data_sets = {{"training", "wine/2026-11.csv"}};
    candidate.metrics = {{"auc", 0.91}};
    candidate.labels = {
        {"use_cases", "card fraud; refunds"}, {"limitations", "nothing beyond Europe"}, {"approach", "supervised"}};
    candidate.authors = {"mia"};
    promotion.id = "prm_01";
    promotion.lane = {"fraud-eu", "production"};
    promotion.candidate = digest('d');
    promotion.version = "7";
    promotion.authors = {"mia"};
    promotion.submitter = "ci";
    promotion.opened_at = at("2026-11-20T08:00:00Z");
    promotion.changed_at = at("2026-11-20T10:00:00Z");
    promotion.phase = core::Live{at("2026-11-20T10:00:00Z")};
    for (const auto* name : {"scan", "contract", "advice", "watch/smoke"})
      promotion.checks.push_back(check(name, core::Verdict::passed));
    auto scanned = *promotion.checks[0].finding;
    scanned.evidence = {{"scan.json", "application/json", digest('e'), 12}};
    promotion.checks[0].finding = scanned;
    promotion.approvals = {{"ann", {"managers"}, at("2026-11-20T09:00:00Z"), "seen", "", ""}};
    core::DeliveryStep step;
    step.name = "serving";
    step.state = core::DeliveryState::confirmed;
    step.look = core::Look{1, core::Effect::kept, "", at("2026-11-20T10:10:00Z"), 0};
    promotion.deliveries = {step};
  }

  static core::GateSpec gate(const std::string& name, const std::string& kind) {
    core::GateSpec spec;
    spec.name = name;
    spec.kind = kind;
    return spec;
  }
  static core::Check check(const std::string& gate, core::Verdict verdict) {
    core::Check check;
    check.stage = "safety";
    check.gate = gate;
    core::Finding finding;
    finding.verdict = verdict;
    finding.observed = verdict == core::Verdict::passed ? "all is well" : "it is not well";
    finding.needed = "well";
    finding.at = at("2026-11-20T08:30:00Z");
    check.finding = finding;
    return check;
  }
  core::Waiver waiver(const std::string& gate) const {
    core::Waiver waiver;
    waiver.id = "wvr_1";
    waiver.gate = gate;
    waiver.candidate = promotion.candidate;
    waiver.reason = "the vendor corrects it";
    waiver.control = "transactions over 100 are looked at by hand";
    waiver.requester = "bob";
    waiver.granter = "eve";
    waiver.asked_at = at("2026-11-20T08:40:00Z");
    waiver.ends = at("2026-11-27T08:40:00Z");
    return waiver;
  }

  BomFacts facts() const {
    auto told = promotion;
    told.policy = std::make_shared<const core::Policy>(policy);
    BomFacts facts;
    facts.promotion = core::to_json(told);
    facts.candidate = {{"id", promotion.candidate.text()},
                       {"seen_at", "2026-11-20T07:59:00.000Z"},
                       {"candidate", core::to_json(candidate)}};
    facts.policy = core::to_json(policy);
    facts.explanation = {{"at", "2026-11-21T00:00:00.000Z"},
                         {"paragraph", "It is live."},
                         {"tree", {{"kind", "promotion"}, {"children", json::array()}}}};
    facts.waivers = json::array();
    facts.written = at("2026-11-21T00:00:00Z");
    facts.attestation_sha256 = digest('f').hex();
    facts.files = {{"promotion.json", digest('1').hex(), 10, "application/json"},
                   {"candidate.json", digest('2').hex(), 10, "application/json"},
                   {"policy.json", digest('3').hex(), 10, "application/json"},
                   {"explanation.json", digest('4').hex(), 10, "application/json"},
                   {"waivers.json", digest('5').hex(), 10, "application/json"},
                   {"audit/proofs.json", digest('6').hex(), 10, "application/json"},
                   {"attestation.json", digest('f').hex(), 10, "application/json"},
                   {"evidence/" + digest('e').hex(), digest('e').hex(), 12, "application/json"}};
    return facts;
  }
};

// One clause for each fact, named by it, and one each for three kinds of gates.
inline Framework all_facts() {
  Framework framework{"house", "1", "Rules of the house",    "The house", "https://example.com/rules", "2026-11-21", "",
                      "",      {},  "frameworks/house.yaml", digest('9')};
  for (const auto& [fact, name] : core::EnumNames<definitions::Fact>::names)
    framework.clauses.push_back({name, "A rule", {{{}, "", fact, "what it shows"}}});
  for (const auto* kind : {"security-signoff", "data-contract", "champion-comparison", "smoke-test", "executable"})
    framework.clauses.push_back({kind, "A rule", {{{kind}, "", std::nullopt, "what it shows"}}});
  return framework;
}

inline json bom_of(const Promoted& promoted) { return model_bom(promoted.facts(), {all_facts()}).value(); }

// What is attested for the clause.
inline json clause(const json& bom, const std::string& id) {
  for (const auto& attestation : bom.at("declarations").at("attestations"))
    for (const auto& entry : attestation.at("map"))
      if (entry.at("requirement") == "framework/house/1/" + id) return entry;
  FAIL("there is no clause " << id);
  return nullptr;
}
inline double score(const json& bom, const std::string& id) { return clause(bom, id).at("conformance").at("score"); }
inline std::string rationale(const json& bom, const std::string& id) {
  return clause(bom, id).at("conformance").at("rationale");
}
inline bool says(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }
// The claim or evidence of a reference.
inline json part(const json& bom, const char* list, const std::string& ref) {
  for (const auto& one : bom.at("declarations").at(list))
    if (one.at("bom-ref") == ref) return one;
  FAIL("nothing is called " << ref);
  return nullptr;
}

}  // namespace penstock::audit::testing
