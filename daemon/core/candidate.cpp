#include "daemon/core/candidate.hpp"

#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "daemon/core/address.hpp"
#include "daemon/core/declared.hpp"
#include "daemon/core/json_put.hpp"
#include "daemon/core/json_writing.hpp"

namespace penstock::core {
namespace {

using declared::Bounds;

// The document's shape: flat members that JSON has, read by the same declarations as every configuration.
struct ArtifactDocument {
  std::string digest;
  std::string uri;
  static const declared::Shape<ArtifactDocument>& shape() {
    static const auto shape =
        declared::Shape<ArtifactDocument>("Artifact", "The files of this version.")
            .required("digest", &ArtifactDocument::digest,
                      "\"sha256:\" and 64 hex digits: the tree digest of the files.",
                      {.min_length = 71, .max_length = 71})
            .optional("uri", &ArtifactDocument::uri,
                      "Where the candidate's source finds the files, without credentials.", {.max_length = 2000});
    return shape;
  }
};

struct GitDocument {
  std::string repository;
  std::string commit;
  static const declared::Shape<GitDocument>& shape() {
    static const auto shape =
        declared::Shape<GitDocument>("Git", "The commit that made this version.")
            .required("repository", &GitDocument::repository, "URL, without credentials.",
                      {.min_length = 1, .max_length = 2000})
            .required("commit", &GitDocument::commit, "40 hex digits.", {.min_length = 40, .max_length = 64});
    return shape;
  }
};

struct CandidateDocument {
  std::string model;
  std::string version;
  std::string source;
  std::map<std::string, std::string> registry;
  std::optional<ArtifactDocument> artifact;
  std::optional<GitDocument> git;
  std::map<std::string, std::string> data_sets;
  std::string data_contract;
  std::map<std::string, double> metrics;
  std::map<std::string, std::string> labels;
  std::vector<std::string> authors;
  static const declared::Shape<CandidateDocument>& shape() {
    using D = CandidateDocument;
    const Bounds name{.min_length = 1, .max_length = 200};
    static const auto shape =
        declared::Shape<D>("Candidate", "A model version that asks for promotion.")
            .required("model", &D::model, "The model's name.", name)
            .required("version", &D::version, "The version, as its registry names it.", name)
            .optional("source", &D::source, "The configured source that can fetch the artifact.", {.max_length = 200})
            .optional("registry", &D::registry, "Which registry entry this is.", {.max_length = 2000})
            .optional("artifact", &D::artifact, "The files of this version.")
            .optional("git", &D::git, "The commit that made this version.")
            .optional("data_sets", &D::data_sets, "Data sets by name.", {.max_length = 2000})
            .optional("data_contract", &D::data_contract, "The data contract's path.", {.max_length = 2000})
            .optional("metrics", &D::metrics, "Metrics by name.")
            .optional("labels", &D::labels, "Free labels.", {.max_length = 2000})
            .optional("authors", &D::authors, "People who made it.", {.max_length = 200});
    return shape;
  }
};

Problem holds_credentials(const std::string& key) {
  return {"invalid-document",
          key +
              " is an address with credentials: a user or a password before its host, or a signature or a token in "
              "its query",
          "",
          "leave them out, and replace them, for they have been seen: what a candidate holds is kept, signed and shown "
          "for good",
          false};
}

// Of everything in it that may be an address.
Result<void> check_addresses(const Candidate& candidate) {
  const auto lets_in = [](const std::string& text) { return without_credentials(text) != text; };
  if (candidate.artifact && lets_in(candidate.artifact->uri)) return holds_credentials("artifact.uri");
  if (candidate.git && lets_in(candidate.git->repository)) return holds_credentials("git.repository");
  if (lets_in(candidate.data_contract)) return holds_credentials("data_contract");
  using Texts = std::map<std::string, std::string>;
  for (const auto& [key, texts] : {std::pair<std::string, const Texts&>{"data_sets", candidate.data_sets},
                                   {"registry", candidate.registry},
                                   {"labels", candidate.labels}})
    for (const auto& [name, text] : texts) {
      if (lets_in(name)) return holds_credentials("a name in " + key);
      if (lets_in(text)) return holds_credentials(key + "." + name);
    }
  return {};
}

}  // namespace

nlohmann::json to_json(const Candidate& candidate) {
  nlohmann::json document{{"model", candidate.model}, {"version", candidate.version}};
  put_unless_empty(document, "source", candidate.source);
  put_unless_empty(document, "registry", candidate.registry);
  if (candidate.artifact) {
    document["artifact"] = {{"digest", candidate.artifact->digest.text()}};
    put_unless_empty(document["artifact"], "uri", candidate.artifact->uri);
  }
  if (candidate.git) document["git"] = {{"repository", candidate.git->repository}, {"commit", candidate.git->commit}};
  put_unless_empty(document, "data_sets", candidate.data_sets);
  put_unless_empty(document, "data_contract", candidate.data_contract);
  put_unless_empty(document, "metrics", candidate.metrics);
  put_unless_empty(document, "labels", candidate.labels);
  put_unless_empty(document, "authors", candidate.authors);
  return document;
}

Result<Candidate> candidate_from_json(const nlohmann::json& document) {
  auto candidate = stored_candidate_from_json(document);
  if (!candidate) return candidate;
  if (const auto safe = check_addresses(*candidate); !safe) return safe.error();
  return candidate;
}

Result<Candidate> stored_candidate_from_json(const nlohmann::json& document) {
  auto read = declared::from_json<CandidateDocument>(document);
  if (!read) return read.error();
  Candidate candidate;
  candidate.model = std::move(read->model);
  candidate.version = std::move(read->version);
  candidate.source = std::move(read->source);
  candidate.registry = std::move(read->registry);
  if (read->artifact) {
    const auto digest = Digest::parse(read->artifact->digest);
    if (!digest)
      return Problem{"invalid-document", "artifact.digest is not \"sha256:\" and 64 lower-case hex digits", "", "",
                     false};
    candidate.artifact = Artifact{*digest, std::move(read->artifact->uri)};
  }
  if (read->git) {
    const auto& commit = read->git->commit;
    if (commit.find_first_not_of("0123456789abcdef") != std::string::npos)
      return Problem{"invalid-document", "git.commit is not a commit id in lower-case hex digits", "", "", false};
    candidate.git = GitRef{std::move(read->git->repository), commit};
  }
  candidate.data_sets = std::move(read->data_sets);
  candidate.data_contract = std::move(read->data_contract);
  candidate.metrics = std::move(read->metrics);
  for (const auto& [name, value] : candidate.metrics)
    if (!std::isfinite(value))
      return Problem{"invalid-document", "metrics." + name + " is not a finite number", "", "", false};
  candidate.labels = std::move(read->labels);
  candidate.authors = std::move(read->authors);
  return candidate;
}

std::string canonical_bytes(const Candidate& candidate) {
  // nlohmann's object is a sorted map, and invalid UTF-8 cannot come this far as JSON text; bytes from elsewhere
  // (a git author's name) are replaced rather than refused, so that every candidate has an id.
  return json_text(to_json(candidate));
}

std::optional<std::string> field(const Candidate& candidate, const std::string& path) {
  const auto document = to_json(candidate);
  const nlohmann::json* at = &document;
  for (std::size_t start = 0; start <= path.size();) {
    if (!at->is_object()) return std::nullopt;
    // Metric and label names may hold dots: the whole rest is tried before it is cut.
    if (const auto whole = at->find(path.substr(start)); whole != at->end()) {
      at = &*whole;
      break;
    }
    const auto dot = path.find('.', start);
    if (dot == std::string::npos) return std::nullopt;
    const auto next = at->find(path.substr(start, dot - start));
    if (next == at->end()) return std::nullopt;
    at = &*next;
    start = dot + 1;
  }
  if (at->is_string()) return at->get<std::string>();
  if (at->is_number()) return at->dump();
  return std::nullopt;
}

}  // namespace penstock::core
