// Who wrote the newest change of a file, as the git work tree around it knows.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "daemon/core/result.hpp"

namespace penstock::sources {

// The author's e-mail address, in lower case, of the last commit that changed the file, as `git log -1` finds it: from
// HEAD along the parents that have the same content. `text` is what was read of the file: it counts, not what is there
// when git looks. Git believes whoever commits; a repository that only takes reviewed or signed commits makes it true.
//
// Problems, none of them transient: "no-work-tree", "not-committed" (no commit holds the file), "uncommitted-changes",
// "no-author", "no-history" (a shallow clone, more than 100 000 commits, or a repository that cannot be read). Blocks;
// reads the disk alone. From any thread.
core::Result<std::string> git_last_author(const std::filesystem::path& file, std::string_view text);

}  // namespace penstock::sources
