#include "daemon/audit/merkle.hpp"

#include <bit>

namespace penstock::audit {
namespace {

std::string_view bytes_of(const Hash& hash) { return {reinterpret_cast<const char*>(hash.data()), hash.size()}; }

// The largest power of two below n; n > 1.
std::uint64_t split_of(std::uint64_t n) { return std::bit_floor(n - 1); }

// Every range that the RFC's recursion meets is complete, or touches the right edge; it always begins at a multiple of
// its length rounded up to a power of two.
core::Result<Hash> range_hash(std::uint64_t begin, std::uint64_t end, const Subtree& subtree) {
  const auto count = end - begin;
  if (std::has_single_bit(count)) {
    const auto level = std::countr_zero(count);
    return subtree(level, begin >> level);
  }
  const auto middle = begin + split_of(count);
  const auto left = range_hash(begin, middle, subtree);
  if (!left) return left;
  const auto right = range_hash(middle, end, subtree);
  if (!right) return right;
  return node_hash(*left, *right);
}

core::Problem bad_range(std::uint64_t first, std::uint64_t size) {
  return {"bad-range", std::to_string(first) + " is not inside a log of " + std::to_string(size) + " entries", "",
          "ask for an entry or a size that the log has", false};
}

// PATH(m, D) of RFC 9162 §2.1.3.1.
core::Result<void> path(std::uint64_t index, std::uint64_t begin, std::uint64_t end, const Subtree& subtree,
                        Hashes& proof) {
  if (end - begin == 1) return {};
  const auto middle = begin + split_of(end - begin);
  const bool is_left = index < middle;
  if (auto done = is_left ? path(index, begin, middle, subtree, proof) : path(index, middle, end, subtree, proof);
      !done)
    return done;
  const auto sibling = is_left ? range_hash(middle, end, subtree) : range_hash(begin, middle, subtree);
  if (!sibling) return sibling.error();
  proof.push_back(*sibling);
  return {};
}

// SUBPROOF(m, D, b) of RFC 9162 §2.1.4.1; `former` is counted from `begin`.
core::Result<void> subproof(std::uint64_t former, std::uint64_t begin, std::uint64_t end, bool is_whole,
                            const Subtree& subtree, Hashes& proof) {
  const auto count = end - begin;
  if (former == count) {
    if (is_whole) return {};
    const auto known = range_hash(begin, end, subtree);
    if (!known) return known.error();
    proof.push_back(*known);
    return {};
  }
  const auto split = split_of(count);
  const bool is_left = former <= split;
  if (auto done = is_left ? subproof(former, begin, begin + split, is_whole, subtree, proof)
                          : subproof(former - split, begin + split, end, false, subtree, proof);
      !done)
    return done;
  const auto sibling = is_left ? range_hash(begin + split, end, subtree) : range_hash(begin, begin + split, subtree);
  if (!sibling) return sibling.error();
  proof.push_back(*sibling);
  return {};
}

}  // namespace

Hash leaf_hash(std::string_view entry) { return runtime::sha256_raw(std::string_view("\0", 1), entry); }

Hash node_hash(const Hash& left, const Hash& right) {
  std::array<char, 33> first{};
  first[0] = 1;
  std::copy(left.begin(), left.end(), reinterpret_cast<unsigned char*>(first.data()) + 1);
  return runtime::sha256_raw({first.data(), first.size()}, bytes_of(right));
}

Hash empty_root() { return runtime::sha256_raw(""); }

core::Result<Hash> root_of(std::uint64_t size, const Subtree& subtree) {
  if (size == 0) return empty_root();
  return range_hash(0, size, subtree);
}

core::Result<Hashes> inclusion_proof(std::uint64_t index, std::uint64_t size, const Subtree& subtree) {
  if (index >= size) return bad_range(index, size);
  Hashes proof;
  if (auto done = path(index, 0, size, subtree, proof); !done) return done.error();
  return proof;
}

core::Result<Hashes> consistency_proof(std::uint64_t former, std::uint64_t size, const Subtree& subtree) {
  if (former > size) return bad_range(former, size);
  Hashes proof;
  if (former == 0) return proof;
  if (auto done = subproof(former, 0, size, true, subtree, proof); !done) return done.error();
  return proof;
}

bool includes(const Hash& leaf, std::uint64_t index, std::uint64_t size, const Hash& root,
              std::span<const Hash> proof) {
  if (index >= size) return false;
  auto fn = index;
  auto sn = size - 1;
  auto hash = leaf;
  for (const auto& sibling : proof) {
    if (sn == 0) return false;
    if ((fn & 1) == 1 || fn == sn) {
      hash = node_hash(sibling, hash);
      while ((fn & 1) == 0 && fn != 0) {
        fn >>= 1;
        sn >>= 1;
      }
    } else {
      hash = node_hash(hash, sibling);
    }
    fn >>= 1;
    sn >>= 1;
  }
  return sn == 0 && hash == root;
}

bool is_consistent(std::uint64_t former, const Hash& former_root, std::uint64_t size, const Hash& root,
                   std::span<const Hash> proof) {
  if (former > size) return false;
  if (former == 0) return proof.empty() && former_root == empty_root() && (size != 0 || root == former_root);
  if (former == size) return proof.empty() && former_root == root;
  // A former tree that is complete is its own first hash.
  Hashes hashes;
  if (std::has_single_bit(former)) hashes.push_back(former_root);
  hashes.insert(hashes.end(), proof.begin(), proof.end());
  if (hashes.empty()) return false;
  auto fn = former - 1;
  auto sn = size - 1;
  while ((fn & 1) == 1) {
    fn >>= 1;
    sn >>= 1;
  }
  auto former_hash = hashes.front();
  auto hash = hashes.front();
  for (std::size_t i = 1; i < hashes.size(); ++i) {
    if (sn == 0) return false;
    if ((fn & 1) == 1 || fn == sn) {
      former_hash = node_hash(hashes[i], former_hash);
      hash = node_hash(hashes[i], hash);
      while ((fn & 1) == 0 && fn != 0) {
        fn >>= 1;
        sn >>= 1;
      }
    } else {
      hash = node_hash(hash, hashes[i]);
    }
    fn >>= 1;
    sn >>= 1;
  }
  return sn == 0 && former_hash == former_root && hash == root;
}

void fold(std::span<const Hash> row, Hashes& subtrees) {
  while (!row.empty()) {
    const auto count = std::bit_floor(row.size());
    Hashes layer(row.begin(), row.begin() + static_cast<std::ptrdiff_t>(count));
    for (; layer.size() > 1; layer.resize(layer.size() / 2))
      for (std::size_t i = 0; i < layer.size() / 2; ++i) layer[i] = node_hash(layer[2 * i], layer[2 * i + 1]);
    subtrees.push_back(layer.front());
    row = row.subspan(count);
  }
}

Hash join(std::span<const Hash> subtrees) {
  if (subtrees.empty()) return empty_root();
  auto hash = subtrees.back();
  for (auto i = subtrees.size() - 1; i-- > 0;) hash = node_hash(subtrees[i], hash);
  return hash;
}

}  // namespace penstock::audit
