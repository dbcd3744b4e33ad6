// A folder of a commit, written out as plain files.
#pragma once

#include "plugins/sources/git_repository.hpp"

namespace penstock::sources {

struct GitExportLimits {
  std::uint64_t max_bytes = 0;
  std::function<bool()> is_late;
};

// Writes the folder (or the single file) at `path` of the commit below `to`; when `to` is empty nothing is written and
// it is only found out whether it could be. Symbolic links, submodules, names that leave the folder ("unsafe-tree") and
// Git-LFS pointers in place of files ("lfs-pointer") are refused. At most 100 000 entries, 32 levels.
core::Result<void> export_from_git(const GitRepository& repository, const std::string& commit, const std::string& path,
                                   const std::filesystem::path& to, GitExportLimits limits);

}  // namespace penstock::sources
