#include "daemon/runtime/tree.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include "daemon/runtime/descriptor.hpp"
#include "daemon/runtime/digest.hpp"
#include "daemon/runtime/utf8.hpp"

namespace penstock::runtime {
namespace {

// Deeper than any model's layout; every level holds one open descriptor.
constexpr std::size_t max_depth = 64;

enum class After { leave, seal };

// The names in a folder. False: errno says why.
bool names_in(int folder, std::vector<std::string>& names, std::size_t most) {
  Descriptor copy(::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!copy) return false;
  const std::unique_ptr<DIR, int (*)(DIR*)> entries(::fdopendir(copy.get()), &::closedir);
  if (!entries) return false;
  copy.release();
  errno = 0;
  while (const auto* entry = ::readdir(entries.get())) {
    const std::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    names.emplace_back(name);
    if (names.size() > most) break;
  }
  return errno == 0;
}

// Bytes that could end a manifest line early, or that sha256sum writes differently, and text that JSON cannot carry.
bool is_plain_name(const std::string& name) {
  return is_utf8(name) && std::none_of(name.begin(), name.end(),
                                       [](unsigned char byte) { return byte < 0x20 || byte == 0x7f || byte == '\\'; });
}

class TreeReader {
 public:
  TreeReader(std::filesystem::path top, const TreeLimits& limits, After after)
      : top_(std::move(top)), limits_(limits), after_(after) {}

  core::Result<core::Digest> read() {
    const Descriptor folder(::open(top_.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!folder) return disk_problem(errno, "read", top_);
    if (auto done = read_folder(folder.get(), "", 0); !done) return done.error();
    // By the whole path, not folder by folder: "a-b" comes before "a/b".
    std::sort(lines_.begin(), lines_.end());
    Sha256 manifest;
    for (const auto& [path, hex] : lines_) {
      manifest.update(hex);
      manifest.update("  ");
      manifest.update(path);
      manifest.update("\n");
    }
    return manifest.finish();
  }

 private:
  core::Result<void> read_folder(int folder, const std::string& prefix, std::size_t depth) {
    if (depth > max_depth) return unsafe("folders are nested more than " + std::to_string(max_depth) + " deep", prefix);
    std::vector<std::string> names;
    if (!names_in(folder, names, limits_.max_files)) return disk_problem(errno, "read", top_ / prefix);
    for (const auto& name : names) {
      if (++entries_ > limits_.max_files)
        return too_large("more than " + std::to_string(limits_.max_files) + " files and folders");
      if (!is_plain_name(name))
        return unsafe("a name is not UTF-8, or holds a control character or a backslash", prefix + printable(name));
      if (auto done = read_entry(folder, name, prefix + name, depth); !done) return done;
    }
    if (after_ == After::seal && depth > 0 && ::fchmod(folder, 0555) != 0)
      return disk_problem(errno, "made read-only", top_ / prefix);
    if (after_ == After::seal && ::fsync(folder) != 0) return disk_problem(errno, "kept", top_ / prefix);
    return {};
  }

  core::Result<void> read_entry(int folder, const std::string& name, const std::string& path, std::size_t depth) {
    struct stat seen {};
    if (::fstatat(folder, name.c_str(), &seen, AT_SYMLINK_NOFOLLOW) != 0)
      return disk_problem(errno, "read", top_ / path);
    // Opening a device may act on it, and opening a pipe may wait for ever: neither is tried.
    if (S_ISLNK(seen.st_mode)) return unsafe("it is a symbolic link", path);
    if (!S_ISDIR(seen.st_mode) && !S_ISREG(seen.st_mode)) return unsafe("it is neither a file nor a folder", path);
    const int kind = S_ISDIR(seen.st_mode) ? O_DIRECTORY : O_NONBLOCK;
    const Descriptor entry(::openat(folder, name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | kind));
    struct stat opened {};
    if (!entry || ::fstat(entry.get(), &opened) != 0) return disk_problem(errno, "read", top_ / path);
    if ((opened.st_mode & S_IFMT) != (seen.st_mode & S_IFMT)) return unsafe("it changed while it was read", path);
    if (S_ISDIR(opened.st_mode)) return read_folder(entry.get(), path + "/", depth + 1);
    return read_file(entry.get(), opened, path);
  }

  core::Result<void> read_file(int file, const struct stat& opened, const std::string& path) {
    if (after_ == After::seal) {
      // Another name of the same file would be a way to change it after it was checked.
      if (opened.st_nlink > 1) return unsafe("it is a hard link", path);
      if (::fchmod(file, 0444) != 0) return disk_problem(errno, "made read-only", top_ / path);
    }
    Sha256 hash;
    const bool whole = read_pieces(file, [&](std::string_view piece) {
      bytes_ += piece.size();
      hash.update(piece);
      return bytes_ <= limits_.max_bytes;
    });
    if (bytes_ > limits_.max_bytes) return too_large("more than " + std::to_string(limits_.max_bytes) + " bytes");
    if (!whole) return disk_problem(errno, "read", top_ / path);
    if (after_ == After::seal && ::fsync(file) != 0) return disk_problem(errno, "kept", top_ / path);
    lines_.emplace_back(path, hash.finish().hex());
    return {};
  }

  // Names inside the tree are told by `message`: the folder they are in may be gone when somebody reads it.
  core::Problem unsafe(const std::string& reason, const std::string& path) const {
    return {"unsafe-tree", "the artifact cannot be kept because of \"" + path + "\": " + reason, top_.string(),
            "leave it out of the artifact, or put a regular file in its place"};
  }
  core::Problem too_large(const std::string& observed) const {
    return {"too-large", "the artifact has " + observed, top_.string(),
            "raise the limit, or register a smaller artifact"};
  }

  std::filesystem::path top_;
  TreeLimits limits_;
  After after_;
  std::vector<std::pair<std::string, std::string>> lines_;
  std::size_t entries_ = 0;
  std::uint64_t bytes_ = 0;
};

bool remove_below(int parent, const std::string& name) {
  struct stat seen {};
  if (::fstatat(parent, name.c_str(), &seen, AT_SYMLINK_NOFOLLOW) != 0) return errno == ENOENT;
  if (!S_ISDIR(seen.st_mode)) return ::unlinkat(parent, name.c_str(), 0) == 0;
  // Only who may write to a folder may empty it, and stored folders are read-only.
  if (::fchmodat(parent, name.c_str(), 0700, 0) != 0) return false;
  const Descriptor folder(::openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  std::vector<std::string> names;
  if (!folder || !names_in(folder.get(), names, static_cast<std::size_t>(-1))) return false;
  const bool emptied = std::all_of(names.begin(), names.end(),
                                   [&](const std::string& inner) { return remove_below(folder.get(), inner); });
  return emptied && ::unlinkat(parent, name.c_str(), AT_REMOVEDIR) == 0;
}

}  // namespace

core::Problem disk_problem(int error, const std::string& act, const std::filesystem::path& where) {
  const bool full = error == ENOSPC || error == EDQUOT;
  return {full ? "store-full" : "store-failed", "it cannot be " + act + ": " + std::strerror(error), where.string(),
          full ? "free space on the disk of the store, or move the store to a larger one"
               : "check the disk and the permissions of the folder"};
}

core::Result<core::Digest> seal_tree(const std::filesystem::path& folder, const TreeLimits& limits) {
  return TreeReader(folder, limits, After::seal).read();
}

core::Result<core::Digest> tree_digest(const std::filesystem::path& folder, TreeLimits limits) {
  return TreeReader(folder, limits, After::leave).read();
}

bool remove_tree(const std::filesystem::path& folder) { return remove_below(AT_FDCWD, folder.string()); }

}  // namespace penstock::runtime
