// The content store in backups: documents of evidence (blobs) and artifacts (trees), each known by its digest. They
// never change, so they are linked.
#pragma once

#include <filesystem>
#include <set>

#include "daemon/core/result.hpp"
#include "daemon/core/words.hpp"

namespace penstock {

struct StoreContent {
  std::set<core::Digest> blobs, trees;
};

core::Result<void> link_store(const std::filesystem::path& from, const std::filesystem::path& to);
// By their names; what has no digest's name, or lies in another one's place, is none of the store's. Nothing of a store
// that is not there.
core::Result<StoreContent> content_of_store(const std::filesystem::path& store);
// That each is what its name says, which is read for that: Problem "damaged" names the first that is not, below the
// folder that the store is in.
core::Result<void> verify_store(const std::filesystem::path& store, const StoreContent& content);
// Copies what is wanted and nothing else; Problem "damaged" for what is missing or is not what its name says.
core::Result<void> restore_store(const std::filesystem::path& from, const std::filesystem::path& to,
                                 const StoreContent& wanted);

}  // namespace penstock
