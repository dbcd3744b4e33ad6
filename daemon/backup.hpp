// Backups: a folder from which a daemon's data folder can be made again, and be known to be whole.
//
//   <data>/backups/<id>/MANIFEST.json   which files, documents and artifacts are in it (backup_manifest.hpp)
//                       journal.db      the journal at one instant
//                       store/          evidence and artifacts, which are named by their digests
//                       …               the other folders and files of the data folder, as they were before that; not
//                                       what the sources have fetched
//
// Only its owner can look into it. Files of the store never change, so they are linked, not copied, and read once to
// see that they are what their names say: a backup beside the data takes little room. To outlive the disk it is copied
// elsewhere as any folder is (rsync, tar).
#pragma once

#include <filesystem>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>

#include "daemon/journal/journal.hpp"
#include "daemon/journal/postgres.hpp"
#include "daemon/runtime/clock.hpp"

namespace penstock {

struct Backup {
  std::string id;  // "bkp_…"
  std::filesystem::path folder;
  std::int64_t events = 0;  // the newest event in it
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;  // linked ones included
};

// While the daemon runs, which has the data folder to itself. One at a time. Problems: "conflict" while another one is
// made, "not-supported" where the journal is kept in memory or something cannot be copied, "damaged" where the journal
// or the store is, "disk-full" and others of the file system; nothing is left of a backup that failed, and the next one
// removes what is left of one that was cut off.
class Backups {
 public:
  Backups(std::filesystem::path data, journal::Journal& journal, const runtime::Clock& clock)
      : data_(std::move(data)), journal_(journal), clock_(clock) {}
  core::Result<Backup> make();

 private:
  std::filesystem::path data_;
  journal::Journal& journal_;
  const runtime::Clock& clock_;
  std::mutex making_;
};

// {"id", "folder", "events", "files", "bytes"}.
core::Result<nlohmann::json> told(const core::Result<Backup>& backup);

struct Restored {
  std::string id;           // of the backup
  std::int64_t events = 0;  // the newest event in it
  std::uint64_t files = 0;  // in the data folder
  std::uint64_t bytes = 0;
  // Whether the backup says which evidence and artifacts it had: one of an earlier Penstock does not, and nobody can
  // tell whether some are missing.
  bool lists_store = true;
};

// Makes the data folder again, which must be empty or absent, after every byte of the backup was looked at. The journal
// comes last, when all the rest is on the disk. Problem "damaged" names the first file that is missing or not what it
// was; nothing is left then, and nothing that was there before is removed. With `postgres` the journal goes into that
// database with all evidence, whatever it came from, and not into the folder; "conflict" when daemons have worked on
// the schema, or something was restored into it.
core::Result<Restored> restore_backup(const std::filesystem::path& backup, const std::filesystem::path& data,
                                      const std::optional<journal::PostgresOptions>& postgres = std::nullopt);
// Before a daemon makes anything in the folder. Problem "conflict" while a restore goes on in it, and after one that
// was cut off.
core::Result<void> must_be_restored(const std::filesystem::path& data);

}  // namespace penstock
