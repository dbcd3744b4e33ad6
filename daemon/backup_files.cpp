#include "daemon/backup_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <sstream>
#include <vector>

#include "daemon/audit/log_writer.hpp"
#include "daemon/audit/looked_at.hpp"
#include "daemon/runtime/descriptor.hpp"
#include "daemon/runtime/digest.hpp"
#include "daemon/runtime/utf8.hpp"

namespace penstock {
namespace fs = std::filesystem;
namespace {

constexpr mode_t owner_alone = 0700;
// Beside an audit log's checkpoints (c2sp.org/tlog-tiles).
constexpr auto tiles_folder = "tile";

std::error_code last_error() { return {errno, std::generic_category()}; }

// An audit log is published tiles first, then the checkpoint that covers them, which is kept last of all: so it is
// copied the other way round. Its tiles are gone through twice, because a partial one goes once the full one is there,
// and that may not have been listed.
std::vector<fs::path> in_copying_order(const fs::path& folder, const std::set<fs::path>& entries) {
  const auto newest = folder / audit::checkpoint_file;
  const auto tiles = folder / tiles_folder;
  std::vector<fs::path> ordered;
  for (const auto& entry : entries)
    if (entry != newest && entry != tiles) ordered.push_back(entry);
  for (const auto& entry : {newest, tiles, tiles})
    if (entries.contains(entry)) ordered.push_back(entry);
  return ordered;
}

core::Result<void> copy_folder(const fs::path& from, const fs::path& to, const fs::path& root, FileDigests& digests) {
  std::error_code failed;
  fs::create_directories(to, failed);
  if (failed) return file_problem(failed, "made", to);
  // Before the attestations that it counts are listed: those that come meanwhile are made again.
  if (const auto copied = copy_hashed(from / audit::looked_at_file, to / audit::looked_at_file, root, digests); !copied)
    return copied;
  const auto entries = entries_of(from);
  if (!entries) return entries.error();
  for (const auto& entry : in_copying_order(from, *entries))
    if (const auto copied = copy_hashed(entry, to / entry.filename(), root, digests); !copied) return copied;
  return {};
}

// What a backup does not hold is said, and not left out.
core::Problem not_copied(const std::string& why, const fs::path& file) {
  return {"not-supported", why, runtime::printable(file.string()),
          "move it out of the data folder, where Penstock puts nothing like it, and make the backup again", false};
}

// Paths of a manifest come from outside.
bool stays_below(const fs::path& path) {
  return !path.empty() && path.is_relative() && path.lexically_normal() == path && *path.begin() != "..";
}

}  // namespace

core::Problem file_problem(const std::error_code& failed, const std::string& done, const fs::path& file) {
  const bool full = failed == std::errc::no_space_on_device;
  return {full ? "disk-full" : "unwritable", "cannot be " + done + ": " + failed.message(), file.string(),
          full ? "make room" : "check the folder and its permissions", full};
}

core::Problem damaged_backup(const std::string& why, const fs::path& file) {
  return {"damaged", why, file.string(), "take another backup; nothing was restored"};
}

core::Result<std::string> small_file(const fs::path& file, std::uintmax_t most) {
  std::error_code failed;
  const auto size = fs::file_size(file, failed);
  if (failed) return file_problem(failed, "read", file);
  if (size > most)
    return core::Problem{
        "too-large",
        "the file has " + std::to_string(size) + " bytes; at most " + std::to_string(most) + " are expected",
        file.string(), "name the file that was meant"};
  std::ostringstream text;
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return file_problem(last_error(), "read", file);
  if (size > 0) text << stream.rdbuf();
  if (!text || !stream) return file_problem(last_error(), "read", file);
  return text.str();
}

core::Result<std::set<fs::path>> entries_of(const fs::path& folder) {
  std::set<fs::path> entries;
  std::error_code failed;
  for (fs::directory_iterator entry(folder, failed), last; !failed && entry != last; entry.increment(failed))
    entries.insert(entry->path());
  if (failed && failed != std::errc::no_such_file_or_directory) return file_problem(failed, "listed", folder);
  return entries;
}

core::Result<void> make_private(const fs::path& folder) {
  if (::mkdir(folder.c_str(), owner_alone) != 0 && errno != EEXIST) return file_problem(last_error(), "made", folder);
  return {};
}

core::Result<void> copy_hashed(const fs::path& from, const fs::path& to, const fs::path& root, FileDigests& digests) {
  std::error_code failed;
  const auto kind = fs::symlink_status(from, failed);
  // It may have gone meanwhile: what is temporary is not missed.
  if (kind.type() == fs::file_type::not_found) return {};
  if (failed) return file_problem(failed, "copied", from);
  if (!runtime::is_utf8(to.filename().string())) return not_copied("has a name that is not UTF-8", from);
  if (fs::is_symlink(kind)) return not_copied("is a link, and a backup holds folders and files alone", from);
  if (fs::is_directory(kind)) return copy_folder(from, to, root, digests);
  if (!fs::is_regular_file(kind)) return {};
  const bool copied = fs::copy_file(from, to, fs::copy_options::skip_existing, failed);
  if (failed == std::errc::no_such_file_or_directory) return {};
  if (failed) return file_problem(failed, "copied to " + to.string(), from);
  if (!copied) return {};
  const auto digest = runtime::sha256_file(to);
  if (!digest) return digest.error();
  digests[to.lexically_relative(root).string()] = *digest;
  return {};
}

core::Result<void> restore_file(const fs::path& from, const fs::path& to, const core::Digest& wanted) {
  std::error_code failed;
  fs::create_directories(to.parent_path(), failed);
  if (failed) return file_problem(failed, "made", to.parent_path());
  if (!fs::is_regular_file(fs::symlink_status(from, failed)))
    return damaged_backup("is missing, or no regular file", from);
  fs::copy_file(from, to, failed);
  if (failed) return file_problem(failed, "copied to " + to.string(), from);
  const auto digest = runtime::sha256_file(to);
  if (!digest) return digest.error();
  if (*digest != wanted) return damaged_backup("is not what it was when it was backed up", from);
  return {};
}

core::Result<void> restore_files(const fs::path& from, const fs::path& to, const FileDigests& digests) {
  for (const auto& [name, wanted] : digests) {
    const fs::path path(name);
    if (!stays_below(path)) return damaged_backup("the manifest names a file that is none: " + name, from);
    if (const auto restored = restore_file(from / path, to / path, wanted); !restored) return restored;
  }
  return {};
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
  const runtime::Descriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened || ::syncfs(opened.get()) != 0) return file_problem(last_error(), "brought to the disk", folder);
  return {};
}

}  // namespace penstock
