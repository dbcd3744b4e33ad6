// The tree: RFC 6962's hashes against a second, slower way of computing them, and every proof of every small tree.
#include "daemon/audit/merkle.hpp"

#include "daemon/audit/tiles.hpp"
#include "tests/catch.hpp"

using namespace penstock;
using namespace penstock::audit;

namespace {

std::string hex(const Hash& hash) { return runtime::hex({reinterpret_cast<const char*>(hash.data()), hash.size()}); }

// MTH of RFC 9162 §2.1.1, word by word.
Hash slow_root(std::span<const std::string> entries) {
  if (entries.empty()) return empty_root();
  if (entries.size() == 1) return leaf_hash(entries[0]);
  std::size_t split = 1;
  while (split * 2 < entries.size()) split *= 2;
  return node_hash(slow_root(entries.subspan(0, split)), slow_root(entries.subspan(split)));
}

std::vector<std::string> some_entries(std::size_t count) {
  std::vector<std::string> entries;
  for (std::size_t i = 0; i < count; ++i) entries.push_back("entry " + std::to_string(i * i));
  return entries;
}

// Complete subtrees, computed from the entries themselves.
Subtree from(const std::vector<std::string>& entries) {
  return [&entries](int level, std::uint64_t index) -> core::Result<Hash> {
    const auto count = std::size_t{1} << level;
    if ((index + 1) * count > entries.size()) throw std::logic_error("a subtree that is not complete was asked for");
    return slow_root(std::span(entries).subspan(index * count, count));
  };
}

// Also the uncommon ways to spoil a proof: too long, too short, two hashes exchanged.
template <class Holds>
void check_tampered(const Hashes& proof, Holds holds) {
  for (std::size_t i = 0; i < proof.size(); ++i) {
    auto changed = proof;
    changed[i][i % 32] ^= static_cast<unsigned char>(1 << (i % 8));
    CHECK_FALSE(holds(changed));
    auto shorter = proof;
    shorter.erase(shorter.begin() + static_cast<std::ptrdiff_t>(i));
    CHECK_FALSE(holds(shorter));
    if (i == 0) continue;
    auto exchanged = proof;
    std::swap(exchanged[i], exchanged[i - 1]);
    CHECK_FALSE(holds(exchanged));
  }
  for (const auto& extra : {empty_root(), proof.empty() ? Hash{} : proof.back()}) {
    auto longer = proof;
    longer.push_back(extra);
    CHECK_FALSE(holds(longer));
    longer = proof;
    longer.insert(longer.begin(), extra);
    CHECK_FALSE(holds(longer));
  }
}

}  // namespace

TEST_CASE("the hashes are those of RFC 6962") {
  CHECK(hex(empty_root()) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(hex(leaf_hash("")) == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
  // SHA-256 of 01, 00…00, 00…00, computed apart from this program.
  CHECK(hex(node_hash(Hash{}, Hash{})) == "ae0798d0ecaed2b778eddebf18f071a561c53658c05e76cedecc27cafbdbc577");
  // Eight short entries, computed apart from this program.
  using namespace std::string_literals;
  const std::vector<std::string> entries{"",
                                         "\x00"s,
                                         "\x10",
                                         "\x20\x21",
                                         "\x30\x31",
                                         "\x40\x41\x42\x43",
                                         "\x50\x51\x52\x53\x54\x55\x56\x57",
                                         "\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f"};
  CHECK(hex(slow_root(entries)) == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");
  CHECK(hex(root_of(5, from(entries)).value()) == "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4");
}

TEST_CASE("a tree that grows leaf by leaf has the root of the tree that is made at once") {
  const auto entries = some_entries(70'000);
  Edge edge;
  CHECK(edge.root() == empty_root());
  std::map<std::pair<int, std::uint64_t>, Hashes> tiles;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    edge.append(leaf_hash(entries[i]), [&](int level, std::uint64_t n, const Hashes& row) {
      CHECK(row.size() == tile_width);
      CHECK(tiles.emplace(std::pair(level, n), row).second);
    });
    const auto size = i + 1;
    if (size < 600 || size % 9973 == 0 || (size > 65'530 && size < 65'540))
      if (edge.root() != slow_root(std::span(entries).subspan(0, size))) FAIL("of size " << size);
  }
  CHECK(edge.size() == entries.size());
  CHECK(tiles.size() == 70'000 / 256 + 1);
  CHECK(tiles.contains({1, 0}));
  // A tile of level 1 is made of whole tiles of level 0.
  CHECK(tiles.at({1, 0})[7] == slow_root(std::span(entries).subspan(7 * 256, 256)));
}

TEST_CASE("every inclusion proof of every tree of up to 200 leaves holds, and no tampered one does") {
  const auto entries = some_entries(200);
  for (std::uint64_t size = 1; size <= entries.size(); size += size < 70 ? 1 : 13) {
    const auto root = slow_root(std::span(entries).subspan(0, size));
    for (std::uint64_t index = 0; index < size; ++index) {
      const auto proof = inclusion_proof(index, size, from(entries)).value();
      const auto leaf = leaf_hash(entries[index]);
      if (!includes(leaf, index, size, root, proof)) FAIL(index << " in " << size);
      // Every proof holds; the ways to spoil one are tried at each size on some.
      if (index % 7 != size % 7) continue;
      check_tampered(proof, [&](const Hashes& other) { return includes(leaf, index, size, root, other); });
      CHECK_FALSE(includes(leaf_hash("another"), index, size, root, proof));
      CHECK_FALSE(includes(leaf, index, size, leaf, size == 1 ? Hashes{leaf} : proof));
      for (std::uint64_t other = 0; other < size + 2; ++other)
        if (other != index && includes(leaf, other, size, root, proof)) FAIL(index << " as " << other);
      CHECK_FALSE(includes(leaf, size, size, root, proof));
    }
  }
}

TEST_CASE("every consistency proof between trees of up to 200 leaves holds, and no tampered one does") {
  const auto entries = some_entries(200);
  Hashes roots;
  for (std::size_t size = 0; size <= entries.size(); ++size)
    roots.push_back(slow_root(std::span(entries).subspan(0, size)));
  for (std::uint64_t size = 1; size <= entries.size(); size += size < 70 ? 1 : 13) {
    for (std::uint64_t former = 0; former <= size; ++former) {
      const auto proof = consistency_proof(former, size, from(entries)).value();
      if (!is_consistent(former, roots[former], size, roots[size], proof)) FAIL(former << " to " << size);
      if (former % 7 != size % 7) continue;
      check_tampered(
          proof, [&](const Hashes& other) { return is_consistent(former, roots[former], size, roots[size], other); });
      CHECK_FALSE(is_consistent(former, leaf_hash("x"), size, roots[size], proof));
      if (former > 0) CHECK_FALSE(is_consistent(former, roots[former], size, leaf_hash("x"), proof));
      for (std::uint64_t other = 1; other <= entries.size(); ++other)
        if (other != former && is_consistent(other, roots[former], size, roots[size], proof))
          FAIL(former << " as " << other);
    }
  }
}

TEST_CASE("a proof of what the log does not have is refused, and so is one from the future") {
  const auto entries = some_entries(8);
  CHECK(inclusion_proof(8, 8, from(entries)).error().code == "bad-range");
  CHECK(inclusion_proof(0, 0, from(entries)).error().code == "bad-range");
  CHECK(consistency_proof(9, 8, from(entries)).error().code == "bad-range");
  CHECK_FALSE(is_consistent(9, empty_root(), 8, empty_root(), {}));
  CHECK_FALSE(includes(empty_root(), 0, 0, empty_root(), {}));
  CHECK(is_consistent(0, empty_root(), 0, empty_root(), {}));
  CHECK_FALSE(is_consistent(0, empty_root(), 0, leaf_hash("x"), {}));
}
