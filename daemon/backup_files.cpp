#include "daemon/backup_files.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <set>
#include <sstream>

#include "daemon/runtime/content_store.hpp"
#include "daemon/runtime/digest.hpp"

namespace penstock {
namespace fs = std::filesystem;
namespace {

core::Problem problem_of(const std::error_code& failed, const std::string& done, const fs::path& file) {
  const bool full = failed == std::errc::no_space_on_device;
  return {full ? "disk-full" : "unwritable", "cannot be " + done + ": " + failed.message(), file.string(),
          full ? "make room" : "check the folder and its permissions", full};
}

core::Problem damaged(const std::string& why, const fs::path& file) {
  return {"damaged", why, file.string(), "take another backup; nothing was restored"};
}

// By name, so that the same folder is always gone through in the same order.
std::set<fs::path> entries_of(const fs::path& folder, std::error_code& failed) {
  std::set<fs::path> entries;
  for (const auto& entry : fs::directory_iterator(folder, failed)) entries.insert(entry.path());
  return entries;
}

core::Result<void> link_folder(const fs::path& from, const fs::path& to) {
  std::error_code failed;
  fs::create_directories(to, failed);
  for (const auto& entry : failed ? std::set<fs::path>() : entries_of(from, failed)) {
    const auto target = to / entry.filename();
    if (fs::is_directory(fs::symlink_status(entry))) {
      if (const auto linked = link_folder(entry, target); !linked) return linked;
      continue;
    }
    fs::create_hard_link(entry, target, failed);
    if (failed) break;
  }
  if (failed) return problem_of(failed, "linked", from);
  return {};
}

// Paths of a manifest come from outside.
bool stays_below(const fs::path& path) {
  return !path.empty() && path.is_relative() && path.lexically_normal() == path && *path.begin() != "..";
}

core::Result<void> copy_regular(const fs::path& from, const fs::path& to) {
  std::error_code failed;
  fs::create_directories(to.parent_path(), failed);
  if (!failed && !fs::is_regular_file(fs::symlink_status(from, failed)))
    return damaged("is missing, or no regular file", from);
  if (!failed) fs::copy_file(from, to, failed);
  if (failed) return problem_of(failed, "copied to " + to.string(), from);
  return {};
}

core::Result<void> restore_blobs(const fs::path& from, const fs::path& to) {
  for (fs::recursive_directory_iterator entry(from), last; entry != last; ++entry) {
    if (entry->is_directory() && !entry->is_symlink()) continue;
    const auto target = to / entry->path().lexically_relative(from);
    if (const auto copied = copy_regular(entry->path(), target); !copied) return copied;
    const auto digest = runtime::sha256_file(target);
    if (!digest) return digest.error();
    if (digest->hex() != target.filename().string()) return damaged("is not what its name says", entry->path());
  }
  return {};
}

// As the store keeps trees.
void make_read_only(const fs::path& tree) {
  constexpr auto all_may_read = static_cast<fs::perms>(0555);
  std::error_code ignored;
  for (const auto& entry : fs::recursive_directory_iterator(tree, ignored))
    if (entry.is_directory() && !entry.is_symlink()) fs::permissions(entry.path(), all_may_read, ignored);
  fs::permissions(tree, all_may_read, ignored);
}

core::Result<void> restore_trees(const fs::path& from, const fs::path& to) {
  std::error_code failed;
  for (const auto& tree : entries_of(from, failed)) {
    const auto target = to / tree.filename();
    fs::create_directories(to, failed);
    fs::copy(tree, target, fs::copy_options::recursive | fs::copy_options::copy_symlinks, failed);
    if (failed) return problem_of(failed, "copied to " + target.string(), tree);
    const auto digest = runtime::tree_digest(target);
    if (!digest) return digest.error();
    if (digest->hex() != target.filename().string()) return damaged("is not what its name says", tree);
    make_read_only(target);
  }
  if (failed) return problem_of(failed, "listed", from);
  return {};
}

}  // namespace

core::Problem file_problem(const std::string& done, const fs::path& file) {
  return problem_of(std::error_code(errno, std::generic_category()), done, file);
}

core::Result<std::string> small_file(const fs::path& file) {
  constexpr std::uintmax_t most = std::uintmax_t{64} << 20;
  std::error_code failed;
  const auto size = fs::file_size(file, failed);
  if (failed) return problem_of(failed, "read", file);
  if (size > most) return damaged("is larger than any manifest", file);
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

core::Result<void> copy_hashed(const fs::path& from, const fs::path& to, const fs::path& root,
                               nlohmann::json& digests) {
  std::error_code failed;
  const auto kind = fs::symlink_status(from, failed);
  // It may have gone meanwhile: what is temporary is not missed.
  if (kind.type() == fs::file_type::not_found) return {};
  if (failed) return problem_of(failed, "copied", from);
  if (fs::is_directory(kind)) {
    fs::create_directories(to, failed);
    for (const auto& entry : failed ? std::set<fs::path>() : entries_of(from, failed))
      if (const auto copied = copy_hashed(entry, to / entry.filename(), root, digests); !copied) return copied;
    if (failed) return problem_of(failed, "copied", from);
    return {};
  }
  if (!fs::is_regular_file(kind)) return {};
  fs::copy_file(from, to, failed);
  if (failed == std::errc::no_such_file_or_directory) return {};
  if (failed) return problem_of(failed, "copied to " + to.string(), from);
  const auto digest = runtime::sha256_file(to);
  if (!digest) return digest.error();
  digests[to.lexically_relative(root).string()] = digest->text();
  return {};
}

core::Result<void> link_store(const fs::path& from, const fs::path& to) {
  for (const auto* part : {"blobs", "trees"})
    if (const auto linked = link_folder(from / part, to / part); !linked) return linked;
  return {};
}

core::Result<void> restore_files(const fs::path& from, const fs::path& to, const nlohmann::json& digests) {
  for (const auto& [name, wanted] : digests.items()) {
    const fs::path path(name);
    if (!stays_below(path) || !wanted.is_string())
      return damaged("the manifest names a file that is none: " + name, from);
    if (const auto copied = copy_regular(from / path, to / path); !copied) return copied;
    const auto digest = runtime::sha256_file(to / path);
    if (!digest) return digest.error();
    if (digest->text() != wanted.get<std::string>())
      return damaged("is not what it was when it was backed up", from / path);
  }
  return {};
}

core::Result<void> restore_store(const fs::path& from, const fs::path& to) {
  if (const auto blobs = restore_blobs(from / "blobs", to / "blobs"); !blobs) return blobs;
  return restore_trees(from / "trees", to / "trees");
}

Size size_of(const fs::path& folder) {
  Size size;
  std::error_code failed;
  for (fs::recursive_directory_iterator entry(folder, failed), last; !failed && entry != last;
       entry.increment(failed)) {
    if (!entry->is_regular_file(failed)) continue;
    ++size.files;
    size.bytes += entry->file_size(failed);
  }
  return size;
}

core::Result<void> sync_tree(const fs::path& folder) {
  const int opened = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (opened < 0) return file_problem("opened", folder);
  const bool synced = ::syncfs(opened) == 0;
  const auto problem = file_problem("brought to the disk", folder);
  ::close(opened);
  if (!synced) return problem;
  return {};
}

void remove_tree(const fs::path& folder) {
  std::error_code ignored;
  for (fs::recursive_directory_iterator entry(folder, ignored), last; entry != last; entry.increment(ignored))
    if (entry->is_directory(ignored) && !entry->is_symlink(ignored))
      fs::permissions(entry->path(), fs::perms::owner_all, ignored);
  fs::remove_all(folder, ignored);
}

}  // namespace penstock
