// The Merkle tree of RFC 6962 §2.1 and RFC 9162 §2.1: hashes, proofs, and whether a proof holds. Pure.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "daemon/core/result.hpp"
#include "daemon/runtime/digest.hpp"

namespace penstock::audit {

using runtime::Hash;
using Hashes = std::vector<Hash>;

Hash leaf_hash(std::string_view entry);
Hash node_hash(const Hash& left, const Hash& right);
// Of the tree without leaves.
Hash empty_root();

// The hash of the complete subtree with 2^level leaves that begins at leaf index * 2^level. A Problem ends the whole
// computation.
using Subtree = std::function<core::Result<Hash>(int level, std::uint64_t index)>;

// The root of the first `size` leaves.
core::Result<Hash> root_of(std::uint64_t size, const Subtree& subtree);
// That the leaf `index` is in the tree of `size` leaves; index < size. Problem "bad-range" otherwise.
core::Result<Hashes> inclusion_proof(std::uint64_t index, std::uint64_t size, const Subtree& subtree);
// That the tree of `size` leaves begins with that of `former` leaves; former <= size, empty for 0 and for `size`.
core::Result<Hashes> consistency_proof(std::uint64_t former, std::uint64_t size, const Subtree& subtree);

// RFC 9162 §2.1.3.2 and §2.1.4.2. A consistency from size 0 holds for the empty root and without hashes only.
bool includes(const Hash& leaf, std::uint64_t index, std::uint64_t size, const Hash& root, std::span<const Hash> proof);
bool is_consistent(std::uint64_t former, const Hash& former_root, std::uint64_t size, const Hash& root,
                   std::span<const Hash> proof);

// Folds a run of subtrees of one height that begins at a multiple of its rounded-up length: the complete subtrees
// inside, from left to right. For 5 hashes: that of the first four, and the fifth.
void fold(std::span<const Hash> row, Hashes& subtrees);
// The root over complete subtrees of falling height, from left to right.
Hash join(std::span<const Hash> subtrees);

}  // namespace penstock::audit
