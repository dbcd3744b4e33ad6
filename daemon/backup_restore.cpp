#include <vector>

#include "daemon/backup.hpp"
#include "daemon/backup_manifest.hpp"
#include "daemon/runtime/content_store.hpp"
#include "daemon/runtime/tree.hpp"

namespace penstock {
namespace fs = std::filesystem;
namespace {

// In the data folder, which may be a mount, or in one where nothing else may be written. Where it is, a restore goes on
// or was cut off.
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

core::Result<void> into_postgres(const journal::PostgresOptions& postgres, const fs::path& file,
                                 const fs::path& evidence, const std::set<core::Digest>& blobs) {
  const auto store = runtime::ContentStore::open(evidence);
  if (!store) return store.error();
  const std::vector<core::Digest> documents(blobs.begin(), blobs.end());
  const auto read = [&](const core::Digest& digest) { return store->get(digest); };
  return journal::fill_postgres(postgres, file.string(), documents, read);
}

core::Result<void> restore_into(const fs::path& folder, const fs::path& backup, const Manifest& manifest) {
  if (const auto restored = restore_files(backup, folder, manifest.files); !restored) return restored;
  if (const auto restored = restore_store(backup / store_name, folder / store_name, manifest.store); !restored)
    return restored;
  // Also where the backup's copy could be read by others, or not be written to.
  const auto journal = folder / journal_name;
  std::error_code failed;
  fs::permissions(journal, fs::perms::owner_read | fs::perms::owner_write, failed);
  if (failed) return file_problem(failed, "kept from others", journal);
  if (const auto fit = can_go_on(journal); !fit) return fit;
  return sync_tree(folder);
}

// Back again when it goes, unless it is to stay.
class MovedUp {
 public:
  MovedUp(fs::path from, fs::path to) : from_(std::move(from)), to_(std::move(to)) {}
  ~MovedUp() {
    std::error_code ignored;
    for (const auto& name : moved_) fs::rename(to_ / name, from_ / name, ignored);
  }
  MovedUp(const MovedUp&) = delete;
  MovedUp& operator=(const MovedUp&) = delete;

  core::Result<void> add(const fs::path& name) {
    std::error_code failed;
    if (fs::exists(fs::symlink_status(to_ / name, failed)))
      return core::Problem{"conflict", "it has come into the data folder meanwhile", (to_ / name).string(),
                           "stop the daemon that works there, and name a folder that is not there yet"};
    fs::rename(from_ / name, to_ / name, failed);
    if (failed) return file_problem(failed, "moved into place", to_ / name);
    moved_.push_back(name);
    return {};
  }
  void stay() { moved_.clear(); }

 private:
  fs::path from_, to_;
  std::vector<fs::path> moved_;
};

// All that is in the folder, the journal after all the rest is on the disk: nothing takes back what a database has. As
// a whole or not at all.
core::Result<void> move_up(const fs::path& folder, const fs::path& data, const std::set<core::Digest>& blobs,
                           const std::optional<journal::PostgresOptions>& postgres) {
  const auto entries = entries_of(folder);
  if (!entries) return entries.error();
  MovedUp moved(folder, data);
  for (const auto& entry : *entries) {
    const auto name = entry.filename();
    // What is beside the journal stays with it.
    if (name == journal_name || (postgres && name.string().starts_with(journal_name))) continue;
    if (const auto added = moved.add(name); !added) return added;
  }
  if (const auto synced = sync_tree(data); !synced) return synced;
  if (postgres) {
    const auto filled = into_postgres(*postgres, folder / journal_name, data / store_name, blobs);
    if (!filled) return filled;
  } else {
    if (const auto added = moved.add(journal_name); !added) return added;
    if (const auto synced = sync_tree(data); !synced) return synced;
  }
  moved.stay();
  return {};
}

}  // namespace

core::Result<void> must_be_restored(const fs::path& data) {
  std::error_code failed;
  if (!fs::exists(fs::symlink_status(data / unfinished_name, failed))) return {};
  return core::Problem{"conflict", "a restore has not ended here", (data / unfinished_name).string(),
                       "wait for `penstock restore`; where it was cut off, empty the folder and restore again", true};
}

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
  if (made) made = restore_into(unfinished, backup, *manifest);
  if (made) made = move_up(unfinished, data, manifest->store.blobs, postgres);
  runtime::remove_tree(unfinished);
  if (!made) {
    if (is_new) fs::remove(data, failed);
    return made.error();
  }
  const auto size = size_of(data);
  return Restored{manifest->id, manifest->events, size.files, size.bytes, manifest->lists_store};
}

}  // namespace penstock
