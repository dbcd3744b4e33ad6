// The candidates that a commit holds.
#pragma once

#include <functional>
#include <string>

#include "plugins/sdk/source.hpp"
#include "plugins/sources/git_repository.hpp"
#include "plugins/sources/git_settings.hpp"

namespace penstock::sources {

// A ref that leads somewhere else than before. `before` is empty when it was not there, or not known.
struct ChangedRef {
  std::string name;  // "refs/heads/main"
  std::string oid;
  std::string before;
  GitCommit commit;
};

class GitCandidates {
 public:
  GitCandidates(const GitRepository& mirror, const GitSettings& settings, std::string source,
                std::function<bool()> is_late)
      : mirror_(mirror), settings_(settings), source_(std::move(source)), is_late_(std::move(is_late)) {}

  // Adds what the ref's commit holds to the poll: candidate files (on a branch only those that changed, or whose files
  // did, since `before`), or the version that a GTO tag registers. A broken file is a problem of the poll; a Problem
  // that is returned is the mirror's, and transient.
  core::Result<void> report(const ChangedRef& ref, sdk::Poll& poll) const;

 private:
  struct Described {
    sdk::Sighting sighting;
    std::string file;    // the candidate file's path; empty without one
    std::string folder;  // the artifact's path
  };
  core::Result<void> report_files(const ChangedRef& ref, const std::string& default_version, sdk::Poll& poll) const;
  core::Result<void> report_gto(const ChangedRef& ref, const std::string& tag, sdk::Poll& poll) const;
  core::Result<std::vector<GitFile>> candidate_files(const std::string& commit) const;
  core::Result<Described> describe(const ChangedRef& ref, const GitFile& file,
                                   const std::string& default_version) const;
  core::Result<Described> describe_gto(const ChangedRef& ref, const std::string& tag) const;
  bool is_unchanged(const ChangedRef& ref, const GitFile& file, const std::string& folder) const;
  core::Result<void> add(const ChangedRef& ref, Described described, sdk::Poll& poll) const;
  std::string place(const std::string& path, const ChangedRef& ref) const;

  const GitRepository& mirror_;
  const GitSettings& settings_;
  std::string source_;
  std::function<bool()> is_late_;
};

}  // namespace penstock::sources
