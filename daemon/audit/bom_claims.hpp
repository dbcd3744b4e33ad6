// Claims of the document, each with its evidence: made once, named by all clauses that they speak for or against.
#pragma once

#include "daemon/audit/bom.hpp"
#include "daemon/audit/bom_text.hpp"

namespace penstock::audit::bom {

// What one piece of a clause's evidence comes to.
struct Said {
  bool met = false;
  std::string why;  // what was observed, or what is missing
  std::vector<std::string> claims;
  std::vector<std::string> counter_claims;
  std::vector<std::string> mitigations;  // evidence of what is done instead
};

// The dossier's files, found by what they are.
class Files {
 public:
  explicit Files(const std::vector<BomFile>& files) : files_(files) {}
  const BomFile* at(std::string_view path) const;
  // Of a digest with or without "sha256:".
  const BomFile* of(std::string_view digest) const;
  std::vector<const BomFile*> below(std::string_view folder) const;

 private:
  const std::vector<BomFile>& files_;
};

// Without "sha256:", which a digest may have.
std::string_view hex_of(std::string_view digest);

// `evidence[].data[]`: the file by its path and digest.
json data_of(const BomFile& file);

class Claims {
 public:
  // The name of the thing that all claims are about.
  explicit Claims(std::string target) : target_(std::move(target)) {}

  // `more` are members beside it: created, expires, author, reviewer.
  std::string add_evidence(const std::string& ref, const std::string& description, json data,
                           json more = json::object());
  std::string add_claim(const std::string& ref, const std::string& predicate, const std::string& reasoning,
                        const std::vector<std::string>& evidence, const std::vector<std::string>& mitigations = {});
  // Evidence is a counter-claim's own: it is what the claim that was hoped for fails by.
  std::string add_counter_claim(const std::string& ref, const std::string& predicate, const std::string& reasoning,
                                const std::vector<std::string>& evidence,
                                const std::vector<std::string>& mitigations = {}) {
    return add_claim("counter/" + ref, predicate, reasoning, evidence, mitigations);
  }

  const json& evidence() const { return evidence_; }
  const json& claims() const { return claims_; }

 private:
  std::string target_;
  json evidence_ = json::array();
  json claims_ = json::array();
};

// Sets `hashes` of a reference to the file, when its digest is one.
void put_hash(json& reference, const BomFile& file);
// A person as CycloneDX names one.
json contact(const std::string& name);
void put_instant(json& object, const char* key, const std::optional<std::string>& instant);

}  // namespace penstock::audit::bom
