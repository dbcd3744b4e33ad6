#include "daemon/audit/folder_store.hpp"

#include <sys/stat.h>

#include <cerrno>

#include "daemon/audit/half_written.hpp"
#include "daemon/audit/log_reader.hpp"
#include "daemon/audit/log_writer.hpp"

namespace penstock::audit {
namespace fs = std::filesystem;

core::Result<std::string> FolderStore::checkpoint() {
  // What stands where it stood may be another one by now: a disk that was not mounted, and is.
  if (folder_ && !folder_->is_in_place()) folder_.reset();
  struct stat seen {};
  if (::stat(root_.c_str(), &seen) != 0 || !S_ISDIR(seen.st_mode))
    return core::Problem{"audit-failed", "the sink's folder is not there", root_.string(),
                         "mount its disk; the first time, make the folder and let penstockd's user write there", true};
  auto note = read_file(root_ / checkpoint_file, longest_note);
  if (!note) return note.error();
  seen_ = note->value_or("");
  return seen_;
}

core::Result<std::optional<std::uint64_t>> FolderStore::size_of(const std::string& path) {
  struct stat seen {};
  if (::stat((root_ / path).c_str(), &seen) == 0) {
    if (!S_ISREG(seen.st_mode)) return std::optional<std::uint64_t>();
    return std::optional<std::uint64_t>(static_cast<std::uint64_t>(seen.st_size));
  }
  if (errno == ENOENT || errno == ENOTDIR) return std::optional<std::uint64_t>();
  return disk_problem(errno, "read", root_ / path);
}

core::Result<void> FolderStore::take() {
  if (folder_) return {};
  auto opened = Folder::open(root_);
  if (!opened && opened.error().code == "audit-in-use")
    return core::Problem{"audit-moved", "another daemon adds to this sink", root_.string(), "", true};
  if (!opened) return opened.error();
  folder_ = std::move(*opened);
  kept_at_.reset();
  return {};
}

// Where the next one is kept; nothing when the last one was a moment ago.
core::Result<std::optional<KeptEnd>> FolderStore::end_of_kept_when_due(const std::string& note) const {
  const auto now = std::chrono::steady_clock::now();
  if (kept_at_ && now - *kept_at_ < between_kept_) return std::optional<KeptEnd>();
  const auto name = note.substr(0, note.find('\n'));
  auto end = end_of_kept(root_ / checkpoints_file, name);
  if (!end) return end.error();
  // It is written over next: a checkpoint that was kept must not go with it.
  if (is_shaped_like_half_written(end->rest, name)) return std::optional(std::move(*end));
  return core::Problem{
      "audit-differs",
      "the last " + std::to_string(end->rest.size()) + " bytes, from byte " + std::to_string(end->bytes) +
          " on, are neither a checkpoint nor how one begins; nothing was changed there",
      (root_ / checkpoints_file).string(),
      "find out with `penstock audit verify` what was changed, and restore the sink from a copy", false};
}

core::Result<void> FolderStore::keep(const std::string& note, const KeptEnd& end) {
  if (end.note != note)
    if (auto kept = folder_->append(checkpoints_file, note + "\n", end.bytes); !kept) return kept;
  kept_at_ = std::chrono::steady_clock::now();
  return {};
}

core::Result<void> FolderStore::add(const sdk::Addition& addition) {
  if (auto taken = take(); !taken) return taken;
  const auto now = read_file(root_ / checkpoint_file, longest_note);
  if (!now) return now.error();
  if (now->value_or("") != seen_)
    return core::Problem{"audit-moved", "another daemon has added to this sink", root_.string(), "", true};
  const auto end = end_of_kept_when_due(addition.checkpoint);
  if (!end) return end.error();
  for (;;) {
    const auto file = addition.next();
    if (!file) return file.error();
    if (!*file) break;
    if (auto put = folder_->put((*file)->path, (*file)->bytes); !put) return put;
  }
  if (auto synced = folder_->sync(); !synced) return synced;
  if (auto replaced = folder_->replace(checkpoint_file, addition.checkpoint); !replaced) return replaced;
  seen_ = addition.checkpoint;
  if (*end)
    if (auto kept = keep(addition.checkpoint, **end); !kept) return kept;
  std::error_code ignored;  // what is left over says nothing wrong
  for (const auto& path : addition.superseded) fs::remove_all(root_ / path, ignored);
  return {};
}

}  // namespace penstock::audit
