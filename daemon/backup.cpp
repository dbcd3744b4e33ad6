#include "daemon/backup.hpp"

#include <algorithm>

#include "daemon/backup_manifest.hpp"
#include "daemon/runtime/content_store.hpp"
#include "daemon/runtime/digest.hpp"
#include "daemon/runtime/tree.hpp"

namespace penstock {
namespace fs = std::filesystem;
namespace {

using nlohmann::json;
constexpr auto backups_name = "backups";
constexpr auto sources_name = "sources";
constexpr auto unfinished = ".unfinished-";

// What is not copied with the other files of the data folder: the journal and what is beside it, backups, and what the
// sources have fetched, which strangers name and which is fetched again.
bool is_left_out(const std::string& name) {
  return name.starts_with(journal_name) || name == store_name || name == backups_name || name == sources_name;
}

// A folder that was moved to another disk, with a link in its place, is copied as the folder that it is to the daemon.
// Not one that leads to where the backup is made, which would hold itself.
core::Result<fs::path> followed(const fs::path& entry, const fs::path& backup) {
  std::error_code failed;
  if (!fs::is_symlink(fs::symlink_status(entry, failed))) return entry;
  const auto place = fs::canonical(entry, failed);
  if (failed) return file_problem(failed, "followed", entry);
  const auto made_in = fs::canonical(backup, failed);
  if (failed) return file_problem(failed, "followed", backup);
  const auto parted = std::mismatch(place.begin(), place.end(), made_in.begin(), made_in.end());
  return parted.first == place.end() ? entry : place;
}

core::Result<void> copy_others(const fs::path& data, const fs::path& to, FileDigests& digests) {
  const auto entries = entries_of(data);
  if (!entries) return entries.error();
  for (const auto& entry : *entries) {
    if (is_left_out(entry.filename().string())) continue;
    const auto place = followed(entry, to);
    if (!place) return place.error();
    if (const auto copied = copy_hashed(*place, to / entry.filename(), to, digests); !copied) return copied;
  }
  return {};
}

// Evidence that several daemons share: what this one has no copy of comes out of the journal.
core::Result<void> copy_shared_documents(journal::Shared& shared, const fs::path& store) {
  constexpr int at_once = 1000;
  auto copies = runtime::ContentStore::open(store);
  if (!copies) return copies.error();
  for (core::Digest after;;) {
    const auto page = shared.documents_after(after, at_once);
    if (!page) return page.error();
    for (const auto& digest : *page) {
      if (copies->get(digest)) continue;
      const auto content = shared.document(digest);
      if (!content) return content.error();
      if (!*content)
        return core::Problem{"damaged", "evidence that the journal lists cannot be read from it", digest.text(),
                             "look into the database's log: nothing takes evidence away"};
      if (const auto kept = copies->put(**content); !kept) return kept.error();
    }
    if (page->size() < at_once) return {};
    after = page->back();
  }
}

core::Result<void> fill(const fs::path& data, journal::Journal& journal, core::Time now, Backup& backup) {
  Manifest manifest;
  manifest.id = backup.id;
  if (const auto copied = copy_others(data, backup.folder, manifest.files); !copied) return copied;
  const auto newest = journal.newest_seq();
  if (!newest) return newest.error();
  backup.events = manifest.events = *newest;
  const auto file = backup.folder / journal_name;
  if (const auto copied = journal.copy_to(file.string()); !copied) return copied;
  const auto digest = runtime::sha256_file(file);
  if (!digest) return digest.error();
  manifest.files[journal_name] = *digest;
  // After the journal: what it names was there before it was journalled.
  const auto store = backup.folder / store_name;
  if (const auto linked = link_store(data / store_name, store); !linked) return linked;
  if (auto* shared = journal.shared())
    if (const auto copied = copy_shared_documents(*shared, store); !copied) return copied;
  auto content = content_of_store(store);
  if (!content) return content.error();
  if (const auto whole = verify_store(store, *content); !whole) return whole;
  manifest.store = std::move(*content);
  return write_manifest(manifest, now, backup.folder);
}

core::Result<void> move_into_place(const fs::path& from, const fs::path& to) {
  if (const auto synced = sync_tree(from); !synced) return synced;
  std::error_code failed;
  fs::rename(from, to, failed);
  if (failed) return file_problem(failed, "moved into place", to);
  return sync_tree(to.parent_path());
}

// What a daemon that was killed has left: none is being made now.
void remove_unfinished(const fs::path& backups) {
  const auto entries = entries_of(backups);
  if (!entries) return;
  for (const auto& entry : *entries)
    if (entry.filename().string().starts_with(unfinished)) runtime::remove_tree(entry);
}

}  // namespace

core::Result<Backup> Backups::make() {
  const std::unique_lock alone(making_, std::try_to_lock);
  if (!alone) return core::Problem{"conflict", "another backup is being made", "", "wait for it, then ask again", true};
  const auto now = clock_.now();
  const auto all = data_ / backups_name;
  remove_unfinished(all);
  Backup backup;
  backup.id = runtime::time_ordered_id("bkp_", now);
  backup.folder = all / (unfinished + backup.id);
  const auto place = all / backup.id;
  auto made = make_private(all);
  if (made) made = make_private(backup.folder);
  if (made) made = fill(data_, journal_, now, backup);
  if (made) made = move_into_place(backup.folder, place);
  if (!made) {
    for (const auto& folder : {backup.folder, place}) runtime::remove_tree(folder);
    return made.error();
  }
  backup.folder = place;
  const auto size = size_of(place);
  backup.files = size.files;
  backup.bytes = size.bytes;
  return backup;
}

core::Result<json> told(const core::Result<Backup>& backup) {
  if (!backup) return backup.error();
  return json{{"id", backup->id},
              {"folder", backup->folder.string()},
              {"events", backup->events},
              {"files", backup->files},
              {"bytes", backup->bytes}};
}

}  // namespace penstock
