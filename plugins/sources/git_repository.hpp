// A bare mirror of a repository: what was fetched, read object by object.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "daemon/core/words.hpp"
#include "plugins/sources/git_library.hpp"

namespace penstock::sources {

// What a ref leads to, tags peeled.
struct GitCommit {
  std::string id;      // 40 hex digits
  std::string author;  // e-mail addresses
  std::string committer;
  std::string tagger;  // of the annotated tag, if it was one
  core::Time at{};     // committed
};

struct GitFile {
  std::string path;
  std::string oid;
};

enum class GitEntryKind { file, folder, link, submodule };
struct GitEntry {
  std::string oid;
  GitEntryKind kind{};
};

struct GitAuthors {
  std::vector<std::string> emails;
  bool is_whole = true;  // false when there were more commits than are looked at
};

class GitRepository {
 public:
  // Opens the mirror, or makes one. One that is damaged, or in more than 500 packs, is removed and made anew.
  static core::Result<GitRepository> open(const std::filesystem::path& folder);

  bool has(const std::string& oid) const;
  // Problem "not-a-commit" when the object is none and no tag of one.
  core::Result<GitCommit> commit(const std::string& oid) const;
  // Commit authors and co-authors of what `newer` has and `older` has not (at most 1000 commits); of `newer` alone when
  // `older` is empty or not here.
  GitAuthors authors(const std::string& newer, const std::string& older) const;
  // The files of the commit whose path is wanted; more than 200 000 entries are a Problem.
  core::Result<std::vector<GitFile>> find(const std::string& commit,
                                          const std::function<bool(const std::string&)>& wanted) const;
  // What is at the path; "" is the root folder. Nothing when the path is not there.
  std::optional<GitEntry> entry(const std::string& commit, const std::string& path) const;
  // Text of a file, refused when it is larger. `where` is for the Problem.
  core::Result<std::string> read(const std::string& oid, std::size_t max_bytes, const std::string& where) const;

  git_repository* handle() const { return repository_.get(); }

 private:
  explicit GitRepository(RepositoryHandle repository) : repository_(std::move(repository)) {}
  core::Result<TreeHandle> tree(const std::string& commit) const;
  RepositoryHandle repository_;
};

}  // namespace penstock::sources
