// libgit2 itself: started once, its handles owned, its errors made into Problems.
#pragma once

#include <git2.h>

#include <memory>
#include <string>

#include "daemon/core/result.hpp"

namespace penstock::sources {

class GitSession;

// Starts libgit2 for the process, cut off from the configuration files and hooks of whoever runs the daemon. Safe from
// any thread.
void start_git();

template <auto Free>
struct GitFree {
  template <class T>
  void operator()(T* handle) const {
    Free(handle);
  }
};
using RepositoryHandle = std::unique_ptr<git_repository, GitFree<git_repository_free>>;
using RemoteHandle = std::unique_ptr<git_remote, GitFree<git_remote_free>>;
using ObjectHandle = std::unique_ptr<git_object, GitFree<git_object_free>>;
using CommitHandle = std::unique_ptr<git_commit, GitFree<git_commit_free>>;
using TagHandle = std::unique_ptr<git_tag, GitFree<git_tag_free>>;
using TreeHandle = std::unique_ptr<git_tree, GitFree<git_tree_free>>;
using TreeEntryHandle = std::unique_ptr<git_tree_entry, GitFree<git_tree_entry_free>>;
using BlobHandle = std::unique_ptr<git_blob, GitFree<git_blob_free>>;
using OdbHandle = std::unique_ptr<git_odb, GitFree<git_odb_free>>;
using WalkHandle = std::unique_ptr<git_revwalk, GitFree<git_revwalk_free>>;

// Fills a handle through libgit2's out parameter: `git(handle, [&](auto** out) { return git_commit_lookup(out, …); })`.
template <class Handle, class Call>
int fill(Handle& handle, Call call) {
  typename Handle::pointer raw = nullptr;
  const int error = call(&raw);
  handle.reset(raw);
  return error;
}

std::string hex_of(const git_oid& id);
bool read_oid(const std::string& hex, git_oid& id);

// What just failed on this thread, as "cannot <doing>: <libgit2's message>". The session's own reason comes first.
core::Problem git_problem(const std::string& doing, const std::string& where, int error,
                          const GitSession* session = nullptr);

}  // namespace penstock::sources
