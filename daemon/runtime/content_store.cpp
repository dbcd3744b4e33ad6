#include "daemon/runtime/content_store.hpp"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "daemon/runtime/descriptor.hpp"
#include "daemon/runtime/digest.hpp"
#include "daemon/runtime/tree.hpp"

namespace penstock::runtime {
namespace {

namespace fs = std::filesystem;

// Removes what was not kept, whichever way the work ended.
class Incoming {
 public:
  explicit Incoming(fs::path path) : path_(std::move(path)) {}
  ~Incoming() { remove_tree(path_); }
  Incoming(const Incoming&) = delete;
  Incoming& operator=(const Incoming&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

// 256 folders, so that none grows beyond what a file system likes to list.
fs::path blob_path(const fs::path& root, const core::Digest& digest) {
  return root / "blobs" / digest.hex().substr(0, 2) / digest.hex();
}

fs::path incoming_path(const fs::path& root) { return root / "incoming" / hex(random_bytes(16)); }

core::Result<void> make_folder(const fs::path& folder) {
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return disk_problem(errno, "made", folder);
  const Descriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!opened) return disk_problem(errno, "used as a folder of the store", folder);
  return {};
}

core::Result<void> sync_folder(const fs::path& folder) {
  const Descriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened || ::fsync(opened.get()) != 0) return disk_problem(errno, "kept", folder);
  return {};
}

// The bytes of a file of the store, at most ContentStore::max_content.
core::Result<std::string> read_blob(const fs::path& file) {
  const Descriptor opened(::open(file.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!opened && errno == ENOENT)
    return core::Problem{"not-found", "the store has no document with this digest", file.string(),
                         "it was never kept here, or somebody removed it"};
  if (!opened) return disk_problem(errno, "read", file);
  std::string content;
  const bool whole = read_pieces(opened.get(), [&](std::string_view piece) {
    content += piece;
    return content.size() <= ContentStore::max_content;
  });
  // What is longer than anything the store accepts is not what was kept: the digest will say so.
  if (!whole && errno != 0) return disk_problem(errno, "read", file);
  return content;
}

core::Result<void> write_blob(const fs::path& file, std::string_view content) {
  const Descriptor opened(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0400));
  if (!opened || !write_all(opened.get(), content) || ::fchmod(opened.get(), 0444) != 0 || ::fsync(opened.get()) != 0)
    return disk_problem(errno, "kept", file);
  return {};
}

core::Result<ProcessLock> claimed(const fs::path& root) {
  auto lock = ProcessLock::take(root / "lock");
  if (lock) return lock;
  const auto& problem = lock.error();
  if (problem.code == "in-use")
    return core::Problem{"store-in-use", "another penstockd works in this folder (" + problem.message + ")",
                         root.string(),
                         "stop that process first, or give this one a data folder of its own (`data`), also when the "
                         "two share a database",
                         false};
  return core::Problem{"store-failed", problem.message, problem.where,
                       "let penstockd's user write there: it must be a folder of its own", false};
}

// Moves a whole tree to its place, where an equal one may be already.
core::Result<void> move_into_place(const fs::path& from, const fs::path& to, const core::Digest& digest,
                                   const fs::path& aside, const TreeLimits& limits) {
  if (::rename(from.c_str(), to.c_str()) == 0) return {};
  if (errno != ENOTEMPTY && errno != EEXIST) return disk_problem(errno, "kept", to);
  if (const auto present = tree_digest(to, limits); present && *present == digest) return {};
  // Something changed the stored copy: the fresh one takes its place.
  const Incoming damaged(aside);
  if (::chmod(to.c_str(), 0700) != 0 || ::rename(to.c_str(), aside.c_str()) != 0 ||
      ::rename(from.c_str(), to.c_str()) != 0)
    return disk_problem(errno, "put in the place of a damaged copy", to);
  return {};
}

}  // namespace

core::Result<ContentStore> ContentStore::open(const fs::path& folder_of_store) {
  std::error_code error;
  // Absolute, because programs that work in another folder are told where a tree is.
  const auto root = fs::absolute(folder_of_store, error);
  fs::create_directories(root.parent_path(), error);
  if (error) return disk_problem(error.value(), "made", root.parent_path());
  if (::mkdir(root.c_str(), 0700) != 0 && errno != EEXIST) return disk_problem(errno, "made", root);
  auto lock = claimed(root);
  if (!lock) return lock.error();
  if (!remove_tree(root / "incoming")) return disk_problem(errno, "emptied", root / "incoming");
  for (const auto* name : {"incoming", "trees", "blobs"})
    if (auto made = make_folder(root / name); !made) return made.error();
  if (auto synced = sync_folder(root); !synced) return synced.error();
  return ContentStore(root, std::move(*lock));
}

ContentStore::ContentStore(fs::path root, ProcessLock lock)
    : root_(std::move(root)),
      lock_(std::move(lock)),
      shelves_(std::make_unique<std::array<std::atomic<bool>, 256>>()) {}

core::Result<fs::path> ContentStore::shelf(const core::Digest& digest) {
  auto folder = blob_path(root_, digest).parent_path();
  auto& known = (*shelves_)[static_cast<unsigned char>(from_hex(digest.hex().substr(0, 2)).value().front())];
  if (known) return folder;
  if (auto made = make_folder(folder); !made) return made.error();
  // Also when another thread made it just now, and is not here yet.
  if (auto synced = sync_folder(root_ / "blobs"); !synced) return synced.error();
  known = true;
  return folder;
}

core::Result<core::Digest> ContentStore::put(std::string_view content) {
  if (content.size() > max_content)
    return core::Problem{"too-large",
                         "a document of " + std::to_string(content.size()) + " bytes cannot be kept; at most " +
                             std::to_string(max_content) + " can",
                         root_.string(), "keep it elsewhere and refer to it by digest"};
  const auto digest = sha256(content);
  const auto file = blob_path(root_, digest);
  const auto folder = shelf(digest);
  if (!folder) return folder.error();
  // A damaged copy is written anew.
  if (const auto present = read_blob(file); !present || *present != content) {
    const Incoming incoming(incoming_path(root_));
    if (auto written = write_blob(incoming.path(), content); !written) return written.error();
    if (::rename(incoming.path().c_str(), file.c_str()) != 0) return disk_problem(errno, "kept", file);
  }
  // Also when it was there: another thread may have renamed it and not be here yet.
  if (auto synced = sync_folder(*folder); !synced) return synced.error();
  if (elsewhere_.keep)
    if (auto kept = elsewhere_.keep(digest, content); !kept) return kept.error();
  return digest;
}

core::Result<std::string> ContentStore::get(const core::Digest& digest) const {
  if (digest.empty()) return core::Problem{"not-found", "an empty digest names no document", root_.string(), {}};
  auto content = read_blob(blob_path(root_, digest));
  if (!content && content.error().code == "not-found" && elsewhere_.find) {
    auto found = elsewhere_.find(digest);
    if (!found) return found.error();
    if (*found) content = std::move(**found);
  }
  if (!content) return content;
  if (const auto found = sha256(*content); found != digest)
    return core::Problem{"damaged",
                         "the stored document has the digest " + found.text() + " and should have " + digest.text(),
                         blob_path(root_, digest).string(), "restore the file from a backup, and check the disk"};
  return content;
}

std::optional<fs::path> ContentStore::tree(const core::Digest& digest) const {
  if (digest.empty()) return std::nullopt;
  const auto folder = root_ / "trees" / digest.hex();
  struct stat found {};
  if (::lstat(folder.c_str(), &found) != 0 || !S_ISDIR(found.st_mode)) return std::nullopt;
  return folder;
}

core::Result<core::Digest> ContentStore::put_tree(const std::function<core::Result<void>(const fs::path&)>& fill,
                                                  const std::optional<core::Digest>& expected, TreeLimits limits) {
  auto folder = scratch();
  if (!folder) return folder.error();
  const Incoming incoming(*folder);
  if (auto filled = fill(incoming.path()); !filled) return filled.error();
  auto digest = seal_tree(incoming.path(), limits);
  if (!digest) return digest;
  if (expected && *expected != *digest)
    return core::Problem{"digest-mismatch",
                         "the files have the digest " + digest->text() + " and should have " + expected->text(),
                         {},
                         "find out who changed the artifact after the candidate was seen, and register a new version"};
  const auto place = root_ / "trees" / digest->hex();
  if (auto moved = move_into_place(incoming.path(), place, *digest, incoming_path(root_), limits); !moved)
    return moved.error();
  if (::chmod(place.c_str(), 0555) != 0) return disk_problem(errno, "made read-only", place);
  for (const auto& changed : {place, root_ / "trees"})
    if (auto synced = sync_folder(changed); !synced) return synced.error();
  return digest;
}

core::Result<core::Digest> ContentStore::try_tree(const std::function<core::Result<void>(const fs::path&)>& fill,
                                                  TreeLimits limits) {
  auto folder = scratch();
  if (!folder) return folder.error();
  const Incoming incoming(*folder);
  if (auto filled = fill(incoming.path()); !filled) return filled.error();
  return tree_digest(incoming.path(), limits);
}

core::Result<fs::path> ContentStore::scratch() {
  auto folder = incoming_path(root_);
  if (::mkdir(folder.c_str(), 0700) != 0) return disk_problem(errno, "made", folder);
  return folder;
}

}  // namespace penstock::runtime
