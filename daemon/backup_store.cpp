#include "daemon/backup_store.hpp"

#include <limits>
#include <optional>

#include "daemon/backup_files.hpp"
#include "daemon/runtime/content_store.hpp"
#include "daemon/runtime/digest.hpp"

namespace penstock {
namespace fs = std::filesystem;
namespace {

// As the store has them (runtime/content_store).
constexpr auto blobs_folder = "blobs";
constexpr auto trees_folder = "trees";

fs::path shelf_of(const core::Digest& blob) { return fs::path(blobs_folder) / blob.hex().substr(0, 2); }

std::optional<core::Digest> named_by(const fs::path& entry) {
  return core::Digest::parse("sha256:" + entry.filename().string());
}

core::Result<void> link_folder(const fs::path& from, const fs::path& to) {
  std::error_code failed;
  fs::create_directories(to, failed);
  if (failed) return file_problem(failed, "made", to);
  const auto entries = entries_of(from);
  if (!entries) return entries.error();
  for (const auto& entry : *entries) {
    const auto target = to / entry.filename();
    if (fs::is_directory(fs::symlink_status(entry, failed))) {
      if (const auto linked = link_folder(entry, target); !linked) return linked;
      continue;
    }
    fs::create_hard_link(entry, target, failed);
    if (failed) return file_problem(failed, "linked", entry);
  }
  return {};
}

core::Result<void> add_blobs(const fs::path& store, std::set<core::Digest>& blobs) {
  const auto shelves = entries_of(store / blobs_folder);
  if (!shelves) return shelves.error();
  for (const auto& shelf : *shelves) {
    std::error_code unknown;
    if (!fs::is_directory(fs::symlink_status(shelf, unknown))) continue;
    const auto entries = entries_of(shelf);
    if (!entries) return entries.error();
    for (const auto& entry : *entries)
      if (const auto digest = named_by(entry); digest && store / shelf_of(*digest) == shelf) blobs.insert(*digest);
  }
  return {};
}

core::Result<void> add_trees(const fs::path& store, std::set<core::Digest>& trees) {
  const auto entries = entries_of(store / trees_folder);
  if (!entries) return entries.error();
  for (const auto& entry : *entries)
    if (const auto digest = named_by(entry)) trees.insert(*digest);
  return {};
}

// Of any size: what may be fetched was asked when it was kept.
core::Result<core::Digest> digest_of_tree(const fs::path& tree) {
  return runtime::tree_digest(tree, {.max_bytes = std::numeric_limits<std::uint64_t>::max()});
}

core::Problem damaged_store(const fs::path& part) {
  return {"damaged", "is not what its name says: the disk has changed it since it was kept", part.string(),
          "put back what a copy of an earlier backup on another disk has; where there is none, move it away, and know "
          "that it is lost",
          false};
}

// As the store keeps trees.
void make_read_only(const fs::path& tree) {
  constexpr auto all_may_read = static_cast<fs::perms>(0555);
  std::error_code ignored;
  for (const auto& entry : fs::recursive_directory_iterator(tree, ignored))
    if (entry.is_directory() && !entry.is_symlink()) fs::permissions(entry.path(), all_may_read, ignored);
  fs::permissions(tree, all_may_read, ignored);
}

core::Result<void> restore_tree(const fs::path& from, const fs::path& to, const core::Digest& wanted) {
  std::error_code failed;
  if (!fs::is_directory(fs::symlink_status(from, failed))) return damaged_backup("is missing, or no folder", from);
  fs::copy(from, to, fs::copy_options::recursive | fs::copy_options::copy_symlinks, failed);
  if (failed) return file_problem(failed, "copied to " + to.string(), from);
  const auto digest = digest_of_tree(to);
  if (!digest) return digest.error();
  if (*digest != wanted) return damaged_backup("is not what it was when it was backed up", from);
  make_read_only(to);
  return {};
}

}  // namespace

core::Result<void> link_store(const fs::path& from, const fs::path& to) {
  for (const auto* part : {blobs_folder, trees_folder})
    if (const auto linked = link_folder(from / part, to / part); !linked) return linked;
  return {};
}

core::Result<StoreContent> content_of_store(const fs::path& store) {
  StoreContent content;
  if (const auto added = add_blobs(store, content.blobs); !added) return added.error();
  if (const auto added = add_trees(store, content.trees); !added) return added.error();
  return content;
}

core::Result<void> verify_store(const fs::path& store, const StoreContent& content) {
  for (const auto& blob : content.blobs) {
    const auto path = shelf_of(blob) / blob.hex();
    const auto digest = runtime::sha256_file(store / path);
    if (!digest) return digest.error();
    if (*digest != blob) return damaged_store(store.filename() / path);
  }
  for (const auto& tree : content.trees) {
    const auto path = fs::path(trees_folder) / tree.hex();
    const auto digest = digest_of_tree(store / path);
    if (!digest) return digest.error();
    if (*digest != tree) return damaged_store(store.filename() / path);
  }
  return {};
}

core::Result<void> restore_store(const fs::path& from, const fs::path& to, const StoreContent& wanted) {
  for (const auto& folder : {to, to / blobs_folder, to / trees_folder})
    if (const auto made = make_private(folder); !made) return made;
  for (const auto& blob : wanted.blobs) {
    const auto path = shelf_of(blob) / blob.hex();
    if (const auto restored = restore_file(from / path, to / path, blob); !restored) return restored;
  }
  for (const auto& tree : wanted.trees) {
    const auto path = fs::path(trees_folder) / tree.hex();
    if (const auto restored = restore_tree(from / path, to / path, tree); !restored) return restored;
  }
  return {};
}

}  // namespace penstock
