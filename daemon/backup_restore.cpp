#include <vector>

#include "daemon/backup.hpp"
#include "daemon/backup_manifest.hpp"
#include "daemon/runtime/content_store.hpp"
#include "daemon/runtime/tree.hpp"

namespace penstock {
namespace fs = std::filesystem;
namespace {

// In the data folder, which may be a mount, or in one where nothing else may be written. A restore that is cut off
// leaves this and nothing else.
constexpr auto unfinished_name = ".unfinished-restore";

core::Result<void> must_be_free(const fs::path& data) {
  std::error_code failed;
  const auto kind = fs::status(data, failed);
  if (kind.type() == fs::file_type::not_found) return {};
  if (!fs::status_known(kind)) return file_problem(failed, "looked at", data);
  if (!fs::is_directory(kind))
    return core::Problem{"conflict", "this is no folder", data.string(),
                         "name a folder that is not there yet, or an empty one: nothing is overwritten"};
  const bool empty = fs::is_empty(data, failed);
  if (failed) return file_problem(failed, "listed", data);
  if (empty) return {};
  return core::Problem{"conflict", "the data folder is not empty", data.string(),
                       "name a folder that is not there yet: nothing is overwritten"};
}

// It must be one that this Penstock can go on with.
core::Result<void> can_go_on(const fs::path& file) {
  const auto journal = journal::open_sqlite(file.string(), [](std::function<void()> done) { done(); });
  if (!journal) return journal.error();
  const auto newest = (*journal)->newest_seq();
  if (!newest) return newest.error();
  return {};
}

// The journal goes from the folder into the database, and is in one place then.
core::Result<void> into_postgres(const journal::PostgresOptions& postgres, const fs::path& folder,
                                 const std::set<core::Digest>& blobs) {
  const auto store = runtime::ContentStore::open(folder / store_name);
  if (!store) return store.error();
  const auto file = folder / journal_name;
  const std::vector<core::Digest> documents(blobs.begin(), blobs.end());
  const auto read = [&](const core::Digest& digest) { return store->get(digest); };
  if (const auto filled = journal::fill_postgres(postgres, file.string(), documents, read); !filled) return filled;
  std::error_code failed;
  for (const auto* beside : {"", "-wal", "-shm", ".lock"}) fs::remove(file.string() + beside, failed);
  return {};
}

core::Result<void> restore_into(const fs::path& folder, const fs::path& backup, const Manifest& manifest,
                                const std::optional<journal::PostgresOptions>& postgres) {
  if (const auto restored = restore_files(backup, folder, manifest.files); !restored) return restored;
  if (const auto restored = restore_store(backup / store_name, folder / store_name, manifest.store); !restored)
    return restored;
  // Also where the backup's copy could be read by others, or not be written to.
  const auto journal = folder / journal_name;
  std::error_code failed;
  fs::permissions(journal, fs::perms::owner_read | fs::perms::owner_write, failed);
  if (failed) return file_problem(failed, "kept from others", journal);
  if (const auto fit = can_go_on(journal); !fit) return fit;
  if (const auto synced = sync_tree(folder); !synced) return synced;
  // Last, as nothing takes it back.
  if (postgres) return into_postgres(*postgres, folder, manifest.store.blobs);
  return {};
}

// All that is in the folder, the journal after all the rest; as a whole or not at all.
core::Result<void> move_up(const fs::path& folder, const fs::path& data) {
  const auto entries = entries_of(folder);
  if (!entries) return entries.error();
  std::vector<fs::path> names;
  for (const auto& entry : *entries)
    if (entry.filename() != journal_name) names.push_back(entry.filename());
  if (entries->contains(folder / journal_name)) names.emplace_back(journal_name);

  core::Result<void> moved;
  std::vector<fs::path> done;
  for (const auto& name : names) {
    std::error_code failed;
    if (fs::exists(fs::symlink_status(data / name, failed)))
      moved = core::Problem{"conflict", "it has come into the data folder meanwhile", (data / name).string(),
                            "stop the daemon that works there, and name a folder that is not there yet"};
    if (moved) fs::rename(folder / name, data / name, failed);
    if (moved && failed) moved = file_problem(failed, "moved into place", data / name);
    if (!moved) break;
    done.push_back(name);
  }
  if (moved) moved = sync_tree(data);
  std::error_code ignored;
  if (!moved)
    for (const auto& name : done) fs::rename(data / name, folder / name, ignored);
  return moved;
}

}  // namespace

core::Result<Restored> restore_backup(const fs::path& backup, const fs::path& data,
                                      const std::optional<journal::PostgresOptions>& postgres) {
  const auto manifest = read_manifest(backup);
  if (!manifest) return manifest.error();
  if (const auto is_free = must_be_free(data); !is_free) return is_free.error();
  std::error_code failed;
  const bool is_new = fs::create_directories(data, failed);
  if (!failed && is_new) fs::permissions(data, fs::perms::owner_all, failed);
  if (failed) return file_problem(failed, "made", data);

  const auto unfinished = data / unfinished_name;
  auto made = make_private(unfinished);
  if (made) made = restore_into(unfinished, backup, *manifest, postgres);
  if (made) made = move_up(unfinished, data);
  runtime::remove_tree(unfinished);
  if (!made) {
    if (is_new) fs::remove(data, failed);
    return made.error();
  }
  const auto size = size_of(data);
  return Restored{manifest->id, manifest->events, size.files, size.bytes, manifest->lists_store};
}

}  // namespace penstock
