#include "plugins/sources/git_last_author.hpp"

#include <algorithm>
#include <cctype>
#include <optional>

#include "plugins/sources/git_library.hpp"

namespace penstock::sources {
namespace {

namespace fs = std::filesystem;

constexpr int most_commits = 100'000;

// A work tree, and the file's path in it.
struct Place {
  RepositoryHandle repository;
  std::string path;
};

core::Problem unknown(const char* code, std::string message, const fs::path& file, std::string hint) {
  return {code, std::move(message), file.string(), std::move(hint), false};
}

core::Problem no_history(const std::string& doing, const fs::path& file, int error) {
  auto problem = git_problem(doing, file.string(), error);
  problem.code = "no-history";
  problem.transient = false;
  return problem;
}

core::Result<Place> find_place(const fs::path& file) {
  const auto no_tree = [&file](const std::string& why) {
    return unknown("no-work-tree", why, file, "keep the gate definitions in a clone of a git repository");
  };
  // What is read is what a link leads to, so that is what counts.
  std::error_code failed;
  const auto real = fs::canonical(file, failed);
  if (failed) return no_tree("the file cannot be found: " + failed.message());
  Place place;
  const auto from = real.parent_path().string();
  const int error = fill(place.repository, [&](auto** out) {
    return git_repository_open_ext(out, from.c_str(), GIT_REPOSITORY_OPEN_CROSS_FS, nullptr);
  });
  if (error == GIT_ENOTFOUND) return no_tree("it lies in no git work tree");
  if (error != 0) return no_history("open the git repository", file, error);
  const auto* root = git_repository_workdir(place.repository.get());
  if (root == nullptr) return no_tree("it lies in a bare git repository");
  const auto tree = fs::canonical(root, failed);
  place.path = real.lexically_relative(failed ? fs::path(root) : tree).generic_string();
  if (place.path.empty() || place.path.starts_with("..")) return no_tree("it lies outside its git work tree");
  return place;
}

core::Result<CommitHandle> head_of(git_repository* repository, const fs::path& file) {
  if (git_repository_head_unborn(repository) == 1)
    return unknown("not-committed", "its git repository has no commit yet", file, "commit it");
  // Not by git_revparse_single(): libgit2 1.5 leaks the reference where its commit cannot be read.
  git_oid id;
  CommitHandle head;
  int error = git_reference_name_to_id(&id, repository, "HEAD");
  if (error == 0) error = fill(head, [&](auto** out) { return git_commit_lookup(out, repository, &id); });
  if (error != 0) return no_history("read the newest commit", file, error);
  return head;
}

// The object that a commit has at the path; nothing when it has none. What cannot be read is a Problem.
core::Result<std::optional<git_oid>> content_at(const git_commit* commit, const Place& place, const fs::path& file) {
  TreeHandle tree;
  if (const int error = fill(tree, [&](auto** out) { return git_commit_tree(out, commit); }); error != 0)
    return no_history("read the files of " + hex_of(*git_commit_id(commit)), file, error);
  TreeEntryHandle entry;
  const int error = fill(entry, [&](auto** out) { return git_tree_entry_bypath(out, tree.get(), place.path.c_str()); });
  if (error == GIT_ENOTFOUND) return std::optional<git_oid>();
  if (error != 0) return no_history("find the file in " + hex_of(*git_commit_id(commit)), file, error);
  return std::optional(*git_tree_entry_id(entry.get()));
}

// The first parent with the same content; nullptr when the commit changed it.
core::Result<CommitHandle> unchanged_parent(const git_commit* commit, const git_oid& content, const Place& place,
                                            const fs::path& file) {
  for (unsigned i = 0; i < git_commit_parentcount(commit); ++i) {
    CommitHandle parent;
    const int error = fill(parent, [&](auto** out) { return git_commit_parent(out, commit, i); });
    if (error == GIT_ENOTFOUND)
      return unknown("no-history",
                     "the history ends at " + hex_of(*git_commit_id(commit)) + ", before the commit that changed it",
                     file, "make the clone whole: git fetch --unshallow");
    if (error != 0) return no_history("read the history", file, error);
    const auto before = content_at(parent.get(), place, file);
    if (!before) return before.error();
    if (*before && git_oid_equal(&**before, &content) != 0) return parent;
  }
  return CommitHandle();
}

core::Result<std::string> author_of(const git_commit* commit, const fs::path& file) {
  const auto* author = git_commit_author(commit);
  std::string email = author != nullptr && author->email != nullptr ? author->email : "";
  if (email.empty() || email.size() > 200)
    return unknown("no-author", "the commit " + hex_of(*git_commit_id(commit)) + " names no author's address", file,
                   "commit it again with one: git config user.email");
  std::transform(email.begin(), email.end(), email.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return email;
}

}  // namespace

core::Result<std::string> git_last_author(const fs::path& file, std::string_view text) {
  start_git();
  const auto place = find_place(file);
  if (!place) return place.error();
  auto commit = head_of(place->repository.get(), file);
  if (!commit) return commit.error();
  const auto committed = content_at(commit->get(), *place, file);
  if (!committed) return committed.error();
  if (!*committed) return unknown("not-committed", "no commit holds the file", file, "git add and commit it");
  git_oid read{};
  if (const int error = git_odb_hash(&read, text.data(), text.size(), GIT_OBJECT_BLOB); error != 0)
    return no_history("hash the file", file, error);
  const auto content = **committed;
  if (git_oid_equal(&read, &content) == 0)
    return unknown("uncommitted-changes", "the file is not as it was committed last", file,
                   "commit it, or take the changes back");
  for (int commits = 0; commits < most_commits; ++commits) {
    auto parent = unchanged_parent(commit->get(), content, *place, file);
    if (!parent) return parent.error();
    if (!*parent) return author_of(commit->get(), file);
    commit = std::move(parent);
  }
  return unknown("no-history", "none of the last " + std::to_string(most_commits) + " commits changed it", file,
                 "commit it anew");
}

}  // namespace penstock::sources
