// Backups: a folder from which a daemon's data folder can be made again, and be known to be whole.
//
//   <data>/backups/<id>/MANIFEST.json   {"backup": 1, "id", "made_at", "penstock", "events", "files": {path:
//   "sha256:…"}, "documents": ["sha256:…"]}
//                       journal.db      the journal at one instant
//                       store/          evidence and artifacts, which are named by their digests
//                       …               the other folders and files of the data folder, as they were before that
//
// Files of the store never change, so they are linked, not copied: a backup beside the data costs little and is made
// quickly. To outlive the disk it is copied elsewhere as any folder is (rsync, tar).
#pragma once

#include <atomic>
#include <filesystem>
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

// While the daemon runs. One at a time. Problems: "conflict" while another one is made, "not-supported" where the
// journal is kept in memory, "disk-full" and others of the file system; nothing is left of a backup that failed.
class Backups {
 public:
  Backups(std::filesystem::path data, journal::Journal& journal, const runtime::Clock& clock)
      : data_(std::move(data)), journal_(journal), clock_(clock) {}
  core::Result<Backup> make();

 private:
  std::filesystem::path data_;
  journal::Journal& journal_;
  const runtime::Clock& clock_;
  std::atomic<bool> busy_ = false;
};

// {"id", "folder", "events", "files", "bytes"}.
core::Result<nlohmann::json> told(const core::Result<Backup>& backup);

// Makes the data folder again, which must be empty or absent, after every byte of the backup was looked at. Problem
// "damaged" names the first file that is not what it was. With `postgres` the journal goes into that database, whatever
// it came from, and not into the folder; "conflict" when daemons have worked on the schema.
core::Result<Backup> restore_backup(const std::filesystem::path& backup, const std::filesystem::path& data,
                                    const std::optional<journal::PostgresOptions>& postgres = std::nullopt);

}  // namespace penstock
