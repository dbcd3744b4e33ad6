#include "daemon/backup.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <fstream>
#include <set>

#include "daemon/backup_files.hpp"
#include "daemon/runtime/content_store.hpp"
#include "daemon/runtime/digest.hpp"

namespace penstock {
namespace fs = std::filesystem;
namespace {

using nlohmann::json;
constexpr auto journal_name = "journal.db";
constexpr auto store_name = "store";
constexpr auto manifest_name = "MANIFEST.json";

// What is not copied with the other files of the data folder: the journal and what is beside it, and backups.
bool is_copied_apart(const std::string& name) {
  return name.starts_with(journal_name) || name == store_name || name == "backups";
}

core::Result<void> write_manifest(const Backup& backup, core::Time made_at, const json& digests,
                                  const json& documents) {
  const json manifest{{"backup", 1},
                      {"id", backup.id},
                      {"made_at", core::to_text(made_at)},
                      {"penstock", PENSTOCK_VERSION},
                      {"events", backup.events},
                      {"files", digests},
                      {"documents", documents}};
  std::ofstream file(backup.folder / manifest_name, std::ios::binary);
  file << manifest.dump(1) << "\n";
  file.close();
  if (!file) return file_problem("written", backup.folder / manifest_name);
  return {};
}

core::Result<json> read_manifest(const fs::path& folder) {
  const auto text = small_file(folder / manifest_name);
  if (!text) return text.error();
  const auto manifest = json::parse(*text, nullptr, false);
  if (!manifest.is_object() || manifest.value("backup", json()) != 1 || !manifest.value("files", json()).is_object())
    return core::Problem{"damaged", "this is no manifest of a backup that this Penstock knows",
                         (folder / manifest_name).string(),
                         "name the folder of a backup; one of a newer Penstock is restored by that"};
  return manifest;
}

core::Result<void> copy_others(const fs::path& data, Backup& backup, json& digests) {
  std::set<fs::path> entries;  // in one order: of the audit log, the checkpoints come before the tiles they speak of
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(data, failed))
    if (!is_copied_apart(entry.path().filename().string())) entries.insert(entry.path());
  if (failed) return file_problem("listed", data);
  for (const auto& entry : entries)
    if (const auto copied = copy_hashed(entry, backup.folder / entry.filename(), backup.folder, digests); !copied)
      return copied.error();
  return {};
}

// Evidence that several daemons share: what this one has no copy of comes out of the journal. Their digests.
core::Result<json> copy_shared_documents(journal::Shared& shared, const fs::path& store) {
  constexpr int at_once = 1000;
  auto copies = runtime::ContentStore::open(store);
  if (!copies) return copies.error();
  json digests = json::array();
  for (core::Digest after;;) {
    const auto page = shared.documents_after(after, at_once);
    if (!page) return page.error();
    for (const auto& digest : *page) {
      digests.push_back(digest.text());
      if (copies->get(digest)) continue;
      const auto content = shared.document(digest);
      if (!content) return content.error();
      if (!*content)
        return core::Problem{"damaged", "evidence that the journal lists cannot be read from it", digest.text(),
                             "look into the database's log: nothing takes evidence away"};
      if (const auto kept = copies->put(**content); !kept) return kept.error();
    }
    if (page->size() < at_once) return digests;
    after = page->back();
  }
}

// It must be one that this Penstock can go on with.
core::Result<void> can_go_on(const fs::path& file) {
  const auto journal = journal::open_sqlite(file.string(), [](std::function<void()> done) { done(); });
  if (!journal) return journal.error();
  const auto newest = (*journal)->newest_seq();
  if (!newest) return newest.error();
  return {};
}

// The journal goes from the data folder into the database, and is in one place then.
core::Result<void> into_postgres(const journal::PostgresOptions& postgres, const fs::path& data,
                                 const json& documents) {
  const auto store = runtime::ContentStore::open(data / store_name);
  if (!store) return store.error();
  std::vector<core::Digest> digests;
  for (const auto& text : documents) {
    const auto digest = core::Digest::parse(text.is_string() ? text.get<std::string>() : "");
    if (!digest) return core::Problem{"damaged", "the manifest names a document by what is no digest", text.dump(), ""};
    digests.push_back(*digest);
  }
  const auto file = data / journal_name;
  const auto read = [&](const core::Digest& digest) { return store->get(digest); };
  if (const auto filled = journal::fill_postgres(postgres, file.string(), digests, read); !filled) return filled;
  std::error_code failed;
  for (const auto* beside : {"", "-wal", "-shm", ".lock"}) fs::remove(file.string() + beside, failed);
  return {};
}

core::Result<void> fill(const fs::path& data, journal::Journal& journal, core::Time now, Backup& backup) {
  json digests = json::object();
  if (const auto copied = copy_others(data, backup, digests); !copied) return copied;
  const auto newest = journal.newest_seq();
  if (!newest) return newest.error();
  backup.events = *newest;
  const auto file = backup.folder / journal_name;
  if (const auto copied = journal.copy_to(file.string()); !copied) return copied;
  const auto digest = runtime::sha256_file(file);
  if (!digest) return digest.error();
  digests[journal_name] = digest->text();
  // After the journal: what it names was there before it was journalled.
  if (fs::exists(data / store_name))
    if (const auto linked = link_store(data / store_name, backup.folder / store_name); !linked) return linked;
  json documents = json::array();
  if (auto* shared = journal.shared()) {
    auto copied = copy_shared_documents(*shared, backup.folder / store_name);
    if (!copied) return copied.error();
    documents = std::move(*copied);
  }
  return write_manifest(backup, now, digests, documents);
}

}  // namespace

core::Result<Backup> Backups::make() {
  if (busy_.exchange(true))
    return core::Problem{"conflict", "another backup is being made", "", "wait for it, then ask again", true};
  const auto now = clock_.now();
  Backup backup;
  backup.id = runtime::time_ordered_id("bkp_", now);
  const auto place = data_ / "backups" / backup.id;
  backup.folder = data_ / "backups" / (".unfinished-" + backup.id);
  std::error_code failed;
  fs::create_directories(backup.folder, failed);
  auto made = failed ? core::Result<void>(file_problem("made", backup.folder)) : fill(data_, journal_, now, backup);
  if (made) made = sync_tree(backup.folder);
  if (made) {
    fs::rename(backup.folder, place, failed);
    if (failed) made = file_problem("moved into place", place);
  }
  busy_ = false;
  if (!made) {
    remove_tree(backup.folder);
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

core::Result<Backup> restore_backup(const fs::path& folder, const fs::path& data,
                                    const std::optional<journal::PostgresOptions>& postgres) {
  const auto manifest = read_manifest(folder);
  if (!manifest) return manifest.error();
  std::error_code failed;
  if (fs::exists(data, failed) && !fs::is_empty(data, failed))
    return core::Problem{"conflict", "the data folder is not empty", data.string(),
                         "name a folder that is not there yet: nothing is overwritten"};
  Backup backup;
  backup.id = manifest->value("id", "");
  backup.events = manifest->value("events", std::int64_t{0});
  backup.folder = folder;
  auto made = restore_files(folder, data, (*manifest)["files"]);
  if (made && fs::exists(folder / store_name)) made = restore_store(folder / store_name, data / store_name);
  if (made) made = can_go_on(data / journal_name);
  if (made) made = sync_tree(data);
  // Last, as nothing takes it back.
  if (made && postgres) made = into_postgres(*postgres, data, manifest->value("documents", json::array()));
  if (!made) {
    remove_tree(data);
    return made.error();
  }
  const auto size = size_of(data);
  backup.files = size.files;
  backup.bytes = size.bytes;
  return backup;
}

}  // namespace penstock
