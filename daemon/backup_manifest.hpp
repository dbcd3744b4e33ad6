// What a backup says of itself, in MANIFEST.json:
//
//   {"backup": 2, "id", "made_at", "penstock", "events", "files": {path: "sha256:…"},
//    "store": {"blobs": ["sha256:…"], "trees": ["sha256:…"]}}
//
// An earlier Penstock wrote 1, which has "documents" (of the evidence, what daemons share) in the place of "store".
#pragma once

#include "daemon/backup_files.hpp"
#include "daemon/backup_store.hpp"

namespace penstock {

// Of a data folder and of a backup alike.
constexpr auto journal_name = "journal.db";
constexpr auto store_name = "store";

struct Manifest {
  std::string id;           // "bkp_…"
  std::int64_t events = 0;  // the newest event in its journal
  FileDigests files;        // all but those of the store, and the manifest; the journal is one of them
  StoreContent store;
  bool lists_store = true;  // false: an earlier one, whose `store` is what the backup has now
};

core::Result<void> write_manifest(const Manifest& manifest, core::Time made_at, const std::filesystem::path& folder);
// Of the backup in the folder. Problem "damaged".
core::Result<Manifest> read_manifest(const std::filesystem::path& folder);

}  // namespace penstock
