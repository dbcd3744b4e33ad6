// What asks for promotion: an immutable bundle, known by the digest of its content.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "daemon/core/result.hpp"
#include "daemon/core/words.hpp"

namespace penstock::core {

// The files of a version. `digest` is the tree digest (runtime/content_store): what is scanned is what is promoted.
struct Artifact {
  Digest digest;
  // As the candidate's source understands it: "models:/m-123", "runs:/…/model", a folder inside a git commit; without
  // credentials.
  std::string uri;
  bool operator==(const Artifact&) const = default;
};

struct GitRef {
  std::string repository;  // the URL, without credentials
  std::string commit;      // 40 hex digits
  bool operator==(const GitRef&) const = default;
};

// A candidate's content. Two sightings with equal content are the same candidate, whoever reported them.
struct Candidate {
  std::string model;    // 1-200 characters
  std::string version;  // 1-200 characters
  // The configured source that can fetch the artifact; empty when it was submitted over HTTP without one.
  std::string source;
  // Which registry entry this is, for example {"kind": "mlflow", "name": "fraud", "version": "7", "run_id": "…"}.
  std::map<std::string, std::string> registry;
  std::optional<Artifact> artifact;
  std::optional<GitRef> git;
  // References by name, resolved by gates inside the folders that an operator configured: "training" ->
  // "wine/2026-11.csv".
  std::map<std::string, std::string> data_sets;
  // A path inside the artifact or the definitions' folder; gates may name their own.
  std::string data_contract;
  std::map<std::string, double> metrics;
  std::map<std::string, std::string> labels;
  // People who made it (commit authors, the owner of the training run), as their systems name them.
  std::vector<std::string> authors;

  bool operator==(const Candidate&) const = default;
};

nlohmann::json to_json(const Candidate& candidate);
// Of one that comes in. Strict: an unknown key, a wrong type, a bound that is passed or an address with credentials is
// a Problem naming the key, which never repeats the credentials.
Result<Candidate> candidate_from_json(const nlohmann::json& document);
// Of one that is kept already: credentials are no Problem, for what was journalled once must always be read.
Result<Candidate> stored_candidate_from_json(const nlohmann::json& document);

// The bytes whose SHA-256 is the CandidateId: JSON with sorted keys, no spaces, empty members left out.
std::string canonical_bytes(const Candidate& candidate);

// A string value by dotted path ("version", "git.commit", "data_sets.training", "metrics.auc"); nothing when absent.
std::optional<std::string> field(const Candidate& candidate, const std::string& path);

}  // namespace penstock::core
