// Files of backups: copied with their digests, looked at, and made again.
#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <system_error>

#include "daemon/core/result.hpp"
#include "daemon/core/words.hpp"

namespace penstock {

// Path below a backup's folder -> digest of the file.
using FileDigests = std::map<std::string, core::Digest>;

// What could not be `done`, and why. Problems "disk-full" and "unwritable".
core::Problem file_problem(const std::error_code& failed, const std::string& done, const std::filesystem::path& file);
// Of a backup that nothing is made of. Problem "damaged".
core::Problem damaged_backup(const std::string& why, const std::filesystem::path& file);

// Problem "too-large" for a file of more than `most` bytes.
core::Result<std::string> small_file(const std::filesystem::path& file, std::uintmax_t most);
// By name, so that the same folder is always gone through in the same order; none of a folder that is not there.
core::Result<std::set<std::filesystem::path>> entries_of(const std::filesystem::path& folder);
// Makes the folder, for its owner alone whatever the umask is; one that is there is left as it is.
core::Result<void> make_private(const std::filesystem::path& folder);

// A file, or a folder with all that is in it. Adds to `digests` those of the copies, by path below `root`. Sockets and
// the like are left out; what has been copied before is left as it is. An audit log that is published meanwhile is one
// in the copy too: its tiles cover its checkpoint, no checkpoint that it keeps is newer than that, and it has all
// attestations that are counted. Problem "not-supported" for a link, and for a name that is not UTF-8.
core::Result<void> copy_hashed(const std::filesystem::path& from, const std::filesystem::path& to,
                               const std::filesystem::path& root, FileDigests& digests);

// A copy that has the digest; Problem "damaged" where the file is missing or differs.
core::Result<void> restore_file(const std::filesystem::path& from, const std::filesystem::path& to,
                                const core::Digest& wanted);
// Just the files that are named; Problem "damaged" also for a name that leaves the folder.
core::Result<void> restore_files(const std::filesystem::path& from, const std::filesystem::path& to,
                                 const FileDigests& digests);

struct Size {
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
};
Size size_of(const std::filesystem::path& folder);
// Everything below it is on the disk when it returns.
core::Result<void> sync_tree(const std::filesystem::path& folder);

}  // namespace penstock
