// Files of backups: copied with their digests, linked, looked at, and made again.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>

#include "daemon/core/result.hpp"

namespace penstock {

// After a call that has failed: what could not be `done`, and why.
core::Problem file_problem(const std::string& done, const std::filesystem::path& file);
// At most 64 MiB.
core::Result<std::string> small_file(const std::filesystem::path& file);

// A file, or a folder with all that is in it, in the order of names. Adds to `digests` path below `root` -> "sha256:…",
// of the copies. Only regular files and folders are copied.
core::Result<void> copy_hashed(const std::filesystem::path& from, const std::filesystem::path& to,
                               const std::filesystem::path& root, nlohmann::json& digests);
// Links every file of blobs/ and trees/.
core::Result<void> link_store(const std::filesystem::path& from, const std::filesystem::path& to);

// Copies just the files of the manifest; Problem "damaged" for one that is missing, differs, or leaves the folder.
core::Result<void> restore_files(const std::filesystem::path& from, const std::filesystem::path& to,
                                 const nlohmann::json& digests);
// Copies blobs and trees, each of which must have the digest that it is named by.
core::Result<void> restore_store(const std::filesystem::path& from, const std::filesystem::path& to);

struct Size {
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
};
Size size_of(const std::filesystem::path& folder);
// Everything below it is on the disk when it returns.
core::Result<void> sync_tree(const std::filesystem::path& folder);
// Stored trees are read-only; they go all the same.
void remove_tree(const std::filesystem::path& folder);

}  // namespace penstock
