// The CycloneDX document of a promotion's dossier: what the model is (model card), and for each clause of each
// framework what of the promotion speaks for it and against it. Pure: the same facts give the same bytes.
//
// Written by CycloneDX 1.6 (https://cyclonedx.org/docs/1.6/json/, ECMA-424). All text of the facts stays text: it is
// cut where it is long, and addresses are made of it only where it is one. A score is the share of a clause's evidence
// that the promotion shows; it is no judgement on whether a law is kept.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "daemon/core/result.hpp"
#include "daemon/definitions/framework.hpp"

namespace penstock::audit {

using definitions::Framework;

// A file of the dossier. What it is is known by its path (`promotion.json`, `candidate.json`, `policy.json`,
// `explanation.json`, `waivers.json`, `attestation.json`, all below `audit/`), and evidence by its digest.
struct BomFile {
  std::string path;    // inside the dossier, with slashes
  std::string sha256;  // 64 hex digits
  std::uint64_t size = 0;
  std::string media_type;
};

struct BomFacts {
  nlohmann::json promotion;    // as GET /v1/promotions/{id} tells it
  nlohmann::json candidate;    // as GET /v1/candidates/{id} tells it, or the candidate's own document
  nlohmann::json policy;       // the one that the promotion keeps, as core::to_json(Policy) tells it
  nlohmann::json explanation;  // as GET /v1/promotions/{id}/explanation tells it
  nlohmann::json waivers;      // a list of those by which the promotion went on
  std::vector<BomFile> files;
  core::Time written{};
  std::string attestation_sha256;  // of the signed summary; empty when there is none
};

// Problem "invalid-document" when promotion, candidate or policy is not what it should be.
core::Result<nlohmann::json> model_bom(const BomFacts& facts, const std::vector<Framework>& frameworks);

// As it stands in the dossier: indented, with an end of line.
std::string bom_text(const nlohmann::json& bom);

}  // namespace penstock::audit
