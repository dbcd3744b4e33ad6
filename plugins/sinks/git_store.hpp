// A copy of a log's files in a git repository: each addition is a commit on one branch, never by force. In every
// commit the files can be verified as they stand.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>

#include "plugins/sdk/log_store.hpp"
#include "plugins/sources/git_remote.hpp"

namespace penstock::sinks {

struct GitStoreSettings {
  // The path of a bare repository that is there, or an http(s) address.
  std::string repository;
  std::string branch = "audit";
  std::filesystem::path mirror;  // of an address: a folder of its own that may be removed at any time
  sources::GitCredentials credentials{};
  bool allow_private = false;
  core::Duration within = std::chrono::seconds(30);  // for one exchange with an address
  std::function<core::Time()> now;                   // of commits
};

class GitStore : public sdk::LogStore {
 public:
  explicit GitStore(GitStoreSettings settings);

  core::Result<std::string> checkpoint() override;
  core::Result<std::optional<std::uint64_t>> size_of(const std::string& path) override;
  // What was committed to a path is synced; what was pushed was accepted.
  core::Result<void> add(const sdk::Addition& addition) override;

 private:
  core::Result<void> open();
  core::Result<void> fetch();
  core::Result<sources::TreeHandle> tree() const;
  core::Result<git_oid> write_tree(const sdk::Addition& addition, git_tree* before) const;
  core::Result<git_oid> commit(const sdk::Addition& addition, const git_oid& tree) const;
  core::Result<void> move_branch(const git_oid& commit) const;
  core::Result<void> push(const git_oid& commit) const;
  bool is_local() const { return settings_.repository.find("://") == std::string::npos; }
  std::string branch() const { return "refs/heads/" + settings_.branch; }
  git_repository* handle() const { return mirror_ ? mirror_->handle() : repository_.get(); }
  sources::GitLimits limits() const;

  GitStoreSettings settings_;
  sources::RepositoryHandle repository_;
  std::optional<sources::GitRepository> mirror_;
  std::string head_;  // what the branch led to when it was read; empty: it was not there
};

}  // namespace penstock::sinks
