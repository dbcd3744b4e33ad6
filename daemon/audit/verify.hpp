// Whether a log's files are what was signed, entry by entry, with nothing but the files and the public key.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "daemon/audit/note.hpp"
#include "daemon/core/words.hpp"

namespace penstock::audit {

struct Fault {
  std::string where;  // a file, and the entry inside it
  std::string what;
};

// A witness that must have cosigned the log, and how much of it that is.
struct Witnessed {
  Verifier witness;
  std::uint64_t size = 0;  // of the largest checkpoint that it has cosigned
  core::Time at{};
};

struct Report {
  Checkpoint checkpoint;
  std::uint64_t entries = 0;         // that were read
  std::uint64_t checkpoints = 0;     // that were compared, with the newest one
  std::string first_at, last_at;     // by the wall clock
  std::vector<Fault> faults;         // none: everything is as it was signed
  std::vector<std::string> notes;    // what is no fault, and worth knowing
  std::vector<Witnessed> witnessed;  // one for each witness that was asked for, and has cosigned
  bool good() const { return faults.empty(); }
};

// Whether the folder holds something to verify. A log without its `checkpoint` does: that is a fault. Problem "no-log":
// there is no such folder, it cannot be read, or nothing of a log is in it.
core::Result<void> find_log(const std::filesystem::path& folder);

// Recomputes every hash of every file. Finds what was changed, dropped, exchanged or cut off, and says where. `others`
// are signed checkpoints that were kept elsewhere: with them, a log that was cut short together with its checkpoint is
// found too. Each of `witnesses` must have cosigned the newest checkpoint, or the one in its own file: without that
// it is a fault. Keeps one tile per level in memory, and what the attestations are about. A daemon may be at work in
// the folder: what is not good while it publishes is verified anew, at most twice, and then the log must also go on
// from every checkpoint that was there before.
Report verify(const std::filesystem::path& folder, const Verifier& verifier,
              const std::vector<std::string>& others = {}, const std::vector<Verifier>& witnesses = {});

}  // namespace penstock::audit
