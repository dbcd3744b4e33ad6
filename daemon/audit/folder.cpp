#include "daemon/audit/folder.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace penstock::audit {
namespace fs = std::filesystem;
using runtime::Descriptor;

namespace {

// Any web server may read them.
constexpr mode_t file_mode = 0644;
constexpr mode_t folder_mode = 0755;
constexpr std::size_t most_known = 4096;
constexpr std::size_t longest_known_file = std::size_t{17} << 20;  // 256 entries of 64 KiB

core::Result<void> sync_folder(const fs::path& folder) {
  const Descriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened || ::fsync(opened.get()) != 0) return disk_problem(errno, "kept", folder);
  return {};
}

}  // namespace

core::Problem disk_problem(int error, const std::string& what, const fs::path& path) {
  return {"audit-failed", "the audit log could not be " + what + ": " + std::generic_category().message(error),
          path.string(), "let penstockd's user write there, and see that there is room", true};
}

core::Result<std::optional<std::string>> read_file(const fs::path& file, std::size_t most) {
  const Descriptor opened(::open(file.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  if (!opened && (errno == ENOENT || errno == ENOTDIR)) return std::optional<std::string>();
  struct stat seen {};
  if (!opened || ::fstat(opened.get(), &seen) != 0) return disk_problem(errno, "read", file);
  if (!S_ISREG(seen.st_mode))
    return core::Problem{"audit-damaged", "this is no regular file", file.string(), "", false};
  std::string bytes;
  const bool whole = runtime::read_pieces(opened.get(), [&](std::string_view piece) {
    bytes += piece;
    return bytes.size() <= most;
  });
  if (bytes.size() > most)
    return core::Problem{"audit-damaged", "the file has more than " + std::to_string(most) + " bytes", file.string(),
                         "", false};
  if (!whole) return disk_problem(errno, "read", file);
  return std::optional(std::move(bytes));
}

core::Result<Folder> Folder::open(fs::path root) {
  std::error_code failed;
  fs::create_directories(root, failed);
  Descriptor lock(::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!lock) return disk_problem(errno, "opened", root);
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0)
    return core::Problem{"audit-in-use", "another penstockd writes its audit log here", root.string(),
                         "give each daemon a folder of its own (`audit.folder`)", false};
  return Folder(std::move(root), std::move(lock));
}

bool Folder::is_in_place() const {
  struct stat held {};
  struct stat found {};
  return ::fstat(lock_.get(), &held) == 0 && ::stat(root_.c_str(), &found) == 0 && held.st_dev == found.st_dev &&
         held.st_ino == found.st_ino;
}

core::Result<void> Folder::make_folders(const fs::path& folder) {
  if (known_.contains(folder) || folder == root_) return {};
  if (auto made = make_folders(folder.parent_path()); !made) return made;
  if (::mkdir(folder.c_str(), folder_mode) != 0 && errno != EEXIST) return disk_problem(errno, "kept", folder);
  // Also when it was there: what made it may have crashed before it was durable.
  unsynced_.insert(folder.parent_path());
  if (known_.size() >= most_known) known_.clear();
  known_.insert(folder);
  return {};
}

core::Result<void> Folder::write(const fs::path& file, const std::string& bytes) {
  const auto fresh = file.string() + std::string(unfinished);
  const Descriptor opened(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, file_mode));
  if (!opened || !runtime::write_all(opened.get(), bytes) || ::fsync(opened.get()) != 0 ||
      ::rename(fresh.c_str(), file.c_str()) != 0)
    return disk_problem(errno, "kept", file);
  unsynced_.insert(file.parent_path());
  return {};
}

core::Result<void> Folder::put(const std::string& path, const std::string& bytes) {
  const auto file = root_ / path;
  const auto present = read_file(file, longest_known_file);
  if (!present) return present.error();
  if (*present && **present == bytes) {
    unsynced_.insert(file.parent_path());
    return {};
  }
  if (*present)
    return core::Problem{
        "audit-differs", "the file is there already and says something else than the journal; nothing was changed",
        file.string(), "find out with `penstock audit verify` which of the two was changed, and restore that one",
        false};
  auto done = make_folders(file.parent_path());
  if (done) done = write(file, bytes);
  if (!done) known_.clear();  // something may be there that is no folder, and be gone at the next try
  return done;
}

core::Result<void> Folder::sync() {
  for (const auto& folder : unsynced_)
    if (auto synced = sync_folder(folder); !synced) return synced;
  unsynced_.clear();
  return {};
}

core::Result<void> Folder::replace(const std::string& path, const std::string& bytes) {
  if (auto made = make_folders((root_ / path).parent_path()); !made) return made;
  if (auto written = write(root_ / path, bytes); !written) return written;
  return sync();
}

core::Result<void> Folder::append(const std::string& path, const std::string& bytes, std::uint64_t old_size) {
  const auto file = root_ / path;
  const Descriptor opened(::open(file.c_str(), O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, file_mode));
  if (!opened || ::ftruncate(opened.get(), static_cast<off_t>(old_size)) != 0 ||
      ::lseek(opened.get(), 0, SEEK_END) < 0 || !runtime::write_all(opened.get(), bytes) || ::fsync(opened.get()) != 0)
    return disk_problem(errno, "kept", file);
  if (old_size > 0) return {};
  return sync_folder(root_);
}

}  // namespace penstock::audit
