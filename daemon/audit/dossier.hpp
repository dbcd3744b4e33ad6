// Dossiers: everything about one promotion in a folder that can be verified without the daemon. Pure.
//
// `dossier.json` lists every other file with size and SHA-256, and `statement.json` signs the digest of `dossier.json`:
// so nothing can be changed, added or taken away. What the files say is bound besides: the attestation names the
// digests of candidate, policy and findings, every event has its entry in the audit log, and every entry its proof.
#pragma once

#include <map>

#include "daemon/audit/attestation.hpp"
#include "daemon/audit/bom.hpp"
#include "daemon/audit/note.hpp"

namespace penstock::audit {

constexpr const char* dossier_type = "penstock:dossier/v1";

// The files of a dossier, by their paths inside its folder.
namespace dossier_files {
constexpr const char* index = "dossier.json";
constexpr const char* statement = "statement.json";
constexpr const char* attestation = "attestation.json";
constexpr const char* promotion = "promotion.json";
constexpr const char* explanation = "explanation.json";
constexpr const char* candidate = "candidate.json";  // its SHA-256 is the candidate's id
constexpr const char* policy = "policy.json";        // its SHA-256 is the policy's digest
constexpr const char* events = "events.jsonl";       // a line each; a line's SHA-256 is in its audit entry
constexpr const char* findings = "findings.json";
constexpr const char* approvals = "approvals.json";
constexpr const char* waivers = "waivers.json";
constexpr const char* proofs = "audit/proofs.json";
constexpr const char* checkpoint = "audit/checkpoint";
constexpr const char* key = "audit/key.pub";
constexpr const char* bom = "bom.cdx.json";
constexpr const char* page = "index.html";
constexpr const char* evidence = "evidence/";  // and the 64 hex digits of the document's SHA-256
}  // namespace dossier_files

struct DossierFacts {
  Record record;
  nlohmann::json promotion;    // as GET /v1/promotions/{id} tells it
  nlohmann::json explanation;  // as GET /v1/promotions/{id}/explanation tells it
  std::string attestation;     // the envelope
  std::string checkpoint;      // the signed note
  // {"size", "entries": [{"index", "entry", "hashes": [base64]}]}: each of the record's entries with its inclusion
  // proof
  nlohmann::json proofs;
  Verifier verifier;  // of the log
  core::Time written{};
  std::vector<Framework> frameworks;  // that the CycloneDX document holds it against
};

struct Dossier {
  std::map<std::string, std::string> files;  // all but evidence and statement
  std::vector<Evidence> evidence;            // to be written beside them
  // The in-toto statement to be signed: its one subject is dossier.json.
  nlohmann::json statement;
};
// Problems "journal-damaged", "invalid-document".
core::Result<Dossier> make_dossier(const DossierFacts& facts);

}  // namespace penstock::audit
