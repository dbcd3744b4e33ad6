// candidate.yaml: what a folder says about itself when no registry says it.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/core/candidate.hpp"
#include "daemon/core/declared.hpp"

namespace penstock::sources {

struct CandidateFile {
  std::string model;
  std::string version;
  std::string artifact;
  std::string data_contract;
  std::map<std::string, std::string> data_sets;
  std::map<std::string, double> metrics;
  std::map<std::string, std::string> labels;
  std::vector<std::string> authors;
  static const core::declared::Shape<CandidateFile>& shape();
};

// YAML or JSON; every problem names `where` ("models/fraud/candidate.yaml@3f2a…") with line and column.
core::Result<CandidateFile> read_candidate_file(std::string_view text, const std::string& where);

// The candidate that a file describes; `source` is the name of the configured source.
core::Candidate candidate_of(const CandidateFile& file, const std::string& source);

// Whether the journal would take this candidate (lengths, finite metrics, no credentials in addresses). The artifact's
// digest, which is not known yet, is left out of account. The Problem names `where`.
core::Result<void> check_candidate(const core::Candidate& candidate, const std::string& where);

// A model or version that is used as a name of a folder: no separators, no control characters, not "." or "..", not
// hidden.
bool is_plain_name(std::string_view name);

// A relative path in normal form: "a/b". "." and "" mean the folder itself and give "". Nothing for absolute paths,
// "..", empty parts, backslashes and control characters.
std::optional<std::string> normal_path(std::string_view path);

// `base`/`path`, where either may be empty.
std::string join_path(const std::string& base, const std::string& path);

}  // namespace penstock::sources
