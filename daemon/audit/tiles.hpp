// The files' names and forms (https://c2sp.org/tlog-tiles), and the tree's right edge as they divide it. Pure.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "daemon/audit/merkle.hpp"

namespace penstock::audit {

constexpr std::uint64_t tile_width = 256;
constexpr int tile_height = 8;  // 2^8 hashes side by side

// "tile/0/x001/067", of a partial tile "tile/0/x001/067.p/12". `width` is 1 to 256.
std::string tile_path(int level, std::uint64_t n, std::uint64_t width);
// The same below "tile/entries".
std::string bundle_path(std::uint64_t n, std::uint64_t width);
// How many hashes the tile has in a log of `size` entries; 0 when it has none.
std::uint64_t width_of(int level, std::uint64_t n, std::uint64_t size);

// What a path names; nothing for a path that names no tile or bundle.
struct Tile {
  int level = 0;  // -1: a bundle of entries
  std::uint64_t n = 0;
  std::uint64_t width = 0;
  bool operator==(const Tile&) const = default;
};
std::optional<Tile> tile_of(std::string_view path);
std::string path_of(const Tile& tile);

std::string encode_tile(std::span<const Hash> hashes);
// Nothing when the bytes are no whole number of hashes.
std::optional<Hashes> decode_tile(std::string_view bytes);
// Each entry behind its length in two bytes, big-endian.
void append_entry(std::string& bundle, std::string_view entry);
// Nothing when a length leads beyond the end.
std::optional<std::vector<std::string>> decode_bundle(std::string_view bytes);

// Everything of a tree that can still change: the last, partial tile of each level.
class Edge {
 public:
  std::uint64_t size() const { return size_; }
  Hash root() const;
  // A tile that the leaf has filled is handed to `filled` before it is let go.
  template <class Filled>
  void append(const Hash& leaf, Filled filled) {
    auto hash = leaf;
    for (std::size_t level = 0;; ++level) {
      if (level == rows_.size()) rows_.emplace_back();
      auto& row = rows_[level];
      row.push_back(hash);
      if (row.size() < tile_width) break;
      filled(static_cast<int>(level), ((size_ + 1) >> (tile_height * static_cast<int>(level + 1))) - 1, row);
      Hashes whole;
      fold(row, whole);
      row.clear();
      hash = whole.front();
    }
    ++size_;
  }
  // By level; empty where a level's last tile is full.
  const std::vector<Hashes>& rows() const { return rows_; }
  // Of a log that is there already.
  static Edge of(std::uint64_t size, std::vector<Hashes> rows);

 private:
  std::uint64_t size_ = 0;
  std::vector<Hashes> rows_;
};

}  // namespace penstock::audit
