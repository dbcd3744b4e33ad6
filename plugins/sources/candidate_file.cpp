#include "plugins/sources/candidate_file.hpp"

#include "plugins/sources/yaml_document.hpp"

namespace penstock::sources {

const core::declared::Shape<CandidateFile>& CandidateFile::shape() {
  using F = CandidateFile;
  static const auto shape =
      core::declared::Shape<F>("CandidateFile", "Describes one version of a model, beside its files.")
          .optional("model", &F::model, "The model's name; a source that knows it may leave it out.",
                    {.max_length = 200})
          .optional("version", &F::version,
                    "The version; the commit's first 12 digits, the tag or the folder's name otherwise.",
                    {.max_length = 200})
          .optional("artifact", &F::artifact,
                    "The folder of the model's files, seen from this file; its own folder otherwise.",
                    {.max_length = 1000})
          .optional("data_contract", &F::data_contract, "Path of the data contract.", {.max_length = 2000})
          .optional("data_sets", &F::data_sets, "Data sets by name.", {.max_length = 2000})
          .optional("metrics", &F::metrics, "Metrics by name.")
          .optional("labels", &F::labels, "Free labels.", {.max_length = 2000})
          .optional("authors", &F::authors, "People who made it, beside those whom the source names.",
                    {.max_length = 200});
  return shape;
}

core::Result<CandidateFile> read_candidate_file(std::string_view text, const std::string& where) {
  auto document = read_yaml(text, where);
  if (!document) return document.error();
  core::declared::Faults faults;
  auto file = CandidateFile::shape().read(*document, "", faults);
  if (!faults.empty()) {
    auto problem = core::declared::problem_of(faults, where);
    if (problem.where.empty()) problem.where = where;
    return problem;
  }
  return file;
}

core::Candidate candidate_of(const CandidateFile& file, const std::string& source) {
  core::Candidate candidate;
  candidate.model = file.model;
  candidate.version = file.version;
  candidate.source = source;
  candidate.data_contract = file.data_contract;
  candidate.data_sets = file.data_sets;
  candidate.metrics = file.metrics;
  candidate.labels = file.labels;
  candidate.authors = file.authors;
  return candidate;
}

core::Result<void> check_candidate(const core::Candidate& candidate, const std::string& where) {
  auto described = candidate;
  if (described.artifact) described.artifact->digest = core::Digest::from_hex(std::string(64, '0'));
  if (auto read = core::candidate_from_json(core::to_json(described)); !read) {
    auto problem = read.error();
    problem.where = where;
    return problem;
  }
  return {};
}

bool is_plain_name(std::string_view name) {
  if (name.empty() || name.size() > 200 || name[0] == '.') return false;
  for (const char c : name)
    if (c == '/' || c == '\\' || static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return false;
  return true;
}

std::optional<std::string> normal_path(std::string_view path) {
  if (path.empty() || path == "." || path == "./") return std::string();
  if (path.front() == '/') return std::nullopt;
  std::string result;
  for (std::size_t start = 0; start <= path.size();) {
    const auto slash = std::min(path.find('/', start), path.size());
    const auto part = path.substr(start, slash - start);
    start = slash + 1;
    if (part.empty() && slash == path.size()) break;  // one slash at the end is how people write folders
    if (part == "." && result.empty()) continue;
    if (part.empty() || part == "." || part == "..") return std::nullopt;
    for (const char c : part)
      if (c == '\\' || static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return std::nullopt;
    if (!result.empty()) result += '/';
    result += part;
  }
  return result;
}

std::string join_path(const std::string& base, const std::string& path) {
  if (base.empty()) return path;
  if (path.empty()) return base;
  return base + "/" + path;
}

}  // namespace penstock::sources
