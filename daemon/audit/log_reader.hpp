// A log as its files tell it: hashes of subtrees, for roots and proofs, and entries. Checks nothing by itself: whoever
// has a signed root compares.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "daemon/audit/tiles.hpp"
#include "daemon/core/result.hpp"

namespace penstock::audit {

// Blocks on the disk. One thread at a time. Keeps the tiles it has read: made for one question.
class LogReader {
 public:
  // The log's first `size` entries, in a folder that has at least them.
  LogReader(std::filesystem::path folder, std::uint64_t size) : folder_(std::move(folder)), size_(size) {}

  std::uint64_t size() const { return size_; }
  // Problem "audit-damaged" names the file that is missing or has the wrong length.
  core::Result<Hashes> tile(int level, std::uint64_t n);
  core::Result<std::vector<std::string>> bundle(std::uint64_t n);
  // For root_of(), inclusion_proof(), consistency_proof(). Refers to this reader.
  Subtree subtrees();
  core::Result<Hash> root() { return root_of(size_, subtrees()); }
  // The right edge. Problem "audit-damaged".
  core::Result<Edge> edge();

 private:
  // The bytes of the tile, or of the wider one that has taken its place.
  core::Result<std::string> bytes(int level, std::uint64_t n, std::uint64_t width, std::size_t most);

  std::filesystem::path folder_;
  std::uint64_t size_ = 0;
  std::map<std::pair<int, std::uint64_t>, Hashes> tiles_;
};

// The longest file of each kind.
constexpr std::size_t longest_tile = tile_width * sizeof(Hash);
constexpr std::size_t longest_bundle = tile_width * (2 + 65535);
constexpr std::size_t longest_note = 16384;

}  // namespace penstock::audit
