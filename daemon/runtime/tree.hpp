// Folders as the content store sees them: read whole and without trust, made unchangeable, and removed.
#pragma once

#include <filesystem>
#include <string>

#include "daemon/core/result.hpp"
#include "daemon/core/words.hpp"
#include "daemon/runtime/content_store.hpp"

namespace penstock::runtime {

// The digest of `folder` (content_store.hpp says of what). Afterwards all below it is read-only and fsynced; `folder`
// itself stays writable, for a folder that is not cannot be renamed into place. Problem "unsafe-tree" for anything that
// is not a folder or a regular file with one name, and for names whose manifest line could be read in two ways.
core::Result<core::Digest> seal_tree(const std::filesystem::path& folder, const TreeLimits& limits);

// Removes it with everything below, read-only or not; links are removed, not followed. True when nothing is left.
bool remove_tree(const std::filesystem::path& folder);

// The disk's refusal of `act` ("kept", "read"): code "store-full" for ENOSPC and EDQUOT, otherwise "store-failed".
core::Problem disk_problem(int error, const std::string& act, const std::filesystem::path& where);

}  // namespace penstock::runtime
