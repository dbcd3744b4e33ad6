#include "daemon/audit/bom_attestations.hpp"

#include <algorithm>
#include <cmath>

namespace penstock::audit::bom {
namespace {

std::string ref_of(const Framework& framework) { return "framework/" + framework.name + "/" + framework.version; }
std::string ref_of(const Framework& framework, const definitions::Clause& clause) {
  return ref_of(framework) + "/" + clause.id;
}

void add(std::vector<std::string>& all, const std::vector<std::string>& more) {
  for (const auto& one : more)
    if (std::find(all.begin(), all.end(), one) == all.end()) all.push_back(one);
}

// To a hundredth, downwards: what is not whole never reads as whole.
double share(std::size_t met, std::size_t all) {
  return all == 0 ? 0 : std::floor(100.0 * static_cast<double>(met) / static_cast<double>(all)) / 100.0;
}

class OneClause {
 public:
  OneClause(const std::vector<Gate>& gates, const std::map<definitions::Fact, Said>& said)
      : gates_(gates), said_(said) {}

  json operator()(const definitions::Clause& clause, const std::string& ref) const {
    std::vector<std::string> claims, counter_claims, mitigations;
    std::string shown, missing;
    std::size_t met = 0;
    for (const auto& wanted : clause.evidence) {
      const auto said = wanted.fact ? said_.at(*wanted.fact) : said_of(wanted, gates_);
      if (said.met) ++met;
      auto& text = said.met ? shown : missing;
      text += (text.empty() ? "" : "; ") + wanted.shows + " (" + bounded(said.why, 500) + ")";
      add(claims, said.claims);
      add(counter_claims, said.counter_claims);
      add(mitigations, said.mitigations);
    }
    auto rationale = std::to_string(met) + " of " + count_of(clause.evidence.size(), "piece") + " of evidence";
    if (!shown.empty()) rationale += ". Shown: " + shown;
    if (!missing.empty()) rationale += ". Missing: " + missing;
    json conformance{{"score", share(met, clause.evidence.size())}, {"rationale", bounded(rationale + ".", 8000)}};
    if (!mitigations.empty()) conformance["mitigationStrategies"] = mitigations;
    json entry{{"requirement", ref}, {"conformance", std::move(conformance)}};
    if (!claims.empty()) entry["claims"] = claims;
    if (!counter_claims.empty()) entry["counterClaims"] = counter_claims;
    return entry;
  }

 private:
  const std::vector<Gate>& gates_;
  const std::map<definitions::Fact, Said>& said_;
};

}  // namespace

json standards_of(const std::vector<Framework>& frameworks) {
  auto standards = json::array();
  for (const auto& framework : frameworks) {
    auto requirements = json::array();
    for (const auto& clause : framework.clauses)
      requirements.push_back(
          {{"bom-ref", ref_of(framework, clause)}, {"identifier", clause.id}, {"title", bounded(clause.title)}});
    auto description = framework.title + ". Compared with a text on " + framework.read + ".";
    if (!framework.effective.empty()) description += " To be kept since " + framework.effective + ".";
    if (!framework.note.empty()) description += " " + framework.note;
    json standard{{"bom-ref", ref_of(framework)},           {"name", framework.name},
                  {"version", framework.version},           {"description", bounded(description, 4000)},
                  {"owner", bounded(framework.owner, 300)}, {"requirements", std::move(requirements)}};
    if (is_url(framework.source))
      standard["externalReferences"] = json::array({{{"type", "documentation"}, {"url", framework.source}}});
    standards.push_back(std::move(standard));
  }
  return standards;
}

json attestations_of(const BomFacts& facts, const std::vector<Framework>& frameworks, const std::vector<Gate>& gates,
                     const std::map<definitions::Fact, Said>& said) {
  auto attestations = json::array();
  const OneClause one(gates, said);
  for (const auto& framework : frameworks) {
    auto map = json::array();
    for (const auto& clause : framework.clauses) map.push_back(one(clause, ref_of(framework, clause)));
    attestations.push_back({{"summary", "What promotion " + text_at(facts.promotion, "id") + ", which is " +
                                            text_at(facts.promotion, "phase") + ", shows for " + framework.title +
                                            ". A score is the share of the evidence asked for by " + framework.file +
                                            " (" + framework.digest.text() +
                                            ") that it holds; it is no judgement on whether the clause is kept."},
                            {"assessor", assessor_ref},
                            {"map", std::move(map)}});
  }
  return attestations;
}

}  // namespace penstock::audit::bom
